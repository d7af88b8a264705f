use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering::SeqCst};
use std::sync::{mpsc, Arc, Mutex};
use std::task::{Context, Poll, Wake, Waker};
use std::thread;
use std::time::{Duration, Instant};

use turnstile::{Acquire, Clock, Denied, Turnstile};

/// What a poll returns.
type Answer = Poll<Result<(), Denied>>;

const OK: Answer = Poll::Ready(Ok(()));
const LATE: Answer = Poll::Ready(Err(Denied::Late));
const CLOSED: Answer = Poll::Ready(Err(Denied::Closed));
const TOO_MANY: Answer = Poll::Ready(Err(Denied::TooMany));
const WAITS: Answer = Poll::Pending;

/// A clock that the test sets.
#[derive(Default)]
struct Hands(AtomicU64);

impl Hands {
    fn set(&self, now: u64) {
        self.0.store(now, SeqCst);
    }
}

impl Clock for Hands {
    fn now(&self) -> u64 {
        self.0.load(SeqCst)
    }
}

fn turnstile(limit: u32, window: u64) -> (Turnstile, Arc<Hands>) {
    let hands = Arc::new(Hands::default());
    (Turnstile::new(hands.clone(), limit, window), hands)
}

/// The names of the wakers that were woken.
#[derive(Clone, Default)]
struct Woken(Arc<Mutex<Vec<&'static str>>>);

impl Woken {
    /// Returns a waker of this name, and what it shares with its clones.
    fn named(&self, name: &'static str) -> Arc<Named> {
        let woken = self.clone();
        Arc::new(Named { name, woken })
    }

    /// Polls with a new waker of this name.
    fn poll(&self, name: &'static str, acquire: &mut Acquire) -> Answer {
        poll(acquire, &Waker::from(self.named(name)))
    }

    /// Returns who was woken since the last call.
    fn take(&self) -> Vec<&'static str> {
        std::mem::take(&mut self.0.lock().unwrap())
    }
}

struct Named {
    name: &'static str,
    woken: Woken,
}

impl Wake for Named {
    fn wake(self: Arc<Self>) {
        self.woken.0.lock().unwrap().push(self.name);
    }
}

const NOBODY: [&str; 0] = [];

fn poll(acquire: &mut Acquire, waker: &Waker) -> Answer {
    Pin::new(acquire).poll(&mut Context::from_waker(waker))
}

/// Runs something that could wait for ever for a lock.
fn bounded(act: impl FnOnce() + Send + 'static) {
    let (done, wait) = mpsc::channel();
    let runs = thread::spawn(move || {
        act();
        let _ = done.send(());
    });
    match wait.recv_timeout(Duration::from_secs(10)) {
        Err(mpsc::RecvTimeoutError::Timeout) => panic!("it hangs: is a lock held?"),
        _ => runs.join().expect("no panic"),
    }
}

/// Calls a function when it is woken.
struct Calls<F>(F);

impl<F: Fn() + Send + Sync> Wake for Calls<F> {
    fn wake(self: Arc<Self>) {
        (self.0)();
    }
}

/// Calls a function when it is dropped.
struct LastWords<F: Fn()>(F);

impl<F: Fn() + Send + Sync> Wake for LastWords<F> {
    fn wake(self: Arc<Self>) {}
}

impl<F: Fn()> Drop for LastWords<F> {
    fn drop(&mut self) {
        (self.0)();
    }
}

#[test]
fn units_are_free_again_when_their_window_is_over() {
    let (gate, hands) = turnstile(3, 10);
    assert_eq!(gate.try_acquire(2), Ok(true), "at 0");
    hands.set(9);
    assert_eq!((gate.free(), gate.try_acquire(2)), (1, Ok(false)), "at 9");
    assert_eq!(gate.try_acquire(1), Ok(true), "at 9");
    hands.set(10);
    assert_eq!((gate.free(), gate.try_acquire(3)), (2, Ok(false)), "at 10");
    hands.set(18);
    assert_eq!(gate.free(), 2, "at 18");
    hands.set(19);
    assert_eq!((gate.free(), gate.try_acquire(3)), (3, Ok(true)), "at 19");

    let (gate, hands) = turnstile(1, 1);
    assert_eq!((gate.try_acquire(1), gate.free()), (Ok(true), 0), "at 0");
    hands.set(1);
    assert_eq!(gate.free(), 1, "at 1");
}

