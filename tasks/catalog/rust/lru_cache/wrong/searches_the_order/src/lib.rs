//! A least-recently-used cache of entries with weights, which can be pinned.

use std::borrow::Borrow;
use std::collections::hash_map::RandomState;
use std::collections::HashMap;
use std::hash::{BuildHasher, Hash};

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

/// Stands for no slot.
const NONE: usize = usize::MAX;

struct Entry<K, V> {
    key: K,
    value: V,
    weight: u64,
    pins: usize,
    used: u64,
    hash: u64,
    /// The neighbours in the chain that the entry is in.
    newer: usize,
    older: usize,
}

/// The ends of a chain of entries.
struct Chain {
    newest: usize,
    oldest: usize,
}

/// Entries in slots that stay where they are, so that chains can name them.
struct Slots<K, V> {
    slots: Vec<Option<Entry<K, V>>>,
    free: Vec<usize>,
}

impl<K, V> Slots<K, V> {
    fn at(&self, slot: usize) -> &Entry<K, V> {
        self.slots[slot].as_ref().expect("a filled slot")
    }

    fn at_mut(&mut self, slot: usize) -> &mut Entry<K, V> {
        self.slots[slot].as_mut().expect("a filled slot")
    }

    fn fill(&mut self, entry: Entry<K, V>) -> usize {
        if let Some(slot) = self.free.pop() {
            self.slots[slot] = Some(entry);
            return slot;
        }
        self.slots.push(Some(entry));
        self.slots.len() - 1
    }

    fn clear(&mut self, slot: usize) -> Entry<K, V> {
        self.free.push(slot);
        self.slots[slot].take().expect("a filled slot")
    }
}

impl Chain {
    fn new() -> Self {
        Chain {
            newest: NONE,
            oldest: NONE,
        }
    }

    fn link<K, V>(&mut self, slots: &mut Slots<K, V>, slot: usize) {
        let second = self.newest;
        let entry = slots.at_mut(slot);
        (entry.newer, entry.older) = (NONE, second);
        self.newest = slot;
        match second {
            NONE => self.oldest = slot,
            second => slots.at_mut(second).newer = slot,
        }
    }

    fn unlink<K, V>(&mut self, slots: &mut Slots<K, V>, slot: usize) {
        let mut found = self.newest;
        while found != slot {
            found = slots.at(found).older;
        }
        let (newer, older) = (slots.at(slot).newer, slots.at(slot).older);
        match newer {
            NONE => self.newest = older,
            newer => slots.at_mut(newer).older = older,
        }
        match older {
            NONE => self.oldest = newer,
            older => slots.at_mut(older).newer = newer,
        }
    }

    fn keys<'a, K, V>(&self, slots: &'a Slots<K, V>) -> Vec<&'a K> {
        let (mut keys, mut slot) = (Vec::new(), self.newest);
        while slot != NONE {
            keys.push(&slots.at(slot).key);
            slot = slots.at(slot).older;
        }
        keys
    }
}

/// The cache.
pub struct PinCache<K, V, C> {
    capacity: u64,
    idle: Option<u64>,
    clock: C,
    hasher: RandomState,
    /// Slots by the hashes of keys: keys need not be cloned so.
    index: HashMap<u64, Vec<usize>>,
    slots: Slots<K, V>,
    /// Entries without pins in the order of their use, so that the dead are at its end.
    loose: Chain,
    /// Entries with pins in the order in which they were pinned.
    pinned: Chain,
    count: usize,
    weight: u64,
    pinned_weight: u64,
}

impl<K: Eq + Hash, V, C: Clock> PinCache<K, V, C> {
    /// Returns an empty cache.
    ///
    /// # Panics
    ///
    /// If `idle` is `Some(0)`.
    pub fn new(capacity: u64, idle: Option<u64>, clock: C) -> Self {
        assert!(idle != Some(0), "idle must be at least 1");
        PinCache {
            capacity,
            idle,
            clock,
            hasher: RandomState::new(),
            index: HashMap::new(),
            slots: Slots {
                slots: Vec::new(),
                free: Vec::new(),
            },
            loose: Chain::new(),
            pinned: Chain::new(),
            count: 0,
            weight: 0,
            pinned_weight: 0,
        }
    }

