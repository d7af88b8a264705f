//! A rate limiter for futures, without a runtime.

use std::collections::{BTreeMap, VecDeque};
use std::future::Future;
use std::mem;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard};
use std::task::{Context, Poll, Waker};

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
pub struct Turnstile {
    shared: Arc<Shared>,
}

struct Shared {
    clock: Arc<dyn Clock>,
    limit: u32,
    window: u64,
    state: Mutex<State>,
}

/// A request in the queue.
struct Waiter {
    units: u32,
    deadline: Option<u64>,
    waker: Waker,
}

/// What became of a request that has left the queue.
#[derive(Clone, Copy)]
enum Ended {
    Served,
    Denied(Denied),
}

/// Units that were taken by one request.
struct Taken {
    id: u64,
    at: u64,
    units: u32,
}

#[derive(Default)]
struct State {
    closed: bool,
    next_id: u64,
    in_use: u32,
    /// By the time at which they were taken.
    taken: VecDeque<Taken>,
    /// By their numbers, which grow.
    queue: BTreeMap<u64, Waiter>,
    /// Requests that have left the queue and were not told so far.
    ended: BTreeMap<u64, Ended>,
    /// Wakers to be woken once the lock is released.
    to_wake: Vec<Waker>,
}

impl State {
    fn new_id(&mut self) -> u64 {
        self.next_id += 1;
        self.next_id
    }

    fn settle(&mut self, now: u64, limit: u32, window: u64) {
        while let Some(first) = self.taken.front().filter(|first| now - first.at >= window) {
            self.in_use -= first.units;
            self.taken.pop_front();
        }
        let is_late = |waiter: &Waiter| waiter.deadline.is_some_and(|deadline| deadline <= now);
        let late: Vec<u64> = self
            .queue
            .iter()
            .filter(|(_, waiter)| is_late(waiter))
            .map(|(id, _)| *id)
            .collect();
        for id in late {
            self.end(id, Ended::Denied(Denied::Late));
        }
        while let Some((&id, first)) = self.queue.first_key_value() {
            if first.units > limit - self.in_use {
                break;
            }
            let units = first.units;
            self.take(id, units, now);
            self.end(id, Ended::Served);
        }
    }

    fn take(&mut self, id: u64, units: u32, at: u64) {
        self.in_use += units;
        self.taken.push_back(Taken { id, at, units });
    }

    fn give_back(&mut self, id: u64) {
        if let Some(index) = self.taken.iter().position(|taken| taken.id == id) {
            self.in_use -= self.taken[index].units;
            self.taken.remove(index);
        }
    }

    fn end(&mut self, id: u64, ended: Ended) {
        if let Some(waiter) = self.queue.remove(&id) {
            self.ended.insert(id, ended);
            self.to_wake.push(waiter.waker);
        }
    }

    fn fits(&self, units: u32, limit: u32) -> bool {
        self.queue.is_empty() && units <= limit - self.in_use
    }

    /// Returns when the first request of the queue will fit.
    fn first_fits(&self, limit: u32, window: u64) -> Option<u64> {
        let (_, first) = self.queue.first_key_value()?;
        let mut free = limit - self.in_use;
        let freeing = self.taken.iter().find(|taken| {
            free += taken.units;
            free >= first.units
        });
        freeing?.at.checked_add(window)
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state
            .lock()
            .unwrap_or_else(|poisoned| poisoned.into_inner())
    }

    /// Settles, does something, settles again, and wakes whom it may concern with no lock held.
    fn with<T>(&self, act: impl FnOnce(&mut State, u64) -> T) -> T {
        let mut state = self.lock();
        let now = self.clock.now();
        state.settle(now, self.limit, self.window);
        let result = act(&mut state, now);
        state.settle(now, self.limit, self.window);
        let to_wake = mem::take(&mut state.to_wake);
        drop(state);
        to_wake.into_iter().for_each(Waker::wake);
        result
    }

    /// Returns what a request gets that does not wait.
    fn at_once(
        &self,
        state: &mut State,
        now: u64,
        request: &Request,
    ) -> Option<Result<(), Denied>> {
        let units = request.units;
        if units > self.limit {
            return Some(Err(Denied::TooMany));
        }
        if state.closed {
            return Some(Err(Denied::Closed));
        }
        if units == 0 {
            return Some(Ok(()));
        }
        if request.deadline.is_some_and(|deadline| deadline <= now) {
            return Some(Err(Denied::Late));
        }
        if !state.fits(units, self.limit) {
            return None;
        }
        let id = state.new_id();
        state.take(id, units, now);
        Some(Ok(()))
    }
}

impl Turnstile {
    /// Returns a turnstile that lets `limit` units through in any `window`.
    ///
    /// # Panics
    ///
    /// If `limit` or `window` is 0.
    pub fn new(clock: Arc<dyn Clock>, limit: u32, window: u64) -> Turnstile {
        assert!(limit > 0, "limit must be at least 1");
        assert!(window > 0, "window must be at least 1");
        let shared = Arc::new(Shared {
            clock,
            limit,
            window,
            state: Mutex::default(),
        });
        Turnstile { shared }
    }

    /// Asks for units.
    pub fn acquire(&self, units: u32) -> Acquire {
        self.request(units, None)
    }