#[test]
fn requests_that_fit_are_served_by_their_first_poll() {
    let (gate, _) = turnstile(3, 10);
    let woken = Woken::default();
    assert_eq!(woken.poll("a", &mut gate.acquire(2)), OK);
    assert_eq!(woken.poll("b", &mut gate.acquire_before(1, 1)), OK);
    let mut c = gate.acquire(1);
    assert_eq!(woken.poll("c", &mut c), WAITS);
    assert_eq!((gate.free(), gate.waiting()), (0, 1));
    assert_eq!(woken.take(), NOBODY);
}

#[test]
fn nothing_happens_before_the_first_poll() {
    let (gate, hands) = turnstile(1, 10);
    let woken = Woken::default();
    let (mut a, mut b) = (gate.acquire(1), gate.acquire(1));
    drop(gate.acquire(1));
    assert_eq!((gate.free(), gate.waiting()), (1, 0));
    assert_eq!(gate.try_acquire(1), Ok(true));
    assert_eq!(
        (woken.poll("b", &mut b), woken.poll("a", &mut a)),
        (WAITS, WAITS)
    );
    hands.set(10);
    gate.tick();
    assert_eq!(woken.take(), ["b"], "the first that was polled");
}

#[test]
fn nobody_overtakes() {
    let (gate, hands) = turnstile(4, 10);
    let woken = Woken::default();
    assert_eq!(gate.try_acquire(1), Ok(true));
    hands.set(5);
    assert_eq!(gate.try_acquire(1), Ok(true));
    let (mut a, mut b) = (gate.acquire(4), gate.acquire(1));
    assert_eq!(
        (woken.poll("a", &mut a), woken.poll("b", &mut b)),
        (WAITS, WAITS)
    );
    assert_eq!(gate.try_acquire(1), Ok(false), "others wait");
    assert_eq!(gate.free(), 2);
    hands.set(10);
    gate.tick();
    assert_eq!((gate.free(), gate.waiting()), (3, 2), "at 10");
    assert_eq!(woken.take(), NOBODY);
    hands.set(15);
    gate.tick();
    assert_eq!((gate.free(), gate.waiting()), (0, 1), "at 15");
    assert_eq!(
        (woken.poll("b2", &mut b), woken.poll("a2", &mut a)),
        (WAITS, OK)
    );
    hands.set(25);
    gate.tick();
    assert_eq!(woken.take(), ["a", "b2"]);
    assert_eq!(woken.poll("b3", &mut b), OK);
}

#[test]
fn each_call_settles_and_nothing_else_does() {
    let calls: [(&str, fn(&Turnstile)); 7] = [
        ("try_acquire", |gate| {
            assert_eq!(gate.try_acquire(0), Ok(true))
        }),
        ("tick", |gate| gate.tick()),
        ("next_due", |gate| assert_eq!(gate.next_due(), None)),
        ("waiting", |gate| assert_eq!(gate.waiting(), 0)),
        ("free", |gate| assert_eq!(gate.free(), 0)),
        ("close", |gate| gate.close()),
        ("poll", |gate| {
            assert_eq!(poll(&mut gate.acquire(0), Waker::noop()), OK)
        }),
    ];
    for (name, call) in calls {
        let (gate, hands) = turnstile(1, 10);
        let woken = Woken::default();
        assert_eq!(gate.try_acquire(1), Ok(true));
        let mut a = gate.acquire(1);
        assert_eq!(woken.poll("a", &mut a), WAITS);
        hands.set(10);
        call(&gate);
        assert_eq!(woken.take(), ["a"], "{name}");
    }
    let (gate, hands) = turnstile(2, 10);
    let woken = Woken::default();
    let (mut told, fresh) = (gate.acquire(2), gate.acquire(1));
    assert_eq!(woken.poll("told", &mut told), OK);
    let (mut a, mut b) = (gate.acquire(1), gate.acquire(2));
    assert_eq!(woken.poll("a", &mut a), WAITS);
    assert_eq!(woken.poll("b", &mut b), WAITS);
    hands.set(10);
    drop((told, fresh, gate.clone().acquire(1)));
    assert_eq!(woken.take(), NOBODY, "dropped, but not pending");
    drop(b);
    assert_eq!(woken.take(), ["a"], "dropped when it was pending");
}

