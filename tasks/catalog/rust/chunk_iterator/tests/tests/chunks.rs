use std::cell::{Cell, RefCell};
use std::iter;

use chunks::ChunkExt;

const HUGE: u64 = u64::MAX;

fn grouped(limit: u64, max_len: usize, items: &[u64]) -> Vec<Vec<u64>> {
    let source = items.to_vec().into_iter();
    source
        .chunks_by_weight(limit, max_len, |item| *item)
        .collect()
}

/// Hands out the given steps, and counts how often it is asked.
struct Steps<'a> {
    steps: Vec<Option<u64>>,
    asked: &'a Cell<usize>,
}

impl Iterator for Steps<'_> {
    type Item = u64;

    fn next(&mut self) -> Option<u64> {
        let at = self.asked.get();
        self.asked.set(at + 1);
        self.steps.get(at).copied().flatten()
    }
}

#[test]
fn no_items_make_no_chunk() {
    assert_eq!(grouped(10, 3, &[]), Vec::<Vec<u64>>::new());
}

#[test]
fn sums_stay_within_the_limit() {
    assert_eq!(
        grouped(10, 3, &[4, 6, 1, 10]),
        [vec![4, 6], vec![1], vec![10]]
    );
    assert_eq!(
        grouped(10, 9, &[9, 2, 3, 5, 1]),
        [vec![9], vec![2, 3, 5], vec![1]]
    );
}

#[test]
fn chunks_are_no_longer_than_max_len() {
    assert_eq!(
        grouped(10, 2, &[1, 1, 1, 1, 1]),
        [vec![1, 1], vec![1, 1], vec![1]]
    );
    assert_eq!(grouped(10, 1, &[1, 2]), [vec![1], vec![2]]);
}

#[test]
fn light_items_do_not_count_for_max_len() {
    assert_eq!(
        grouped(10, 3, &[1, 1, 1, 0, 0, 1]),
        [vec![1, 1, 1, 0, 0], vec![1]]
    );
    assert_eq!(
        grouped(10, 1, &[0, 0, 4, 0, 5]),
        [vec![0, 0, 4, 0], vec![5]]
    );
}

#[test]
fn light_items_join_a_chunk_of_full_weight() {
    assert_eq!(grouped(10, 3, &[10, 0, 0, 1]), [vec![10, 0, 0], vec![1]]);
}

#[test]
fn oversize_items_stay_alone() {
    assert_eq!(
        grouped(10, 3, &[0, 11, 0, 5]),
        [vec![0], vec![11], vec![0, 5]]
    );
    assert_eq!(
        grouped(10, 3, &[3, 11, 12, 4]),
        [vec![3], vec![11], vec![12], vec![4]]
    );
}

#[test]
fn with_limit_0_all_but_light_items_are_oversize() {
    assert_eq!(
        grouped(0, 2, &[0, 0, 0, 1, 0]),
        [vec![0, 0, 0], vec![1], vec![0]]
    );
}

#[test]
fn sums_do_not_overflow() {
    assert_eq!(
        grouped(HUGE, 9, &[HUGE, 1, HUGE - 1, 1]),
        [vec![HUGE], vec![1, HUGE - 1], vec![1]]
    );
    assert_eq!(
        grouped(10, 9, &[5, HUGE - 2]),
        [vec![5], vec![HUGE - 2]],
        "5 and an oversize item"
    );
}

#[test]
#[should_panic(expected = "max_len")]
fn max_len_0_panics() {
    let _ = iter::once(1).chunks_by_weight(10, 0, |_| 1);
}

#[test]
fn each_call_reads_one_item_too_many_at_most() {
    let asked = Cell::new(0);
    let steps = [4, 5, 6, 11, 1].map(Some).to_vec();
    let source = Steps {
        steps,
        asked: &asked,
    };
    let mut chunks = source.chunks_by_weight(10, 3, |item| *item);
    assert_eq!(asked.get(), 0, "before the first call");
    for (chunk, reads) in [(vec![4, 5], 3), (vec![6], 4), (vec![11], 4), (vec![1], 6)] {
        assert_eq!(chunks.next(), Some(chunk.clone()));
        assert_eq!(asked.get(), reads, "reads up to the chunk {chunk:?}");
    }
}

