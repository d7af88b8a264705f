import unittest

from interval_map import IntervalMap


def filled(*parts):
    made = IntervalMap()
    for part in parts:
        made.put(*part)
    return made


class IntervalMapTest(unittest.TestCase):
    def test_put_splits_what_lies_around(self):
        made = filled((0, 10, "a"), (3, 5, "b"))
        self.assertEqual(made.items(), [(0, 3, "a"), (3, 5, "b"), (5, 10, "a")])

    def test_put_replaces_what_it_covers(self):
        made = filled((0, 3, "a"), (4, 6, "b"), (8, 12, "c"), (2, 9, "d"))
        self.assertEqual(made.items(), [(0, 2, "a"), (2, 9, "d"), (9, 12, "c")])
        made.put(2, 9, "e")
        self.assertEqual(made.items(), [(0, 2, "a"), (2, 9, "e"), (9, 12, "c")])

    def test_values_need_no_order(self):
        made = filled((5, 6, None), (0, 1, {"x": 1}), (-3, -1, 2), (8, 9, [1]))
        self.assertEqual(made.items(), [(-3, -1, 2), (0, 1, {"x": 1}), (5, 6, None), (8, 9, [1])])
        made.put(0, 1, None)
        self.assertEqual(made.items(), [(-3, -1, 2), (0, 1, None), (5, 6, None), (8, 9, [1])])

    def test_equal_neighbours_are_one(self):
        made = filled((0, 2, "a"), (4, 6, "a"), (6, 8, "b"), (9, 10, "b"))
        made.put(2, 4, "a")
        self.assertEqual(made.items(), [(0, 6, "a"), (6, 8, "b"), (9, 10, "b")])
        made = filled((0, 1, "x"), (3, 4, "a"), (6, 7, "a"), (4, 6, "a"), (7, 8, "x"))
        self.assertEqual(made.items(), [(0, 1, "x"), (3, 7, "a"), (7, 8, "x")])

    def test_one_interval_has_the_value_of_its_first_point(self):
        made = filled((0, 2, 1), (2, 4, True), (4, 5, 1.0))
        self.assertEqual([(low, high, repr(value)) for low, high, value in made.items()], [(0, 5, "1")])
        self.assertEqual([repr(made.get(point)) for point in (0, 2, 4)], ["1", "1", "1"])
        made.remove(0, 3)
        self.assertEqual([(low, high, repr(value)) for low, high, value in made.items()], [(3, 5, "1")])
        made = filled((2, 4, True), (0, 2, 1.0))
        self.assertEqual([(low, high, repr(value)) for low, high, value in made.items()], [(0, 4, "1.0")])

    def test_remove_splits_and_shortens(self):
        made = filled((0, 10, "a"), (12, 14, "b"), (15, 20, "c"))
        made.remove(3, 5)
        made.remove(9, 16)
        made.remove(30, 40)
        self.assertEqual(made.items(), [(0, 3, "a"), (5, 9, "a"), (16, 20, "c")])

    def test_get_at_the_ends(self):
        made = filled((0, 3, "a"), (3, 5, "b"), (7, 9, "c"))
        points = (-1, 0, 2, 3, 4, 5, 6, 7, 8, 9)
        self.assertEqual(
            [made.get(point) for point in points], [None, "a", "a", "b", "b", None, None, "c", "c", None]
        )

    def test_get_without_value_returns_the_default(self):
        self.assertEqual(IntervalMap().get(0, "none"), "none")
        made = filled((0, 3, "a"), (5, 6, "b"))
        self.assertEqual([made.get(point, "none") for point in (-1, 3, 4, 6)], ["none"] * 4)

    def test_false_values_are_values(self):
        made = filled((0, 1, None), (1, 2, 0), (2, 3, ""), (3, 4, []))
        self.assertEqual([made.get(point, "none") for point in range(5)], [None, 0, "", [], "none"])

    def test_gaps_between_values(self):
        made = filled((0, 3, "a"), (3, 5, None), (8, 9, "c"))
        self.assertEqual(made.gaps(-2, 12), [(-2, 0), (5, 8), (9, 12)])
        self.assertEqual(made.gaps(1, 9), [(5, 8)])
        self.assertEqual(made.gaps(6, 7), [(6, 7)])
        self.assertEqual(made.gaps(1, 4), [])

    def test_gaps_stay_within_what_is_asked_for(self):
        made = filled((0, 3, "a"), (8, 9, "c"))
        self.assertEqual(made.gaps(5, 8), [(5, 8)])
        self.assertEqual(made.gaps(3, 7), [(3, 7)])
        self.assertEqual(made.gaps(4, 6), [(4, 6)])
        self.assertEqual(made.gaps(-5, 0), [(-5, 0)])
        self.assertEqual(made.gaps(10, 12), [(10, 12)])
        self.assertEqual(made.gaps(-5, -3), [(-5, -3)])
        self.assertEqual(IntervalMap().gaps(0, 1), [(0, 1)])

    def test_shift_moves_what_comes_after(self):
        made = filled((0, 3, "a"), (5, 6, "b"), (8, 9, "a"))
        made.shift(5, 2)
        self.assertEqual(made.items(), [(0, 3, "a"), (7, 8, "b"), (10, 11, "a")])
        made.shift(4, 0)
        made.shift(20, 5)
        made.shift(11, 5)
        self.assertEqual(made.items(), [(0, 3, "a"), (7, 8, "b"), (10, 11, "a")])
        made.shift(-4, 1)
        self.assertEqual(made.items(), [(1, 4, "a"), (8, 9, "b"), (11, 12, "a")])

    def test_shift_within_an_interval_makes_it_longer(self):
        made = filled((0, 3, "a"), (3, 5, "b"))
        made.shift(4, 3)
        made.shift(1, 1)
        self.assertEqual(made.items(), [(0, 4, "a"), (4, 9, "b")])

    def test_shift_at_an_end_leaves_the_new_points_empty(self):
        made = filled((0, 3, "a"), (3, 5, "b"))
        made.shift(3, 2)
        self.assertEqual(made.items(), [(0, 3, "a"), (5, 7, "b")])
        made.shift(7, 2)
        made.shift(0, 1)
        self.assertEqual(made.items(), [(1, 4, "a"), (6, 8, "b")])

    def test_empty_intervals_and_negative_counts_are_refused(self):
        made = filled((0, 3, "a"), (5, 6, "b"))
        calls = (
            lambda: made.put(1, 1, "x"),
            lambda: made.put(4, 1, "x"),
            lambda: made.remove(1, 1),
            lambda: made.remove(6, 1),
            lambda: made.gaps(1, 1),
            lambda: made.gaps(5, 1),
            lambda: made.shift(1, -1),
        )
        for number, call in enumerate(calls):
            with self.subTest(call=number), self.assertRaises(ValueError):
                call()
        self.assertEqual(made.items(), [(0, 3, "a"), (5, 6, "b")], "nothing has changed")
