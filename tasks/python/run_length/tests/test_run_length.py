import unittest

from run_length import decode, encode


class RunLengthTest(unittest.TestCase):
    def test_encode_runs(self):
        self.assertEqual(encode("xxyyyyz"), "2x4yz")

    def test_encode_writes_no_number_for_one(self):
        self.assertEqual(encode("abcba"), "abcba")

    def test_encode_long_run(self):
        self.assertEqual(encode("-" * 120 + "q"), "120-q")

    def test_encode_tells_case_and_spaces_apart(self):
        self.assertEqual(encode("aAA   b\n\n"), "a2A3 b2\n")

    def test_decode_runs(self):
        self.assertEqual(decode("2x4yz"), "xxyyyyz")
        self.assertEqual(decode("10 3.a"), " " * 10 + "...a")

    def test_empty(self):
        self.assertEqual(encode(""), "")
        self.assertEqual(decode(""), "")

    def test_decode_undoes_encode(self):
        for text in ("mississippi", "zzz  ZZz!!", "w" * 1000 + "v", "a\n\nb"):
            self.assertEqual(decode(encode(text)), text)


if __name__ == "__main__":
    unittest.main()
