import unittest

from event_store import Conflict, EventStore


def pairs(*numbers):
    return [("n", number) for number in numbers]


def numbers(events):
    return [event["data"] for event in events]


def five(every=1):
    """Return a store with five events in the stream s."""
    store = EventStore(every)
    store.append("s", pairs(1, 2, 3, 4, 5))
    return store


class EventStoreTest(unittest.TestCase):
    def test_events_are_numbered_in_their_stream_and_in_all(self):
        store = EventStore()
        self.assertEqual(store.append("a", [("x", {"k": [1, None]}), ("y", 2)]), 2)
        self.assertEqual(store.append("b", [("x", "d")]), 1)
        self.assertEqual(store.append("a", [("z", None)]), 3)
        a = [
            {"stream": "a", "version": 1, "position": 1, "kind": "x", "data": {"k": [1, None]}},
            {"stream": "a", "version": 2, "position": 2, "kind": "y", "data": 2},
            {"stream": "a", "version": 3, "position": 4, "kind": "z", "data": None},
        ]
        b = [{"stream": "b", "version": 1, "position": 3, "kind": "x", "data": "d"}]
        self.assertEqual((store.read("a"), store.read("b"), store.read("c")), (a, b, []))
        self.assertEqual(store.read_all(), [a[0], a[1], b[0], a[2]])

    def test_read_takes_what_comes_after_up_to_a_limit(self):
        store = five()
        self.assertEqual(numbers(store.read("s", after=2)), [3, 4, 5])
        self.assertEqual(numbers(store.read("s", after=1, limit=2)), [2, 3])
        self.assertEqual(numbers(store.read("s", limit=1)), [1])
        self.assertEqual(numbers(store.read("s", after=5)), [])
        self.assertEqual(numbers(store.read("s", after=9, limit=9)), [])

    def test_read_all_counts_only_the_kinds_asked_for(self):
        store = EventStore()
        store.append("a", [("x", 1), ("y", 2), ("x", 3)])
        store.append("b", [("y", 4), ("x", 5), ("z", 6)])
        self.assertEqual(numbers(store.read_all(after=1, limit=2, kinds=["x"])), [3, 5])
        self.assertEqual(numbers(store.read_all(kinds=["z", "y"])), [2, 4, 6])
        self.assertEqual(numbers(store.read_all(after=4)), [5, 6])
        self.assertEqual(numbers(store.read_all(after=4, limit=1)), [5])
        self.assertEqual(store.read_all(kinds=[]), [])

    def test_a_limit_less_than_one_is_refused(self):
        store = five()
        for limit in (0, -1):
            with self.subTest(limit=limit), self.assertRaises(ValueError):
                store.read("s", limit=limit)
            with self.subTest(limit=limit), self.assertRaises(ValueError):
                store.read_all(limit=limit)

    def test_another_version_than_expected_is_a_conflict(self):
        store = EventStore()
        for expected, version in ((1, 0), ("new", 2), (1, 2), (3, 2), (0, 2)):
            if version and not store.read("s"):
                store.append("s", pairs(1, 2))
            with self.subTest(expected=expected), self.assertRaises(Conflict) as caught:
                store.append("s", pairs(9), expected=expected)
            self.assertEqual(caught.exception.args, ("s", expected, version))
        self.assertEqual(store.append("s", pairs(3), expected=2), 3)
        self.assertEqual(store.append("t", pairs(1), expected="new"), 1)
        self.assertEqual(store.append("u", pairs(1), expected=0), 1)
        self.assertEqual(numbers(store.read("s")), [1, 2, 3])

    def test_all_events_are_appended_or_none(self):
        store = five()
        for kind in ("", None, 5):
            with self.subTest(kind=kind), self.assertRaises(ValueError):
                store.append("s", [("n", 6), (kind, 7)], key="k")
            with self.subTest(kind=kind), self.assertRaises(ValueError):
                store.append("t", [("n", 6), (kind, 7)])
        with self.assertRaises(Conflict):
            store.append("s", [("", 1)], expected=1)
        self.assertEqual(store.append("t", pairs(6), expected="new"), 1)
        self.assertEqual(store.append("s", pairs(7), key="k"), 6)
        self.assertEqual([(e["data"], e["position"]) for e in store.read_all(after=5)], [(6, 6), (7, 7)])

    def test_a_call_with_a_known_key_is_not_done_again(self):
        store = EventStore()
        self.assertEqual(store.append("s", pairs(1, 2), expected="new", key="k"), 2)
        store.append("s", pairs(3))
        for expected in ("new", None, 0, 77):
            self.assertEqual(store.append("s", pairs(1, 2), expected=expected, key="k"), 2)
        self.assertEqual(numbers(store.read("s")), [1, 2, 3])
        self.assertEqual(store.append("t", pairs(1, 2), key="k"), 2, "keys of other streams are others")
        self.assertEqual(numbers(store.read("t")), [1, 2])
        self.assertEqual(store.append("s", pairs(1, 2), key="l"), 5)
        self.assertEqual(store.append("s", pairs(1, 2), key=""), 7)
        self.assertEqual(store.append("s", pairs(1, 2), key=""), 7, "the empty text is a key")

    def test_a_known_key_with_other_events_is_refused(self):
        store = EventStore()
        store.append("s", pairs(1), key="k")
        for events in (pairs(2), pairs(1, 1), [], [("m", 1)], [("", 1)]):
            with self.subTest(events=events), self.assertRaises(ValueError):
                store.append("s", events, expected=9, key="k")
        self.assertEqual(numbers(store.read_all()), [1])

    def test_a_call_that_failed_leaves_its_key_unknown(self):
        store = five()
        with self.assertRaises(Conflict):
            store.append("s", pairs(6), expected=4, key="k")
        self.assertEqual(store.append("s", pairs(7), expected=5, key="k"), 6)

    def test_an_empty_list_leaves_the_stream_new(self):
        store = EventStore()
        self.assertEqual(store.append("s", [], expected="new", key="k"), 0)
        self.assertEqual(store.append("s", pairs(1), expected="new"), 1)
        self.assertEqual(store.append("s", [], key="k"), 0)
        self.assertEqual(store.append("s", []), 1)
        with self.assertRaises(Conflict):
            store.append("s", [], expected=0)

    def test_load_starts_from_the_last_snapshot_that_is_not_newer(self):
        store = five()
        store.snapshot("s", 2, "two")
        store.snapshot("s", 4, "four")
        for version, state, start, events in (
            (None, "four", 4, [5]),
            (5, "four", 4, [5]),
            (4, "four", 4, []),
            (3, "two", 2, [3]),
            (2, "two", 2, []),
            (1, None, 0, [1]),
            (0, None, 0, []),
        ):
            with self.subTest(version=version):
                got = store.load("s", version)
                self.assertEqual((got[0], got[1], numbers(got[2])), (state, start, events))
        self.assertEqual(store.load("unknown"), (None, 0, []))

    def test_versions_that_a_stream_does_not_have_are_refused(self):
        store = five()
        for call in (
            lambda: store.snapshot("s", 0, 1),
            lambda: store.snapshot("s", 6, 1),
            lambda: store.snapshot("t", 1, 1),
            lambda: store.load("s", 6),
            lambda: store.load("s", -1),
            lambda: store.load("t", 1),
            lambda: EventStore(0),
        ):
            with self.assertRaises(ValueError):
                call()

    def test_snapshots_keep_their_distance(self):
        store = EventStore(3)
        store.append("s", pairs(*range(1, 13)))
        kept = [(version, store.snapshot("s", version, version)) for version in (2, 9, 11, 12, 3, 5, 8, 6)]
        expected = [
            (2, False),
            (9, True),
            (11, False),
            (12, True),
            (3, True),
            (5, False),
            (8, True),
            (6, True),
        ]
        self.assertEqual(kept, expected)
        starts = [store.load("s", version)[1] for version in (2, 5, 7, 8, 9, 11, 12)]
        self.assertEqual(starts, [0, 3, 6, 8, 9, 9, 12])

    def test_snapshots_are_a_hundred_events_apart_unless_told_otherwise(self):
        store = EventStore()
        store.append("s", pairs(*range(1, 102)))
        self.assertEqual([store.snapshot("s", version, 0) for version in (99, 100)], [False, True])

    def test_a_snapshot_at_the_same_version_is_replaced_if_kept(self):
        store = EventStore(2)
        store.append("s", pairs(1, 2, 3, 4))
        self.assertTrue(store.snapshot("s", 3, "old"))
        self.assertTrue(store.snapshot("s", 3, None))
        self.assertEqual(store.load("s", 3), (None, 3, []))
        self.assertTrue(store.snapshot("s", 2, "two"))
        self.assertFalse(store.snapshot("s", 3, "refused"), "it is too near to the one at 2 now")
        self.assertEqual(store.load("s", 3), (None, 3, []))

    def test_truncate_removes_events_and_keeps_the_numbers(self):
        store = five()
        store.append("t", pairs(6))
        store.snapshot("s", 3, "three")
        self.assertEqual(store.truncate("s", 2), 2)
        self.assertEqual(numbers(store.read("s")), [3, 4, 5])
        self.assertEqual(numbers(store.read("s", after=1, limit=2)), [3, 4])
        self.assertEqual(numbers(store.read("s", after=3, limit=1)), [4])
        self.assertEqual(numbers(store.read_all(limit=4)), [3, 4, 5, 6])
        self.assertEqual(store.truncate("s", 3), 1)
        self.assertEqual(store.truncate("s", 2), 0)
        self.assertEqual(store.append("s", pairs(7), expected=5), 6)
        self.assertEqual([(e["version"], e["position"]) for e in store.read("s")], [(4, 4), (5, 5), (6, 7)])

    def test_truncate_needs_a_snapshot_and_drops_older_ones(self):
        store = five()
        store.snapshot("s", 1, "one")
        store.snapshot("s", 3, "three")
        store.snapshot("s", 5, "five")
        self.assertEqual(store.truncate("s", 2), 2)
        with self.assertRaises(ValueError):
            store.load("s", 1)
        with self.assertRaises(ValueError):
            store.load("s", 2)
        self.assertEqual([store.load("s", version)[0] for version in (3, 4, 5)], ["three", "three", "five"])
        for stream, version in (("s", 6), ("t", 1)):
            with self.assertRaises(ValueError):
                store.truncate(stream, version)
        store = five()
        store.snapshot("s", 2, "two")
        with self.assertRaises(ValueError):
            store.truncate("s", 3)
        self.assertEqual(numbers(store.read("s")), [1, 2, 3, 4, 5])

    def test_what_is_loaded_after_truncation_needs_no_removed_event(self):
        store = five()
        store.snapshot("s", 4, "four")
        store.truncate("s", 2)
        self.assertEqual(store.load("s")[:2], ("four", 4))
        self.assertEqual(store.load("s", 0), (None, 0, []))
        for version in (1, 2, 3):
            with self.subTest(version=version), self.assertRaises(ValueError):
                store.load("s", version)

    def test_everything_truncated_is_not_new(self):
        store = EventStore(1)
        store.append("s", pairs(1, 2), key="k")
        store.snapshot("s", 2, "two")
        self.assertEqual(store.truncate("s", 2), 2)
        with self.assertRaises(Conflict):
            store.append("s", pairs(3), expected="new")
        self.assertEqual(store.append("s", pairs(1, 2), key="k"), 2)
        self.assertEqual(store.load("s"), ("two", 2, []))
        self.assertEqual(store.append("t", pairs(3)), 1)
        self.assertEqual([event["position"] for event in store.read_all()], [3])
