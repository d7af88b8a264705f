//! A rate limiter for futures, without a runtime.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

/// Tells the time.
pub trait Clock: Send + Sync {
    /// Returns the time now. It never goes back.
    fn now(&self) -> u64;
}

/// Why a request got nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Denied {
    /// It asks for more than there can ever be.
    TooMany,
    /// The turnstile is closed.
    Closed,
    /// Its deadline has come.
    Late,
}

/// The limiter. All clones are the same one.
#[derive(Clone)]
pub struct Turnstile {}

impl Turnstile {
    /// Returns a turnstile that lets `limit` units through in any `window`.
    ///
    /// # Panics
    ///
    /// If `limit` or `window` is 0.
    pub fn new(clock: Arc<dyn Clock>, limit: u32, window: u64) -> Turnstile {
        let _ = (clock, limit, window);
        todo!()
    }

    /// Asks for units.
    pub fn acquire(&self, units: u32) -> Acquire {
        let _ = units;
        todo!()
    }

    /// Asks for units that are of use only before a deadline.
    pub fn acquire_before(&self, units: u32, deadline: u64) -> Acquire {
        let _ = (units, deadline);
        todo!()
    }

    /// Takes units if they are to be had without waiting.
    pub fn try_acquire(&self, units: u32) -> Result<bool, Denied> {
        let _ = units;
        todo!()
    }

    /// Serves whom time has made room for.
    pub fn tick(&self) {
        todo!()
    }

    /// Returns when `tick` will do something.
    pub fn next_due(&self) -> Option<u64> {
        todo!()
    }

    /// Returns the number of requests in the queue.
    pub fn waiting(&self) -> usize {
        todo!()
    }

    /// Returns the number of units that are not in use.
    pub fn free(&self) -> u32 {
        todo!()
    }

    /// Lets nobody through any more.
    pub fn close(&self) {
        todo!()
    }
}

/// A request for units.
pub struct Acquire {}

impl Future for Acquire {
    type Output = Result<(), Denied>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let _ = context;
        todo!()
    }
}
