import unittest

from merge_intervals import merge


class MergeIntervalsTest(unittest.TestCase):
    def test_nothing_to_merge(self):
        self.assertEqual(merge([]), [])
        self.assertEqual(merge([(2, 9)]), [(2, 9)])
        self.assertEqual(merge([(1, 2), (5, 7)]), [(1, 2), (5, 7)])

    def test_overlapping(self):
        self.assertEqual(merge([(1, 4), (3, 6), (8, 9)]), [(1, 6), (8, 9)])

    def test_any_order(self):
        self.assertEqual(merge([(10, 12), (-5, 0), (11, 15), (-2, 1)]), [(-5, 1), (10, 15)])

    def test_one_inside_another(self):
        self.assertEqual(merge([(1, 10), (2, 3), (4, 5), (9, 11)]), [(1, 11)])

    def test_touching(self):
        self.assertEqual(merge([(1, 3), (3, 5), (5, 6)]), [(1, 6)])
        self.assertEqual(merge([(1, 3), (4, 5)]), [(1, 3), (4, 5)])

    def test_repeated_and_single_points(self):
        self.assertEqual(merge([(7, 7), (2, 2), (7, 7), (1, 2)]), [(1, 2), (7, 7)])

    def test_start_after_end(self):
        with self.assertRaises(ValueError):
            merge([(1, 2), (5, 4)])


if __name__ == "__main__":
    unittest.main()