#[test]
fn units_are_taken_when_a_request_is_served() {
    let (gate, hands) = turnstile(2, 10);
    let woken = Woken::default();
    assert_eq!(gate.try_acquire(2), Ok(true));
    let mut a = gate.acquire(1);
    assert_eq!(woken.poll("a", &mut a), WAITS);
    hands.set(13);
    gate.tick();
    assert_eq!((gate.free(), gate.waiting()), (1, 0), "before a poll");
    hands.set(22);
    assert_eq!(woken.poll("a", &mut a), OK);
    assert_eq!(gate.free(), 1, "in use since 13");
    hands.set(23);
    assert_eq!(gate.free(), 2);
}

#[test]
fn all_that_fit_are_woken_once_and_in_order() {
    let (gate, hands) = turnstile(4, 10);
    let woken = Woken::default();
    assert_eq!(gate.try_acquire(4), Ok(true));
    let mut requests: Vec<Acquire> = [1, 2, 1, 1].map(|units| gate.acquire(units)).into();
    for (name, request) in ["a", "b", "c", "d"].iter().zip(&mut requests) {
        assert_eq!(woken.poll(name, request), WAITS, "{name}");
    }
    hands.set(10);
    gate.tick();
    gate.tick();
    assert_eq!(woken.take(), ["a", "b", "c"]);
    let answers: Vec<Answer> = requests.iter_mut().map(|it| woken.poll("x", it)).collect();
    assert_eq!(answers, [OK, OK, OK, WAITS]);
    drop(requests);
    hands.set(20);
    gate.tick();
    assert_eq!(woken.take(), NOBODY, "d was dropped");
}

#[test]
fn only_the_waker_of_the_last_poll_is_woken() {
    let (gate, hands) = turnstile(1, 10);
    let woken = Woken::default();
    assert_eq!(gate.try_acquire(1), Ok(true));
    let mut a = gate.acquire(1);
    for name in ["first", "second", "third"] {
        assert_eq!(woken.poll(name, &mut a), WAITS, "{name}");
    }
    hands.set(9);
    gate.tick();
    assert_eq!(woken.take(), NOBODY, "it waits");
    hands.set(10);
    assert_eq!(gate.free(), 0, "any method settles");
    assert_eq!(woken.take(), ["third"]);
    assert_eq!(woken.poll("fourth", &mut a), OK);
    assert_eq!(woken.take(), NOBODY);
}

#[test]
fn no_waker_is_kept_longer_than_needed() {
    let (gate, hands) = turnstile(1, 10);
    let woken = Woken::default();
    let names = ["replaced", "dropped", "served", "late", "closed", "at once"];
    let wakers = names.map(|name| woken.named(name));
    let count = |index: usize| Arc::strong_count(&wakers[index]) - 1;
    let poll_by = |index: usize, it: &mut Acquire| poll(it, &Waker::from(wakers[index].clone()));

    assert_eq!(poll_by(5, &mut gate.acquire(1)), OK);
    let (mut a, mut b) = (gate.acquire(1), gate.acquire(1));
    let (mut c, mut d) = (gate.acquire_before(1, 5), gate.acquire(1));
    assert_eq!((poll_by(0, &mut a), poll_by(0, &mut a)), (WAITS, WAITS));
    assert_eq!(count(0), 1, "polled twice");
    for (index, request) in [(2, &mut a), (1, &mut b), (3, &mut c), (4, &mut d)] {
        assert_eq!(poll_by(index, request), WAITS);
        assert_eq!(count(index), 1, "{}", names[index]);
    }
    drop(b);
    hands.set(10);
    gate.tick();
    gate.close();
    for (index, name) in names.iter().enumerate() {
        assert_eq!(count(index), 0, "{name}");
    }
}