#[test]
fn weight_is_called_once_for_each_item_as_it_is_read() {
    let log = RefCell::new(Vec::new());
    let source = [4u64, 7, 11, 0].into_iter().inspect(|item| {
        log.borrow_mut().push(format!("read {item}"));
    });
    let weight = |item: &u64| {
        log.borrow_mut().push(format!("weigh {item}"));
        *item
    };
    assert_eq!(source.chunks_by_weight(10, 3, weight).count(), 4);
    let wanted: Vec<String> = ["4", "7", "11", "0"]
        .iter()
        .flat_map(|item| [format!("read {item}"), format!("weigh {item}")])
        .collect();
    assert_eq!(*log.borrow(), wanted);
}

#[test]
fn an_ended_source_is_not_asked_again() {
    let asked = Cell::new(0);
    let source = Steps {
        steps: vec![Some(4), Some(8), None, Some(1)],
        asked: &asked,
    };
    let mut chunks = source.chunks_by_weight(10, 3, |item| *item);
    let seen: Vec<_> = (0..4).map(|_| chunks.next()).collect();
    assert_eq!(seen, [Some(vec![4]), Some(vec![8]), None, None]);
    assert_eq!(asked.get(), 3, "times that the source was asked");
    assert_eq!(chunks.into_rest().next(), None, "the rest");
    assert_eq!(asked.get(), 3, "times that the source was asked");
}

#[test]
fn size_hint_counts_what_is_left() {
    let mut chunks = [4, 8, 9].into_iter().chunks_by_weight(10, 3, |item| *item);
    assert_eq!(chunks.size_hint(), (1, Some(3)), "at the start");
    chunks.next();
    assert_eq!(chunks.size_hint(), (1, Some(2)), "with one item read");
    chunks.next();
    assert_eq!(chunks.size_hint(), (1, Some(1)), "with the last item read");
    chunks.next();
    assert_eq!(chunks.size_hint(), (0, Some(0)), "at the end");

    let unsure = [1, 2].into_iter().filter(|_| true);
    let chunks = unsure.chunks_by_weight(10, 3, |item| *item);
    assert_eq!(chunks.size_hint(), (0, Some(2)), "of a filter");
}

#[test]
fn size_hint_knows_endless_and_ended_sources() {
    let mut chunks = iter::repeat(6).chunks_by_weight(10, 3, |item| *item);
    chunks.next();
    assert_eq!(chunks.size_hint(), (1, None), "of an endless source");

    struct Most(u64);
    impl Iterator for Most {
        type Item = u64;
        fn next(&mut self) -> Option<u64> {
            self.0 += 6;
            (self.0 < 18).then_some(self.0)
        }
        fn size_hint(&self) -> (usize, Option<usize>) {
            (0, Some(usize::MAX))
        }
    }
    let mut chunks = Most(0).chunks_by_weight(20, 1, |item| *item);
    assert_eq!(chunks.size_hint(), (0, Some(usize::MAX)), "at the start");
    chunks.next();
    assert_eq!(chunks.size_hint(), (1, None), "more than a usize holds");
    chunks.next();
    assert_eq!(chunks.size_hint(), (0, Some(0)), "of an ended source");
}

#[test]
fn the_rest_begins_with_the_item_that_was_read() {
    let calls = Cell::new(0);
    let weight = |item: &u64| {
        calls.set(calls.get() + 1);
        *item
    };
    let mut chunks = [4, 8, 9, 11].into_iter().chunks_by_weight(10, 3, weight);
    assert_eq!(chunks.next(), Some(vec![4]));
    let rest: Vec<u64> = chunks.into_rest().collect();
    assert_eq!(rest, [8, 9, 11]);
    assert_eq!(calls.get(), 2, "calls of weight");

    let fresh = [1, 2].into_iter().chunks_by_weight(10, 3, |item| *item);
    assert_eq!(fresh.into_rest().collect::<Vec<u64>>(), [1, 2]);
}

#[test]
fn the_rest_ends_for_good() {
    let asked = Cell::new(0);
    let source = Steps {
        steps: vec![Some(4), None, Some(1)],
        asked: &asked,
    };
    let mut rest = source.chunks_by_weight(10, 3, |item| *item).into_rest();
    let seen: Vec<_> = (0..3).map(|_| rest.next()).collect();
    assert_eq!(seen, [Some(4), None, None]);
    assert_eq!(asked.get(), 2, "times that the source was asked");
}