    /// Asks for units that are of use only before a deadline.
    pub fn acquire_before(&self, units: u32, deadline: u64) -> Acquire {
        self.request(units, Some(deadline))
    }

    fn request(&self, units: u32, deadline: Option<u64>) -> Acquire {
        Acquire {
            shared: self.shared.clone(),
            request: Request { units, deadline },
            stage: Stage::Joined(self.reserve(units, deadline)),
        }
    }

    fn reserve(&self, units: u32, deadline: Option<u64>) -> u64 {
        let shared = &self.shared;
        let request = Request { units, deadline };
        shared.with(|state, now| {
            let result = shared.at_once(state, now, &request);
            let id = state.new_id();
            let (waker, ended) = (Waker::noop().clone(), result);
            match ended {
                None => {
                    let waiter = Waiter {
                        units,
                        deadline,
                        waker,
                    };
                    state.queue.insert(id, waiter);
                }
                Some(Ok(())) => {
                    if let Some(last) = state.taken.back_mut() {
                        last.id = id;
                    }
                    state.ended.insert(id, Ended::Served);
                }
                Some(Err(why)) => {
                    state.ended.insert(id, Ended::Denied(why));
                }
            }
            id
        })
    }

    /// Takes units if they are to be had without waiting.
    pub fn try_acquire(&self, units: u32) -> Result<bool, Denied> {
        let deadline = None;
        let request = Request { units, deadline };
        let shared = &self.shared;
        let result = shared.with(|state, now| shared.at_once(state, now, &request));
        result.map_or(Ok(false), |result| result.map(|()| true))
    }

    /// Serves whom time has made room for.
    pub fn tick(&self) {
        self.shared.with(|_, _| ());
    }

    /// Returns when `tick` will do something.
    pub fn next_due(&self) -> Option<u64> {
        let shared = &self.shared;
        shared.with(|state, _| {
            let fits = state.first_fits(shared.limit, shared.window);
            let deadlines = state.queue.values().filter_map(|waiter| waiter.deadline);
            deadlines.chain(fits).min()
        })
    }

    /// Returns the number of requests in the queue.
    pub fn waiting(&self) -> usize {
        self.shared.with(|state, _| state.queue.len())
    }

    /// Returns the number of units that are not in use.
    pub fn free(&self) -> u32 {
        self.shared
            .with(|state, _| self.shared.limit - state.in_use)
    }

    /// Lets nobody through any more.
    pub fn close(&self) {
        self.shared.with(|state, _| {
            state.closed = true;
            let ids: Vec<u64> = state.queue.keys().copied().collect();
            for id in ids {
                state.end(id, Ended::Denied(Denied::Closed));
            }
        });
    }
}

struct Request {
    units: u32,
    deadline: Option<u64>,
}

enum Stage {
    New,
    /// In the queue, or out of it and not told.
    Joined(u64),
    Told,
}

/// A request for units.
pub struct Acquire {
    shared: Arc<Shared>,
    request: Request,
    stage: Stage,
}

impl Acquire {
    fn begin(&self, waker: Waker) -> (Poll<Result<(), Denied>>, Stage) {
        let Acquire {
            shared, request, ..
        } = self;
        let mut waker = Some(waker);
        let result = shared.with(|state, now| {
            if let Some(result) = shared.at_once(state, now, request) {
                return Ok(result);
            }
            let id = state.new_id();
            let waiter = Waiter {
                units: request.units,
                deadline: request.deadline,
                waker: waker.take().expect("a waker"),
            };
            state.queue.insert(id, waiter);
            Err(id)
        });
        match result {
            Ok(result) => (Poll::Ready(result), Stage::Told),
            Err(id) => (Poll::Pending, Stage::Joined(id)),
        }
    }

    fn go_on(&self, id: u64, waker: Waker) -> (Poll<Result<(), Denied>>, Stage) {
        let mut waker = waker;
        let ended = self.shared.with(|state, _| {
            if let Some(waiter) = state.queue.get_mut(&id) {
                // The older one is dropped when no lock is held.
                mem::swap(&mut waiter.waker, &mut waker);
            }
            state.ended.remove(&id)
        });
        match ended {
            None => (Poll::Pending, Stage::Joined(id)),
            Some(Ended::Served) => (Poll::Ready(Ok(())), Stage::Told),
            Some(Ended::Denied(why)) => (Poll::Ready(Err(why)), Stage::Told),
        }
    }
}

impl Future for Acquire {
    type Output = Result<(), Denied>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let waker = context.waker().clone();
        let (poll, stage) = match self.stage {
            Stage::New => self.begin(waker),
            Stage::Joined(id) => self.go_on(id, waker),
            Stage::Told => panic!("polled after it was ready"),
        };
        self.stage = stage;
        poll
    }
}

impl Drop for Acquire {
    fn drop(&mut self) {
        let Stage::Joined(id) = self.stage else {
            return;
        };
        // What leaves the queue is dropped when no lock is held.
        let _waiter = self.shared.with(|state, _| {
            if let Some(Ended::Served) = state.ended.remove(&id) {
                state.give_back(id);
            }
            state.queue.remove(&id)
        });
    }
}
