import unittest

from lru_cache import LRUCache


class LRUCacheTest(unittest.TestCase):
    def filled(self, capacity, *keys):
        cache = LRUCache(capacity)
        for key in keys:
            cache.put(key, f"value of {key}")
        return cache

    def test_stores_and_replaces(self):
        cache = self.filled(2, "a", "b")
        cache.put("a", [1, 2])
        self.assertEqual(cache.get("a"), [1, 2])
        self.assertEqual(cache.get("b"), "value of b")

    def test_unknown_key(self):
        cache = self.filled(2, "a")
        self.assertIsNone(cache.get("x"))
        self.assertEqual(cache.get("x", 7), 7)

    def test_drops_the_oldest(self):
        cache = self.filled(3, 1, 2, 3, 4, 5)
        self.assertEqual(cache.keys(), [3, 4, 5])
        self.assertIsNone(cache.get(1))

    def test_get_counts_as_a_use(self):
        cache = self.filled(2, "a", "b")
        cache.get("a")
        cache.put("c", 0)
        self.assertEqual(cache.keys(), ["a", "c"])

    def test_put_of_a_known_key_counts_as_a_use_and_drops_nothing(self):
        cache = self.filled(2, "a", "b")
        cache.put("a", 1)
        self.assertEqual(cache.keys(), ["b", "a"])
        cache.put("c", 2)
        self.assertEqual(cache.keys(), ["a", "c"])

    def test_a_missed_get_and_keys_are_no_use(self):
        cache = self.filled(2, "a", "b")
        cache.get("x")
        cache.keys()
        self.assertEqual(cache.keys(), ["a", "b"])

    def test_none_is_a_value(self):
        cache = self.filled(2, "a", "b")
        cache.put("a", None)
        self.assertIsNone(cache.get("a", "default"))
        self.assertEqual(cache.keys(), ["b", "a"])

    def test_capacity_limits(self):
        self.assertEqual(self.filled(1, "a", "b").keys(), ["b"])
        for capacity in (0, -1):
            with self.assertRaises(ValueError):
                LRUCache(capacity)


if __name__ == "__main__":
    unittest.main()