#[test]
fn a_dropped_request_leaves_the_queue() {
    let (gate, hands) = turnstile(4, 10);
    let woken = Woken::default();
    assert_eq!(gate.try_acquire(2), Ok(true));
    let (mut a, mut b) = (gate.acquire(3), gate.acquire(1));
    let (mut c, mut d) = (gate.acquire(1), gate.acquire(1));
    for (name, request) in [("a", &mut a), ("b", &mut b), ("c", &mut c), ("d", &mut d)] {
        assert_eq!(woken.poll(name, request), WAITS, "{name}");
    }
    drop(b);
    assert_eq!((gate.waiting(), woken.take()), (3, NOBODY.to_vec()));
    drop(a);
    assert_eq!(woken.take(), ["c", "d"], "there was room for two");
    assert_eq!((gate.waiting(), gate.free()), (0, 0));
    hands.set(10);
    assert_eq!((woken.poll("c", &mut c), woken.poll("d", &mut d)), (OK, OK));
    assert_eq!(gate.free(), 4, "in use since they were served");
}

#[test]
fn a_served_request_that_is_dropped_untold_gives_its_units_back() {
    let (gate, hands) = turnstile(3, 10);
    let woken = Woken::default();
    assert_eq!(gate.try_acquire(3), Ok(true));
    let (mut a, mut b, mut c) = (gate.acquire(2), gate.acquire(2), gate.acquire(1));
    for (name, request) in [("a", &mut a), ("b", &mut b), ("c", &mut c)] {
        assert_eq!(woken.poll(name, request), WAITS, "{name}");
    }
    hands.set(10);
    gate.tick();
    assert_eq!((woken.take(), gate.free()), (vec!["a"], 1));
    hands.set(14);
    drop(a);
    assert_eq!((woken.take(), gate.free()), (vec!["b", "c"], 0));
    drop(c);
    assert_eq!((woken.take(), gate.free()), (vec![], 1), "c gave back");
    assert_eq!(woken.poll("b", &mut b), OK);
    drop(b);
    assert_eq!(gate.free(), 1, "b was told");
    hands.set(23);
    assert_eq!(gate.free(), 1);
    hands.set(24);
    assert_eq!(gate.free(), 3);
}

#[test]
fn units_whose_window_is_over_are_not_given_back_twice() {
    let (gate, hands) = turnstile(2, 10);
    let woken = Woken::default();
    assert_eq!(gate.try_acquire(2), Ok(true));
    let mut a = gate.acquire(2);
    assert_eq!(woken.poll("a", &mut a), WAITS);
    hands.set(10);
    gate.tick();
    hands.set(20);
    assert_eq!(gate.try_acquire(1), Ok(true));
    drop(a);
    assert_eq!(gate.free(), 1);
    hands.set(30);
    assert_eq!(gate.free(), 2);
}

#[test]
fn requests_are_late_at_their_deadline() {
    let (gate, hands) = turnstile(2, 10);
    let woken = Woken::default();
    assert_eq!(gate.try_acquire(2), Ok(true));
    let (mut a, mut b) = (gate.acquire_before(1, 10), gate.acquire(1));
    let (mut c, mut d) = (gate.acquire_before(1, 8), gate.acquire_before(1, 11));
    for (name, request) in [("a", &mut a), ("b", &mut b), ("c", &mut c), ("d", &mut d)] {
        assert_eq!(woken.poll(name, request), WAITS, "{name}");
    }
    hands.set(7);
    gate.tick();
    assert_eq!((woken.take(), gate.waiting()), (vec![], 4), "at 7");
    hands.set(8);
    gate.tick();
    assert_eq!((woken.take(), gate.waiting()), (vec!["c"], 3), "at 8");
    hands.set(10);
    gate.tick();
    assert_eq!(
        woken.take(),
        ["a", "b", "d"],
        "a is late, though there is room"
    );
    let poll = |request| woken.poll("x", request);
    let answers = [poll(&mut a), poll(&mut b), poll(&mut c), poll(&mut d)];
    assert_eq!(answers, [LATE, OK, LATE, OK]);
    assert_eq!(woken.take(), NOBODY);
}

