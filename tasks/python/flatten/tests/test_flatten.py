import unittest

from flatten import flatten


class FlattenTest(unittest.TestCase):
    def test_flat_list_stays(self):
        self.assertEqual(flatten([3, 1, 2]), [3, 1, 2])
        self.assertEqual(flatten([]), [])

    def test_all_levels(self):
        self.assertEqual(flatten([1, [2, [3, [4, [5]]], 6], [[[7]]]]), [1, 2, 3, 4, 5, 6, 7])

    def test_empty_lists_vanish(self):
        self.assertEqual(flatten([[], [[], [0]], [[[]]]]), [0])

    def test_only_lists_are_opened(self):
        self.assertEqual(flatten(["ab", ["cd"], [(1, 2)], (3, [4])]), ["ab", "cd", (1, 2), (3, [4])])

    def test_falsy_elements_stay(self):
        self.assertEqual(flatten([None, [0, ["", [False]]]]), [None, 0, "", False])

    def test_limited_depth(self):
        nested = [1, [2, [3, [4]]], [[]]]
        self.assertEqual(flatten(nested, 1), [1, 2, [3, [4]], []])
        self.assertEqual(flatten(nested, 2), [1, 2, 3, [4]])
        self.assertEqual(flatten(nested, 9), [1, 2, 3, 4])

    def test_depth_zero_opens_nothing(self):
        self.assertEqual(flatten([1, [2, [3]]], 0), [1, [2, [3]]])


if __name__ == "__main__":
    unittest.main()
