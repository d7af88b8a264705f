import unittest

from leap import is_leap


class LeapTest(unittest.TestCase):
    def test_ordinary_years(self):
        for year in (2019, 2021, 2022, 1997):
            self.assertIs(is_leap(year), False, year)

    def test_every_fourth_year(self):
        for year in (1904, 1996, 2008, 2096):
            self.assertIs(is_leap(year), True, year)

    def test_even_but_not_divisible_by_four(self):
        self.assertIs(is_leap(2018), False)
        self.assertIs(is_leap(1990), False)

    def test_end_of_a_century(self):
        for year in (1700, 1800, 1900, 2100, 2200, 2500):
            self.assertIs(is_leap(year), False, year)

    def test_every_fourth_century(self):
        for year in (1600, 2000, 2400):
            self.assertIs(is_leap(year), True, year)

    def test_years_before_one(self):
        self.assertIs(is_leap(0), True)
        self.assertIs(is_leap(-4), True)
        self.assertIs(is_leap(-100), False)


if __name__ == "__main__":
    unittest.main()
