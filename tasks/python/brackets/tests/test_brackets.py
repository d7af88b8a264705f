import unittest

from brackets import is_balanced


class BracketsTest(unittest.TestCase):
    def test_no_brackets(self):
        self.assertIs(is_balanced(""), True)
        self.assertIs(is_balanced("plain words, 1 < 2 > 0"), True)

    def test_each_kind(self):
        for text in ("()", "[]", "{}", "[x]{y}(z)"):
            self.assertIs(is_balanced(text), True, text)

    def test_nested(self):
        self.assertIs(is_balanced("{a: [b, (c)], d: ()}"), True)
        self.assertIs(is_balanced("((([{}])))[[]]"), True)

    def test_never_closed(self):
        for text in ("(", "(()", "[1, 2", "{[]"):
            self.assertIs(is_balanced(text), False, text)

    def test_never_opened(self):
        for text in (")", "())", "]", "{}}"):
            self.assertIs(is_balanced(text), False, text)

    def test_wrong_order(self):
        for text in (")(", "}{", "][]["):
            self.assertIs(is_balanced(text), False, text)

    def test_wrong_kind_or_overlap(self):
        for text in ("(]", "[}", "{(})", "[(a])"):
            self.assertIs(is_balanced(text), False, text)


if __name__ == "__main__":
    unittest.main()
