import unittest

from fizzbuzz import fizzbuzz


class FizzBuzzTest(unittest.TestCase):
    def test_plain_numbers_are_strings(self):
        self.assertEqual(fizzbuzz(2), ["1", "2"])

    def test_the_limit_is_included(self):
        self.assertEqual(fizzbuzz(3), ["1", "2", "Fizz"])
        self.assertEqual(fizzbuzz(1), ["1"])

    def test_multiples_of_five(self):
        lines = fizzbuzz(20)
        self.assertEqual([lines[4], lines[9], lines[19]], ["Buzz", "Buzz", "Buzz"])

    def test_multiples_of_both(self):
        lines = fizzbuzz(45)
        self.assertEqual([lines[14], lines[29], lines[44]], ["FizzBuzz", "FizzBuzz", "FizzBuzz"])

    def test_words_are_counted_over_a_long_list(self):
        lines = fizzbuzz(1000)
        self.assertEqual(len(lines), 1000)
        self.assertEqual([lines.count(word) for word in ("Fizz", "Buzz", "FizzBuzz")], [267, 134, 66])

    def test_a_limit_below_one(self):
        self.assertEqual(fizzbuzz(0), [])
        self.assertEqual(fizzbuzz(-7), [])


if __name__ == "__main__":
    unittest.main()
