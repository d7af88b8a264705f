//! A least-recently-used cache of entries with weights, which can be pinned.

use std::borrow::Borrow;
use std::hash::Hash;
use std::marker::PhantomData;

/// Tells the time.
pub trait Clock {
    /// Returns the time now. It never goes back.
    fn now(&self) -> u64;
}

/// Why a request was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// There is no live entry with this key.
    Unknown,
    /// The weight is greater than the capacity.
    TooHeavy,
    /// The entry is pinned.
    Pinned,
    /// Pinned entries leave no room.
    NoRoom,
}

/// Why an entry left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// It was dead.
    Expired,
    /// Another one with the same key took its place.
    Replaced,
    /// It made room.
    Evicted,
}

/// An entry that has left the cache.
#[derive(Debug, PartialEq, Eq)]
pub struct Gone<K, V> {
    pub key: K,
    pub value: V,
    pub cause: Cause,
}

/// What was to be stored, and why it was not.
#[derive(Debug, PartialEq, Eq)]
pub struct Refused<K, V> {
    pub key: K,
    pub value: V,
    pub why: Why,
}

/// The cache.
pub struct PinCache<K, V, C> {
    _entries: PhantomData<(K, V, C)>,
}

impl<K: Eq + Hash, V, C: Clock> PinCache<K, V, C> {
    /// Returns an empty cache.
    ///
    /// # Panics
    ///
    /// If `idle` is `Some(0)`.
    pub fn new(capacity: u64, idle: Option<u64>, clock: C) -> Self {
        let _ = (capacity, idle, clock);
        todo!()
    }

    /// Stores an entry and returns those that left.
    pub fn store(
        &mut self,
        key: K,
        value: V,
        weight: u64,
    ) -> Result<Vec<Gone<K, V>>, Refused<K, V>> {
        let _ = (key, value, weight);
        todo!()
    }

    /// Returns the value of a live entry and makes it the most recently used one.
    pub fn fetch<Q>(&mut self, key: &Q) -> Option<&mut V>
    where
        K: Borrow<Q>,
        Q: Eq + Hash + ?Sized,
    {
        let _ = key;
        todo!()
    }

    /// Returns the value of a live entry.
    pub fn peek<Q>(&self, key: &Q) -> Option<&V>
    where
        K: Borrow<Q>,
        Q: Eq + Hash + ?Sized,
    {
        let _ = key;
        todo!()
    }

    /// Adds a pin.
    pub fn pin<Q>(&mut self, key: &Q) -> bool
    where
        K: Borrow<Q>,
        Q: Eq + Hash + ?Sized,
    {
        let _ = key;
        todo!()
    }

    /// Removes a pin.
    pub fn unpin<Q>(&mut self, key: &Q) -> bool
    where
        K: Borrow<Q>,
        Q: Eq + Hash + ?Sized,
    {
        let _ = key;
        todo!()
    }

    /// Takes a live entry out.
    pub fn withdraw<Q>(&mut self, key: &Q) -> Option<(K, V)>
    where
        K: Borrow<Q>,
        Q: Eq + Hash + ?Sized,
    {
        let _ = key;
        todo!()
    }

    /// Changes the weight of a live entry and returns the entries that left.
    pub fn reweigh<Q>(&mut self, key: &Q, weight: u64) -> Result<Vec<Gone<K, V>>, Why>
    where
        K: Borrow<Q>,
        Q: Eq + Hash + ?Sized,
    {
        let _ = (key, weight);
        todo!()
    }

    /// Lets all dead entries leave.
    pub fn sweep(&mut self) -> Vec<Gone<K, V>> {
        todo!()
    }

    /// Returns the number of live entries.
    pub fn live_count(&self) -> usize {
        todo!()
    }

    /// Returns the sum of the weights of live entries.
    pub fn live_weight(&self) -> u64 {
        todo!()
    }

    /// Returns the keys of live entries, pinned ones first.
    pub fn keys_by_use(&self) -> Vec<&K> {
        todo!()
    }
}