#[test]
fn the_late_make_way_for_those_behind() {
    let (gate, hands) = turnstile(3, 10);
    let woken = Woken::default();
    assert_eq!(gate.try_acquire(1), Ok(true));
    let (mut a, mut b) = (gate.acquire_before(3, 5), gate.acquire(1));
    let (mut c, mut d) = (gate.acquire_before(1, 5), gate.acquire(1));
    for (name, request) in [("a", &mut a), ("b", &mut b), ("c", &mut c), ("d", &mut d)] {
        assert_eq!(woken.poll(name, request), WAITS, "{name}");
    }
    hands.set(6);
    assert_eq!(woken.poll("x", &mut d), OK, "a poll settles");
    let ended: Vec<_> = woken
        .take()
        .into_iter()
        .filter(|name| *name != "d")
        .collect();
    assert_eq!(ended, ["a", "c", "b"], "the late first");
    assert_eq!(
        (woken.poll("x", &mut a), woken.poll("x", &mut b)),
        (LATE, OK)
    );
    assert_eq!((gate.waiting(), gate.free()), (0, 0));
}

#[test]
fn the_first_poll_decides_in_the_order_of_the_rules() {
    let (gate, hands) = turnstile(3, 10);
    let woken = Woken::default();
    let poll = |mut request: Acquire| woken.poll("x", &mut request);
    hands.set(5);
    assert_eq!(poll(gate.acquire_before(4, 5)), TOO_MANY);
    assert_eq!(poll(gate.acquire_before(0, 5)), OK, "no units");
    assert_eq!(poll(gate.acquire_before(1, 5)), LATE, "there is room");
    assert_eq!(poll(gate.acquire_before(3, 6)), OK);
    let mut waits = gate.acquire(1);
    assert_eq!(woken.poll("w", &mut waits), WAITS);
    assert_eq!(poll(gate.acquire(0)), OK, "no units, and others wait");
    assert_eq!(poll(gate.acquire_before(1, 4)), LATE, "others wait");
    gate.close();
    assert_eq!(poll(gate.acquire(4)), TOO_MANY, "closed");
    assert_eq!(poll(gate.acquire(0)), CLOSED, "closed, no units");
    assert_eq!(poll(gate.acquire_before(1, 4)), CLOSED, "closed, and late");
}

#[test]
fn try_acquire_decides_in_the_order_of_the_rules() {
    let (gate, hands) = turnstile(3, 10);
    assert_eq!(gate.try_acquire(4), Err(Denied::TooMany));
    assert_eq!(gate.try_acquire(2), Ok(true));
    assert_eq!(gate.try_acquire(2), Ok(false));
    let mut a = gate.acquire(2);
    assert_eq!(Woken::default().poll("a", &mut a), WAITS);
    assert_eq!(gate.try_acquire(1), Ok(false), "others wait");
    assert_eq!(gate.try_acquire(0), Ok(true), "no units");
    hands.set(10);
    assert_eq!(gate.try_acquire(1), Ok(true), "it settles first");
    gate.close();
    assert_eq!(gate.try_acquire(4), Err(Denied::TooMany), "closed");
    assert_eq!(gate.try_acquire(0), Err(Denied::Closed), "closed");
}

#[test]
fn close_ends_all_that_wait() {
    let (gate, hands) = turnstile(2, 10);
    let woken = Woken::default();
    assert_eq!(gate.try_acquire(2), Ok(true));
    let (mut a, mut b) = (gate.acquire(2), gate.acquire(1));
    let (mut c, mut d) = (gate.acquire_before(1, 10), gate.acquire(1));
    for (name, request) in [("a", &mut a), ("b", &mut b), ("c", &mut c), ("d", &mut d)] {
        assert_eq!(woken.poll(name, request), WAITS, "{name}");
    }
    hands.set(10);
    let (clone, mut unpolled) = (gate.clone(), gate.acquire(1));
    clone.close();
    assert_eq!(woken.take(), ["c", "a", "b", "d"], "it settles first");
    assert_eq!((gate.waiting(), gate.next_due()), (0, None));
    let poll = |request| woken.poll("x", request);
    assert_eq!([poll(&mut a), poll(&mut b)], [OK, CLOSED]);
    assert_eq!([poll(&mut c), poll(&mut d)], [LATE, CLOSED]);
    assert_eq!(poll(&mut unpolled), CLOSED);
    gate.close();
    assert_eq!((woken.take(), gate.free()), (vec![], 0));
    hands.set(20);
    assert_eq!(gate.free(), 2, "units are freed all the same");
}

