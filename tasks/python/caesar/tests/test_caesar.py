import unittest

from caesar import rotate


class CaesarTest(unittest.TestCase):
    def test_small_letters(self):
        self.assertEqual(rotate("apple", 1), "bqqmf")

    def test_wraps_around(self):
        self.assertEqual(rotate("xyz XYZ", 5), "cde CDE")

    def test_keeps_case(self):
        self.assertEqual(rotate("MiXed", 13), "ZvKrq")

    def test_other_characters_stay(self):
        self.assertEqual(rotate("1 + 2 = 3? \u00c9\u00e9!", 7), "1 + 2 = 3? \u00c9\u00e9!")

    def test_negative_and_large_shifts(self):
        self.assertEqual(rotate("Bcd", -1), "Abc")
        self.assertEqual(rotate("abc", -53), "zab")
        self.assertEqual(rotate("abc", 27), "bcd")
        self.assertEqual(rotate("Abc", 260), "Abc")

    def test_back_and_forth(self):
        text = "The quick brown fox; 42 lazy DOGS."
        for shift in (0, 4, 25):
            self.assertEqual(rotate(rotate(text, shift), -shift), text)


if __name__ == "__main__":
    unittest.main()
