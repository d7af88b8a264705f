use std::cell::Cell;
use std::hash::{Hash, Hasher};
use std::rc::Rc;
use std::time::{Duration, Instant};

use pincache::{Cause, Clock, Gone, PinCache, Refused, Why};

const HUGE: u64 = u64::MAX;

/// A clock that the test sets, and that counts how often it is asked.
#[derive(Clone, Default)]
struct Hands {
    now: Rc<Cell<u64>>,
    asked: Rc<Cell<u32>>,
}

impl Hands {
    fn set(&self, now: u64) {
        self.now.set(now);
    }
}

impl Clock for Hands {
    fn now(&self) -> u64 {
        self.asked.set(self.asked.get() + 1);
        self.now.get()
    }
}

type Cache = PinCache<&'static str, u32, Hands>;

fn cache(capacity: u64, idle: Option<u64>) -> (Cache, Hands) {
    let hands = Hands::default();
    (PinCache::new(capacity, idle, hands.clone()), hands)
}

/// Returns a cache that holds entries of the given weights, stored in this order, with values 1, 2, 3, …
fn filled(capacity: u64, entries: &[(&'static str, u64)]) -> Cache {
    let mut cache = cache(capacity, None).0;
    for (value, (key, weight)) in (1..).zip(entries) {
        assert_eq!(cache.store(key, value, *weight), Ok(vec![]), "store {key}");
    }
    cache
}

fn gone<K, V>(entries: impl IntoIterator<Item = (K, V, Cause)>) -> Vec<Gone<K, V>> {
    let entries = entries.into_iter();
    entries
        .map(|(key, value, cause)| Gone { key, value, cause })
        .collect()
}

fn refused<T>(key: &'static str, value: u32, why: Why) -> Result<T, Refused<&'static str, u32>> {
    Err(Refused { key, value, why })
}

/// A key, and a clock, that can be sent, but not shared.
#[derive(PartialEq, Eq)]
struct Lone(Cell<u64>);

impl Hash for Lone {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.get().hash(state);
    }
}

impl Clock for Lone {
    fn now(&self) -> u64 {
        self.0.get()
    }
}

/// A key that is equal to others by its first part only, and whose hashes are all the same. It can't be cloned.
#[derive(Debug)]
struct Odd(u32, char);

impl PartialEq for Odd {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}

impl Eq for Odd {}

impl Hash for Odd {
    fn hash<H: Hasher>(&self, _: &mut H) {}
}

#[test]
fn what_was_stored_is_found() {
    let mut cache = filled(10, &[("a", 3), ("b", 7)]);
    assert_eq!(cache.peek("b"), Some(&2), "peek");
    assert_eq!(cache.fetch("a"), Some(&mut 1), "fetch");
    *cache.fetch("a").unwrap() = 9;
    assert_eq!(cache.peek("a"), Some(&9), "a changed value");
    assert_eq!(cache.peek("c"), None, "peek at an unknown key");
    assert_eq!(cache.fetch("c"), None, "fetch an unknown key");
    assert_eq!((cache.live_count(), cache.live_weight()), (2, 10));
}

#[test]
fn the_least_recently_used_make_room() {
    let mut cache = filled(10, &[("a", 3), ("b", 3), ("c", 3)]);
    assert_eq!(cache.store("d", 4, 1), Ok(vec![]), "just fits");
    cache.fetch("a");
    let left = gone([("b", 2, Cause::Evicted), ("c", 3, Cause::Evicted)]);
    assert_eq!(cache.store("e", 5, 4), Ok(left));
    assert_eq!(cache.keys_by_use(), [&"e", &"a", &"d"]);
    assert_eq!((cache.live_count(), cache.live_weight()), (3, 8));
}

#[test]
fn fetch_is_a_use_and_peek_and_reweigh_are_none() {
    let mut cache = filled(3, &[("a", 1), ("b", 1), ("c", 1)]);
    cache.peek("a");
    cache.reweigh("b", 1).unwrap();
    assert_eq!(cache.keys_by_use(), [&"c", &"b", &"a"]);
    cache.fetch("b");
    assert_eq!(cache.keys_by_use(), [&"b", &"c", &"a"]);
    cache.fetch("c");
    assert_eq!(cache.keys_by_use(), [&"c", &"b", &"a"]);
    cache.fetch("a");
    assert_eq!(cache.keys_by_use(), [&"a", &"c", &"b"]);
}

#[test]
fn entries_that_weigh_nothing_leave_in_their_turn() {
    let mut cache = filled(4, &[("a", 0), ("b", 4), ("c", 0)]);
    assert_eq!(cache.store("d", 4, 0), Ok(vec![]), "nothing needs room");
    let left = gone([("a", 1, Cause::Evicted), ("b", 2, Cause::Evicted)]);
    assert_eq!(cache.store("e", 5, 1), Ok(left));
    assert_eq!(cache.keys_by_use(), [&"e", &"d", &"c"]);
}

#[test]
fn a_replaced_entry_makes_room_and_leaves_with_its_own_key() {
    let mut cache = PinCache::new(5, None, Hands::default());
    cache.store(Odd(1, 'x'), "one", 4).unwrap();
    cache.store(Odd(2, 'x'), "two", 1).unwrap();
    let left = cache.store(Odd(1, 'y'), "new", 4).unwrap();
    assert_eq!(left.len(), 1, "only one leaves: {left:?}");
    let Gone { key, value, cause } = &left[0];
    assert_eq!((key.1, *value, *cause), ('x', "one", Cause::Replaced));
    let marks: Vec<_> = cache.keys_by_use().iter().map(|key| key.1).collect();
    assert_eq!(marks, ['y', 'x'], "the new key is in the cache, and first");
    let left = cache.store(Odd(1, 'z'), "newer", 5).unwrap();
    let causes: Vec<_> = left.iter().map(|gone| (gone.value, gone.cause)).collect();
    assert_eq!(
        causes,
        [("new", Cause::Replaced), ("two", Cause::Evicted)],
        "the replaced one first"
    );
}

#[test]
fn keys_of_one_hash_are_kept_apart() {
    let mut cache = PinCache::new(9, None, Hands::default());
    for number in 0..6 {
        cache.store(Odd(number, 'x'), number, 1).unwrap();
    }
    let (key, value) = cache.withdraw(&Odd(3, 'y')).expect("an entry");
    assert_eq!((key.0, key.1, value), (3, 'x', 3));
    let found: Vec<_> = (0..6).map(|key| cache.peek(&Odd(key, 'z'))).collect();
    assert_eq!(
        found,
        [Some(&0), Some(&1), Some(&2), None, Some(&4), Some(&5)]
    );
}

#[test]
fn keys_are_found_by_a_borrowed_form() {
    let mut cache = PinCache::new(9, None, Hands::default());
    cache.store(String::from("a"), 1, 1).unwrap();
    assert_eq!(cache.fetch("a"), Some(&mut 1));
    assert_eq!(cache.peek("a"), Some(&1));
    assert!(cache.pin("a") && cache.unpin("a"), "pin and unpin");
    assert_eq!(cache.reweigh("a", 2), Ok(vec![]));
    assert_eq!(cache.withdraw("a"), Some((String::from("a"), 1)));
}

#[test]
fn refused_entries_come_back_and_nothing_changes() {
    let (mut cache, hands) = cache(10, Some(5));
    cache.store("dead", 1, 2).unwrap();
    hands.set(5);
    cache.store("old", 2, 1).unwrap();
    hands.set(9);
    for (key, weight) in [("a", 4), ("b", 2)] {
        cache.store(key, 7, weight).unwrap();
        assert!(cache.pin(key));
    }
    hands.set(10);
    let (a, b, c) = ("a", "b", "c");
    assert_eq!(cache.store(a, 3, 11), refused(a, 3, Why::TooHeavy));
    assert_eq!(cache.store(a, 4, 5), refused(a, 4, Why::Pinned));
    assert_eq!(cache.store(b, 4, 0), refused(b, 4, Why::Pinned));
    assert_eq!(cache.store(c, 5, 5), refused(c, 5, Why::NoRoom));
    assert_eq!(cache.keys_by_use(), [&"b", &"a"]);
    let left = gone([("old", 2, Cause::Expired)]);
    assert_eq!(cache.store(c, 6, 4), Ok(left), "4 fits just so");
}

#[test]
fn idle_entries_die_at_their_time() {
    let (mut cache, hands) = cache(10, Some(5));
    cache.store("a", 1, 1).unwrap();
    hands.set(2);
    cache.store("b", 2, 2).unwrap();
    hands.set(4);
    assert_eq!(cache.fetch("a"), Some(&mut 1));
    hands.set(6);
    assert_eq!(cache.peek("b"), Some(&2), "peek is no use");
    hands.set(7);
    assert_eq!(cache.peek("b"), None, "peek at 7");
    assert_eq!(cache.fetch("b"), None, "fetch at 7");
    assert_eq!((cache.live_count(), cache.live_weight()), (1, 1), "at 7");
    assert_eq!(cache.keys_by_use(), [&"a"], "at 7");
    hands.set(8);
    assert_eq!(cache.peek("a"), Some(&1), "at 8");
    hands.set(9);
    assert_eq!(cache.peek("a"), None, "at 9");
    assert_eq!((cache.live_count(), cache.live_weight()), (0, 0), "at 9");
}

#[test]
fn the_dead_are_not_there_and_do_not_leave_but_when_they_may() {
    let (mut cache, hands) = cache(10, Some(5));
    cache.store("a", 1, 1).unwrap();
    cache.store("b", 2, 1).unwrap();
    cache.fetch("a");
    hands.set(5);
    assert_eq!(cache.fetch("a"), None, "fetch");
    assert!(!cache.pin("a"), "pin");
    assert!(!cache.unpin("a"), "unpin");
    assert_eq!(cache.withdraw("a"), None, "withdraw");
    assert_eq!(cache.reweigh("a", 1), Err(Why::Unknown), "reweigh");
    assert_eq!(cache.keys_by_use(), [&""; 0]);
    let left = gone([("b", 2, Cause::Expired), ("a", 1, Cause::Expired)]);
    assert_eq!(cache.sweep(), left, "the longest unused first");
    assert_eq!(cache.sweep(), [], "a second time");
}

#[test]
fn store_lets_all_dead_leave_first() {
    let (mut cache, hands) = cache(10, Some(5));
    for (now, key) in [(0, "a"), (1, "b"), (2, "c"), (4, "d"), (5, "e")] {
        hands.set(now);
        let value = now as u32;
        assert!(cache
            .store(key, value, 2)
            .is_ok_and(|left| left.len() == (now == 5) as usize));
    }
    hands.set(7);
    let dead = [("b", 1, Cause::Expired), ("c", 2, Cause::Expired)];
    assert_eq!(cache.store("c", 9, 0), Ok(gone(dead)), "c in its turn");
    let evicted = [("d", 4, Cause::Replaced), ("e", 5, Cause::Evicted)];
    assert_eq!(cache.store("d", 8, 9), Ok(gone(evicted)));
    assert_eq!(cache.keys_by_use(), [&"d", &"c"]);
}

#[test]
fn times_do_not_overflow() {
    let (mut cache, hands) = cache(9, Some(HUGE - 10));
    for (now, key) in [(0, "a"), (10, "b"), (11, "c")] {
        hands.set(now);
        cache.store(key, 1, 1).unwrap();
    }
    hands.set(HUGE - 11);
    assert_eq!(cache.keys_by_use(), [&"c", &"b", &"a"]);
    hands.set(HUGE - 10);
    assert_eq!(cache.keys_by_use(), [&"c", &"b"]);
    hands.set(HUGE);
    let left = gone(["a", "b"].map(|key| (key, 1, Cause::Expired)));
    assert_eq!(cache.sweep(), left, "11 + idle never comes");
}

#[test]
fn a_clock_is_asked_once_by_each_call_at_most() {
    let (mut cache, hands) = cache(9, Some(5));
    let asked = |step: &str| {
        let times = hands.asked.replace(0);
        assert!(times <= 1, "{step} asked the clock {times} times");
    };
    for key in ["a", "b", "c"] {
        cache.store(key, 1, 3).unwrap();
        asked("store");
    }
    cache.fetch("a");
    asked("fetch");
    cache.peek("a");
    asked("peek");
    cache.pin("c");
    asked("pin");
    cache.unpin("c");
    asked("unpin");
    cache.reweigh("c", 2).unwrap();
    asked("reweigh");
    cache.keys_by_use();
    asked("keys_by_use");
    hands.set(5);
    cache.live_weight();
    asked("live_weight");
    cache.live_count();
    asked("live_count");
    cache.withdraw("a");
    asked("withdraw");
    cache.sweep();
    asked("sweep");
}

#[test]
#[should_panic(expected = "idle")]
fn an_idle_time_of_0_panics() {
    cache(1, Some(0));
}

#[test]
fn pinned_entries_stay() {
    let mut cache = filled(6, &[("a", 2), ("b", 2), ("c", 2)]);
    assert!(cache.pin("a"));
    let left = gone([("b", 2, Cause::Evicted)]);
    assert_eq!(cache.store("d", 4, 1), Ok(left), "a is passed over");
    let left = gone([("c", 3, Cause::Evicted), ("d", 4, Cause::Evicted)]);
    assert_eq!(cache.store("e", 5, 4), Ok(left));
    assert_eq!(cache.keys_by_use(), [&"a", &"e"]);
    assert_eq!((cache.live_count(), cache.live_weight()), (2, 6));
    assert!(cache.unpin("a"));
    let left = gone([("e", 5, Cause::Evicted), ("a", 1, Cause::Evicted)]);
    assert_eq!(cache.store("f", 6, 6), Ok(left), "a is as others again");
}

#[test]
fn pins_are_counted_and_the_last_one_removed_is_a_use() {
    let (mut cache, hands) = cache(9, Some(5));
    for key in ["a", "b", "c", "d"] {
        cache.store(key, 1, 1).unwrap();
    }
    assert!(!cache.unpin("a"), "no pin");
    assert!(!cache.unpin("z") && !cache.pin("z"), "unknown");
    assert!(cache.pin("b") && cache.pin("a") && cache.pin("b"));
    assert_eq!(cache.keys_by_use(), [&"a", &"b", &"d", &"c"]);
    cache.fetch("b");
    assert_eq!(cache.keys_by_use(), [&"a", &"b", &"d", &"c"]);
    hands.set(3);
    assert!(cache.unpin("b"), "the first of two");
    assert!(cache.unpin("a"), "the only one");
    assert_eq!(cache.keys_by_use(), [&"b", &"a", &"d", &"c"]);
    hands.set(7);
    assert_eq!(cache.keys_by_use(), [&"b", &"a"], "a was used at 3");
    hands.set(8);
    assert_eq!(cache.keys_by_use(), [&"b"], "pinned entries do not die");
    hands.set(40);
    assert_eq!(cache.peek("b"), Some(&1), "peek at a pinned one");
    let left = gone(["c", "d", "a"].map(|key| (key, 1, Cause::Expired)));
    assert_eq!(cache.reweigh("b", 2), Ok(left), "reweigh a pinned one");
    assert!(cache.unpin("b"), "the second of two");
    assert_eq!(cache.keys_by_use(), [&"b"], "used right now");
    assert!(!cache.unpin("b"), "no pin is left");
}

#[test]
fn withdraw_takes_pinned_entries_too() {
    let mut cache = filled(6, &[("a", 2), ("b", 2), ("c", 2)]);
    assert!(cache.pin("b") && cache.pin("b"));
    assert_eq!(cache.withdraw("b"), Some(("b", 2)));
    assert_eq!(cache.withdraw("a"), Some(("a", 1)));
    assert_eq!(cache.withdraw("a"), None, "a second time");
    assert_eq!((cache.live_count(), cache.live_weight()), (1, 2));
    let left = gone([("c", 3, Cause::Evicted)]);
    assert_eq!(cache.store("b", 4, 6), Ok(left), "its pins are gone");
    assert!(!cache.unpin("b"), "a new entry has no pin");
    assert!(cache.pin("b"));
    assert_eq!(cache.withdraw("b"), Some(("b", 4)), "pinned once");
    assert_eq!(cache.keys_by_use(), [&""; 0]);
    assert_eq!(cache.store("d", 5, 6), Ok(vec![]), "all the room");
}

#[test]
fn reweigh_makes_others_leave() {
    let mut cache = filled(10, &[("a", 1), ("b", 2), ("c", 3), ("d", 4)]);
    assert_eq!(cache.reweigh("a", 11), Err(Why::TooHeavy));
    assert_eq!(cache.reweigh("z", 11), Err(Why::Unknown));
    let left = gone([("b", 2, Cause::Evicted)]);
    assert_eq!(cache.reweigh("a", 3), Ok(left), "a keeps its place");
    assert_eq!(cache.live_weight(), 10);
    assert!(cache.pin("c"));
    assert_eq!(cache.reweigh("a", 8), Err(Why::NoRoom));
    assert_eq!(cache.reweigh("d", 1), Ok(vec![]), "a lighter one");
    assert_eq!(cache.live_weight(), 7);
    let left = gone([("a", 1, Cause::Evicted)]);
    assert_eq!(cache.reweigh("c", 9), Ok(left), "a pinned one");
    assert_eq!(cache.keys_by_use(), [&"c", &"d"]);
    assert_eq!(cache.store("e", 9, 2), refused("e", 9, Why::NoRoom));
    let left = gone([("d", 4, Cause::Evicted)]);
    assert_eq!(cache.reweigh("c", 10), Ok(left), "all that there is");
    assert_eq!(cache.store("e", 9, 0), Ok(vec![]), "nothing weighs 0");
}

#[test]
fn reweigh_lets_the_dead_leave_first_but_not_if_it_refuses() {
    let (mut cache, hands) = cache(10, Some(5));
    cache.store("a", 1, 4).unwrap();
    hands.set(3);
    cache.store("b", 2, 3).unwrap();
    cache.store("c", 3, 3).unwrap();
    assert!(cache.pin("c"));
    hands.set(5);
    assert_eq!(cache.reweigh("b", 8), Err(Why::NoRoom));
    assert_eq!(cache.reweigh("b", 11), Err(Why::TooHeavy));
    let left = gone([("a", 1, Cause::Expired)]);
    assert_eq!(cache.reweigh("b", 7), Ok(left), "room without the dead");
    assert_eq!((cache.live_count(), cache.live_weight()), (2, 10));
}

#[test]
fn weights_do_not_overflow() {
    let mut cache = filled(HUGE, &[("a", HUGE - 1), ("b", 1)]);
    assert_eq!(cache.live_weight(), HUGE);
    let left = gone([("a", 1, Cause::Evicted)]);
    assert_eq!(cache.store("c", 3, HUGE - 1), Ok(left));
    assert!(cache.pin("c"));
    assert_eq!(cache.store("d", 4, 2), refused("d", 4, Why::NoRoom));
    assert_eq!(cache.reweigh("b", HUGE), Err(Why::NoRoom));
    let left = gone([("b", 2, Cause::Evicted)]);
    assert_eq!(cache.reweigh("c", HUGE), Ok(left));
    assert_eq!(cache.live_weight(), HUGE);
}

#[test]
fn a_cache_drops_nothing_itself_and_may_be_sent() {
    fn sendable<T: Send>(_: &T) {}
    struct Still;
    impl Clock for Still {
        fn now(&self) -> u64 {
            0
        }
    }
    sendable(&PinCache::<String, Vec<u8>, Still>::new(1, None, Still));
    sendable(&PinCache::<Lone, Cell<u8>, Lone>::new(
        1,
        None,
        Lone(Cell::new(0)),
    ));

    let token = Rc::new(());
    let mut cache = PinCache::new(3, None, Hands::default());
    let mut left = Vec::new();
    for key in 0..5 {
        left.extend(cache.store(key, token.clone(), 1).expect("room"));
    }
    left.extend(cache.store(4, token.clone(), 2).expect("room"));
    assert!(cache.pin(&4));
    let refusal = cache.store(9, token.clone(), 2).err().expect("no room");
    assert!(Rc::ptr_eq(&refusal.value, &token), "the refused value");
    assert_eq!((left.len(), Rc::strong_count(&token)), (4, 8));
    drop((cache, refusal));
    assert_eq!(Rc::strong_count(&token), 5, "those that left are kept");
}

/// Bounds the time for which a test computes. What else the machine does makes no difference where Linux tells it.
struct Effort {
    begun: Instant,
    before: Option<Duration>,
    steps: u32,
}

impl Effort {
    fn begin() -> Effort {
        Effort {
            begun: Instant::now(),
            before: computed(),
            steps: 0,
        }
    }

    fn step(&mut self) {
        self.steps += 1;
        if self.steps % 500 != 0 {
            return;
        }
        let spent = computed().zip(self.before).map(|(now, then)| now - then);
        let spent = spent.unwrap_or_else(|| self.begun.elapsed());
        let bound = Duration::from_secs(3);
        assert!(spent < bound, "far from constant time a call");
    }
}

/// Returns for how long this thread has computed.
fn computed() -> Option<Duration> {
    let stat = std::fs::read_to_string("/proc/thread-self/stat").ok()?;
    let (_, fields) = stat.rsplit_once(')')?;
    let mut ticks = fields.split_ascii_whitespace().skip(11);
    let (user, system): (u64, u64) = (ticks.next()?.parse().ok()?, ticks.next()?.parse().ok()?);
    Some(Duration::from_millis((user + system) * 10))
}

#[test]
fn many_pins_cost_nothing() {
    const PINNED: u32 = 20_000;
    let mut effort = Effort::begin();
    let mut cache = PinCache::new(u64::from(PINNED) + 10, None, Hands::default());
    for key in 0..PINNED {
        cache.store(key, key, 1).expect("room");
        assert!(cache.pin(&key));
    }
    for key in PINNED..2 * PINNED {
        let left = cache.store(key, key, 1).expect("room");
        assert_eq!(left.len(), usize::from(key >= PINNED + 10));
        cache.fetch(&(key - 5));
        assert!(cache.live_count() > 0);
        effort.step();
    }
    for key in 0..PINNED {
        assert!(cache.unpin(&key) && cache.withdraw(&key).is_some());
        effort.step();
    }
    assert_eq!(cache.live_count(), 10);
}

#[test]
fn many_entries_cost_nothing() {
    const ENTRIES: u32 = 30_000;
    let mut effort = Effort::begin();
    let weight = u64::from(ENTRIES);
    let mut cache = PinCache::new(weight, Some(1), Hands::default());
    for key in 0..ENTRIES {
        assert_eq!(cache.store(key, key, 1), Ok(vec![]));
        effort.step();
    }
    // Neither the newest first nor the oldest.
    let mixed = |factor: u32| (0..ENTRIES).map(move |number| number * factor % ENTRIES);
    for key in mixed(7919) {
        assert!(cache.fetch(&key).is_some() && cache.peek(&key).is_some());
        assert_eq!(cache.reweigh(&key, 1), Ok(vec![]));
        assert_eq!((cache.live_weight(), cache.sweep().len()), (weight, 0));
        effort.step();
    }
    for key in mixed(4099) {
        assert!(cache.pin(&key));
        effort.step();
    }
    for key in mixed(7919) {
        assert!(cache.unpin(&key) && cache.withdraw(&key).is_some());
        let left = cache.store(key + ENTRIES, key, 1).expect("room");
        assert_eq!((left.len(), cache.live_count()), (0, ENTRIES as usize));
        effort.step();
    }
}