    /// Stores an entry and returns those that left.
    pub fn store(
        &mut self,
        key: K,
        value: V,
        weight: u64,
    ) -> Result<Vec<Gone<K, V>>, Refused<K, V>> {
        let now = self.clock.now();
        let older = self.find(&key);
        let pinned = older.is_some_and(|slot| self.slots.at(slot).pins > 0);
        if let Some(why) = self.refusal(weight, pinned) {
            return Err(Refused { key, value, why });
        }
        let mut gone = self.expire(now);
        if let Some(slot) = self.find(&key) {
            gone.push(self.leave(slot, Cause::Replaced));
        }
        self.evict(self.capacity - weight, NONE, &mut gone);
        self.insert(key, value, weight, now);
        Ok(gone)
    }

    fn refusal(&self, weight: u64, pinned: bool) -> Option<Why> {
        if weight > self.capacity {
            Some(Why::TooHeavy)
        } else if pinned {
            Some(Why::Pinned)
        } else if weight > self.capacity - self.pinned_weight {
            Some(Why::NoRoom)
        } else {
            None
        }
    }

    fn insert(&mut self, key: K, value: V, weight: u64, now: u64) {
        let hash = self.hasher.hash_one(&key);
        let slot = self.slots.fill(Entry {
            key,
            value,
            weight,
            pins: 0,
            used: now,
            hash,
            newer: NONE,
            older: NONE,
        });
        self.index.entry(hash).or_default().push(slot);
        self.loose.link(&mut self.slots, slot);
        self.count += 1;
        self.weight += weight;
    }

    /// Returns the value of a live entry and makes it the most recently used one.
    pub fn fetch<Q>(&mut self, key: &Q) -> Option<&mut V>
    where
        K: Borrow<Q>,
        Q: Eq + Hash + ?Sized,
    {
        let now = self.clock.now();
        let slot = self.find_live(key, now)?;
        if self.slots.at(slot).pins == 0 {
            self.loose.unlink(&mut self.slots, slot);
            self.loose.link(&mut self.slots, slot);
        }
        let entry = self.slots.at_mut(slot);
        entry.used = now;
        Some(&mut entry.value)
    }

    /// Returns the value of a live entry.
    pub fn peek<Q>(&self, key: &Q) -> Option<&V>
    where
        K: Borrow<Q>,
        Q: Eq + Hash + ?Sized,
    {
        let slot = self.find_live(key, self.clock.now())?;
        Some(&self.slots.at(slot).value)
    }

    /// Adds a pin.
    pub fn pin<Q>(&mut self, key: &Q) -> bool
    where
        K: Borrow<Q>,
        Q: Eq + Hash + ?Sized,
    {
        let Some(slot) = self.find_live(key, self.clock.now()) else {
            return false;
        };
        let entry = self.slots.at_mut(slot);
        entry.pins += 1;
        if entry.pins == 1 {
            self.pinned_weight += entry.weight;
            self.loose.unlink(&mut self.slots, slot);
            self.pinned.link(&mut self.slots, slot);
        }
        true
    }

    /// Removes a pin.
    pub fn unpin<Q>(&mut self, key: &Q) -> bool
    where
        K: Borrow<Q>,
        Q: Eq + Hash + ?Sized,
    {
        let Some(slot) = self.find(key) else {
            return false;
        };
        let entry = self.slots.at_mut(slot);
        if entry.pins == 0 {
            return false;
        }
        entry.pins -= 1;
        if entry.pins == 0 {
            entry.used = self.clock.now();
            self.pinned_weight -= entry.weight;
            self.pinned.unlink(&mut self.slots, slot);
            self.loose.link(&mut self.slots, slot);
        }
        true
    }

    /// Takes a live entry out.
    pub fn withdraw<Q>(&mut self, key: &Q) -> Option<(K, V)>
    where
        K: Borrow<Q>,
        Q: Eq + Hash + ?Sized,
    {
        let slot = self.find_live(key, self.clock.now())?;
        let entry = self.take(slot);
        Some((entry.key, entry.value))
    }

