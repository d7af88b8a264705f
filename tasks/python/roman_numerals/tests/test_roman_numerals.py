import unittest

from roman_numerals import to_roman


class RomanNumeralsTest(unittest.TestCase):
    def check(self, expected):
        self.assertEqual({number: to_roman(number) for number in expected}, expected)

    def test_single_letters(self):
        self.check({1: "I", 5: "V", 10: "X", 50: "L", 100: "C", 500: "D", 1000: "M"})

    def test_letters_are_added(self):
        self.check({3: "III", 8: "VIII", 27: "XXVII", 166: "CLXVI", 3000: "MMM"})

    def test_letters_are_subtracted(self):
        self.check({4: "IV", 9: "IX", 40: "XL", 90: "XC", 400: "CD", 900: "CM"})

    def test_no_other_subtraction(self):
        self.check({49: "XLIX", 99: "XCIX", 490: "CDXC", 999: "CMXCIX", 1999: "MCMXCIX"})

    def test_large_numbers(self):
        self.check({2024: "MMXXIV", 3888: "MMMDCCCLXXXVIII", 3999: "MMMCMXCIX"})

    def test_numbers_out_of_range(self):
        for number in (0, -5, 4000):
            with self.assertRaises(ValueError, msg=number):
                to_roman(number)


if __name__ == "__main__":
    unittest.main()
