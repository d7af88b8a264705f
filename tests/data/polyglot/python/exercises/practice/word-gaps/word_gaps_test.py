import unittest

from word_gaps import gaps


class WordGapsTest(unittest.TestCase):
    def test_none(self):
        self.assertEqual(gaps("word"), [])

    def test_some(self):
        self.assertEqual(gaps("a  b c"), [2, 1])

    def test_around(self):
        self.assertEqual(gaps("  a   b  "), [3])