#[test]
fn next_due_is_when_a_request_leaves_the_queue() {
    let (gate, hands) = turnstile(5, 10);
    let woken = Woken::default();
    for time in [0, 2, 4, 6, 8] {
        hands.set(time);
        assert_eq!(gate.try_acquire(1), Ok(true), "at {time}");
    }
    assert_eq!(gate.next_due(), None, "nobody waits");
    let (mut a, mut b) = (gate.acquire(3), gate.acquire_before(1, 13));
    let (mut c, mut d) = (gate.acquire_before(1, 20), gate.acquire_before(5, 40));
    for (name, request) in [("a", &mut a), ("b", &mut b), ("c", &mut c), ("d", &mut d)] {
        assert_eq!(woken.poll(name, request), WAITS, "{name}");
    }
    let mut steps = Vec::new();
    while let Some(due) = gate.next_due() {
        assert!(due > hands.now(), "{due} is no later time");
        hands.set(due - 1);
        gate.tick();
        assert_eq!(woken.take(), NOBODY, "at {}", due - 1);
        hands.set(due);
        gate.tick();
        steps.push((due, woken.take()));
    }
    let wanted = [
        (13, vec!["b"]),
        (14, vec!["a"]),
        (16, vec!["c"]),
        (26, vec!["d"]),
    ];
    assert_eq!(steps, wanted);
}

#[test]
fn times_do_not_overflow() {
    let (gate, hands) = turnstile(u32::MAX, 10);
    let woken = Woken::default();
    hands.set(u64::MAX - 10);
    assert_eq!(gate.try_acquire(u32::MAX - 1), Ok(true));
    hands.set(u64::MAX - 9);
    assert_eq!(gate.try_acquire(1), Ok(true));
    let (mut a, mut b) = (gate.acquire(u32::MAX - 1), gate.acquire(1));
    assert_eq!(
        (woken.poll("a", &mut a), woken.poll("b", &mut b)),
        (WAITS, WAITS)
    );
    assert_eq!(gate.next_due(), Some(u64::MAX));
    hands.set(u64::MAX);
    gate.tick();
    assert_eq!((woken.take(), gate.waiting()), (vec!["a"], 1));
    assert_eq!(gate.next_due(), None, "never");
    drop(a);
    assert_eq!(woken.take(), ["b"], "a gave its units back");
    assert_eq!(gate.free(), u32::MAX - 2);

    let (gate, hands) = turnstile(1, u64::MAX);
    assert_eq!(gate.try_acquire(1), Ok(true));
    hands.set(u64::MAX - 1);
    assert_eq!(gate.free(), 0);
    hands.set(u64::MAX);
    assert_eq!(gate.free(), 1);
}

#[test]
fn wakers_may_use_the_turnstile() {
    bounded(|| {
        let (gate, hands) = turnstile(2, 10);
        assert_eq!(gate.try_acquire(2), Ok(true));
        let woken = Woken::default();
        let mut others = [gate.acquire(1), gate.acquire(1)];
        let seen = Arc::new(Mutex::new(Vec::new()));
        let (inner, log) = (gate.clone(), seen.clone());
        let kept = Mutex::new(Some((gate.acquire(1), gate.acquire(2))));
        let waker = Waker::from(Arc::new(Calls(move || {
            inner.tick();
            let (mut late, fresh) = kept.lock().unwrap().take().expect("woken once");
            let answer = poll(&mut late, Waker::noop());
            drop((late, fresh));
            let state = (inner.free(), inner.waiting(), inner.next_due(), answer);
            log.lock().unwrap().push(state);
        })));
        let mut a = gate.acquire(1);
        assert_eq!(poll(&mut a, &waker), WAITS);
        for (name, request) in ["b", "c"].iter().zip(&mut others) {
            assert_eq!(woken.poll(name, request), WAITS);
        }
        hands.set(10);
        gate.tick();
        assert_eq!(*seen.lock().unwrap(), [(0, 1, Some(20), WAITS)]);
        assert_eq!(woken.take(), ["b"], "c waits");
    });
}

