import unittest

from palindrome import is_palindrome


class PalindromeTest(unittest.TestCase):
    def test_single_words(self):
        self.assertIs(is_palindrome("rotor"), True)
        self.assertIs(is_palindrome("motor"), False)

    def test_case_is_ignored(self):
        self.assertIs(is_palindrome("Kayak"), True)

    def test_spaces_and_punctuation_are_skipped(self):
        self.assertIs(is_palindrome("Was it a car, or a cat I saw?"), True)
        self.assertIs(is_palindrome("_step - on\tno pets!_"), True)

    def test_digits_count(self):
        self.assertIs(is_palindrome("1 2 1"), True)
        self.assertIs(is_palindrome("1a2"), False)

    def test_accented_letters_count(self):
        self.assertIs(is_palindrome("\u00e9t\u00c9"), True)
        self.assertIs(is_palindrome("\u00e9te"), False)

    def test_nothing_to_read(self):
        self.assertIs(is_palindrome(""), True)
        self.assertIs(is_palindrome(" ,.!"), True)


if __name__ == "__main__":
    unittest.main()