    /// Changes the weight of a live entry and returns the entries that left.
    pub fn reweigh<Q>(&mut self, key: &Q, weight: u64) -> Result<Vec<Gone<K, V>>, Why>
    where
        K: Borrow<Q>,
        Q: Eq + Hash + ?Sized,
    {
        let now = self.clock.now();
        let slot = self.find_live(key, now).ok_or(Why::Unknown)?;
        let entry = self.slots.at(slot);
        let (before, pinned) = (entry.weight, entry.pins > 0);
        let others = self.pinned_weight - if pinned { before } else { 0 };
        if weight > self.capacity {
            return Err(Why::TooHeavy);
        }
        if weight > self.capacity - others {
            return Err(Why::NoRoom);
        }
        let mut gone = self.expire(now);
        self.weight -= before;
        self.evict(self.capacity - weight, slot, &mut gone);
        self.weight += weight;
        if pinned {
            self.pinned_weight = others + weight;
        }
        self.slots.at_mut(slot).weight = weight;
        Ok(gone)
    }

    /// Lets all dead entries leave.
    pub fn sweep(&mut self) -> Vec<Gone<K, V>> {
        let now = self.clock.now();
        self.expire(now)
    }

    /// Returns the number of live entries.
    pub fn live_count(&self) -> usize {
        self.count - self.dead().count()
    }

    /// Returns the sum of the weights of live entries.
    pub fn live_weight(&self) -> u64 {
        self.weight - self.dead().map(|entry| entry.weight).sum::<u64>()
    }

    /// Returns the keys of live entries, pinned ones first.
    pub fn keys_by_use(&self) -> Vec<&K> {
        let mut loose = self.loose.keys(&self.slots);
        loose.truncate(loose.len() - self.dead().count());
        let mut keys = self.pinned.keys(&self.slots);
        keys.append(&mut loose);
        keys
    }

    fn find<Q>(&self, key: &Q) -> Option<usize>
    where
        K: Borrow<Q>,
        Q: Eq + Hash + ?Sized,
    {
        let slots = self.index.get(&self.hasher.hash_one(key))?;
        let same = |slot: &&usize| self.slots.at(**slot).key.borrow() == key;
        slots.iter().find(same).copied()
    }

    fn find_live<Q>(&self, key: &Q, now: u64) -> Option<usize>
    where
        K: Borrow<Q>,
        Q: Eq + Hash + ?Sized,
    {
        let slot = self.find(key)?;
        (!self.is_dead(self.slots.at(slot), now)).then_some(slot)
    }

    fn is_dead(&self, entry: &Entry<K, V>, now: u64) -> bool {
        entry.pins == 0 && self.idle.is_some_and(|idle| now - entry.used >= idle)
    }

    /// Returns the dead entries, the longest unused one first.
    fn dead(&self) -> impl Iterator<Item = &Entry<K, V>> {
        let now = self.clock.now();
        let entry = |slot: usize| self.slots.slots.get(slot)?.as_ref();
        std::iter::successors(entry(self.loose.oldest), move |last| entry(last.newer))
            .take_while(move |entry| self.is_dead(entry, now))
    }

    fn expire(&mut self, now: u64) -> Vec<Gone<K, V>> {
        let mut gone = Vec::new();
        while self.loose.oldest != NONE && self.is_dead(self.slots.at(self.loose.oldest), now) {
            gone.push(self.leave(self.loose.oldest, Cause::Expired));
        }
        gone
    }

    /// Lets entries leave until the others weigh no more than `room`.
    fn evict(&mut self, room: u64, spared: usize, gone: &mut Vec<Gone<K, V>>) {
        while self.weight > room {
            let mut slot = self.loose.oldest;
            if slot == spared {
                slot = self.slots.at(slot).newer;
            }
            gone.push(self.leave(slot, Cause::Evicted));
        }
    }

    fn leave(&mut self, slot: usize, cause: Cause) -> Gone<K, V> {
        let Entry { key, value, .. } = self.take(slot);
        Gone { key, value, cause }
    }

    fn take(&mut self, slot: usize) -> Entry<K, V> {
        let pinned = self.slots.at(slot).pins > 0;
        let chain = if pinned {
            &mut self.pinned
        } else {
            &mut self.loose
        };
        chain.unlink(&mut self.slots, slot);
        let entry = self.slots.clear(slot);
        let same = self.index.get_mut(&entry.hash).expect("an indexed entry");
        same.retain(|other| *other != slot);
        if same.is_empty() {
            self.index.remove(&entry.hash);
        }
        self.count -= 1;
        self.weight -= entry.weight;
        if pinned {
            self.pinned_weight -= entry.weight;
        }
        entry
    }
}