#[test]
fn wakers_may_use_the_turnstile_when_they_are_dropped() {
    bounded(|| {
        let (gate, _) = turnstile(1, 10);
        assert_eq!(gate.try_acquire(1), Ok(true));
        let dropped = Arc::new(AtomicUsize::new(0));
        let waker = || {
            let (inner, dropped) = (gate.clone(), dropped.clone());
            Waker::from(Arc::new(LastWords(move || {
                inner.tick();
                dropped.fetch_add(1, SeqCst);
            })))
        };
        let (mut a, mut b) = (gate.acquire(1), gate.acquire(1));
        assert_eq!(poll(&mut a, &waker()), WAITS);
        assert_eq!(poll(&mut a, &waker()), WAITS);
        assert_eq!(dropped.load(SeqCst), 1, "replaced by another poll");
        assert_eq!(poll(&mut b, &waker()), WAITS);
        drop(b);
        assert_eq!(dropped.load(SeqCst), 2, "the request was dropped");
        gate.close();
        assert_eq!(dropped.load(SeqCst), 3, "closed");
        assert_eq!(poll(&mut gate.acquire(1), &waker()), CLOSED);
        assert_eq!(dropped.load(SeqCst), 4, "closed before");
    });
}

#[test]
#[should_panic(expected = "limit")]
fn a_limit_of_0_panics() {
    turnstile(0, 1);
}

#[test]
#[should_panic(expected = "window")]
fn a_window_of_0_panics() {
    turnstile(1, 0);
}

#[test]
fn all_can_be_sent_and_shared() {
    fn check<T: Send + Sync + Unpin + 'static>(_: &T) {}
    let (gate, _) = turnstile(1, 10);
    let mut a = gate.clone().acquire(1);
    check(&gate);
    check(&a);
    drop(gate.clone());
    assert_eq!(poll(&mut a, Waker::noop()), OK);
    assert_eq!(gate.free(), 0, "of a clone");
}

/// Unparks a thread.
struct Unparks(thread::Thread);

impl Wake for Unparks {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

/// Waits for a request on this thread.
fn block_on(mut request: Acquire) -> Result<(), Denied> {
    let waker = Waker::from(Arc::new(Unparks(thread::current())));
    loop {
        match poll(&mut request, &waker) {
            Poll::Ready(result) => return result,
            Poll::Pending => thread::park(),
        }
    }
}

/// Moves the clock on until all workers have ended.
fn drive(gate: &Turnstile, hands: &Hands, workers: Vec<thread::JoinHandle<u64>>) -> u64 {
    let mut moved = Instant::now();
    while !workers.iter().all(|worker| worker.is_finished()) {
        let stuck = moved.elapsed() > Duration::from_secs(10) || hands.now() > 1_000_000;
        assert!(!stuck, "a request is stuck");
        if let Some(due) = gate.next_due() {
            assert!(due > hands.now(), "{due} is no later time");
            hands.set(due);
            gate.tick();
            moved = Instant::now();
        }
        thread::yield_now();
    }
    let results = workers.into_iter().map(|worker| worker.join());
    results.map(|units| units.expect("no panic")).sum()
}

#[test]
fn threads_are_all_served_within_the_limit() {
    let (gate, hands) = turnstile(5, 10);
    let workers = (0..4).map(|number| {
        let gate = gate.clone();
        thread::spawn(move || {
            let sizes = (0..60).map(|step| (step * 7 + number) % 3 + 1);
            let served = sizes.filter(|units| block_on(gate.acquire(*units)).is_ok());
            served.map(u64::from).sum()
        })
    });
    let workers = workers.collect();
    let units = drive(&gate, &hands, workers);
    assert_eq!(units, 480, "all units of all requests");
    let least = (units / 5 - 1) * 10;
    assert!(hands.now() >= least, "{} is too early", hands.now());
    hands.set(hands.now() + 10);
    assert_eq!((gate.free(), gate.waiting()), (5, 0));
}

#[test]
fn threads_that_give_up_leave_nothing_behind() {
    let (gate, hands) = turnstile(2, 10);
    let workers = (0..4).map(|number| {
        let gate = gate.clone();
        thread::spawn(move || {
            for step in 0..100 {
                let mut request = gate.acquire(step % 2 + 1);
                let waker = Waker::from(Arc::new(Unparks(thread::current())));
                if poll(&mut request, &waker).is_pending() && (step + number) % 4 == 0 {
                    block_on(request).expect("served");
                }
            }
            1
        })
    });
    let workers = workers.collect();
    assert_eq!(drive(&gate, &hands, workers), 4);
    hands.set(hands.now() + 10);
    assert_eq!((gate.free(), gate.waiting()), (2, 0));
}
