import unittest

from columns import table
from display import clusters, cut, pad, width

ACUTE = "\u0301"
FLAG = "\U0001f1e9\U0001f1ea"
HEART = "\u2764\ufe0f"
FAMILY = "\U0001f468\u200d\U0001f469\u200d\U0001f467"
WAVE = "\U0001f44b\U0001f3fd"


class ClustersTest(unittest.TestCase):
    def check(self, text, *parts):
        self.assertEqual(clusters(text), [part for part, _ in parts], f"clusters of {text!a}")
        self.assertEqual(width(text), sum(columns for _, columns in parts), f"width of {text!a}")

    def test_wide_and_fullwidth_characters_take_two_columns(self):
        self.check(
            "a日\uff21\uff76é\u2026\u00a7",
            ("a", 1),
            ("日", 2),
            ("\uff21", 2),
            ("\uff76", 1),
            ("é", 1),
            ("\u2026", 1),
            ("\u00a7", 1),
        )
        self.check("")

    def test_marks_and_format_characters_join_what_is_before_them(self):
        self.check(
            "e" + ACUTE + "\u0323x\u20dd日" + ACUTE,
            ("e" + ACUTE + "\u0323", 1),
            ("x\u20dd", 1),
            ("日" + ACUTE, 2),
        )
        self.check("a\u200bb\u00adc", ("a\u200b", 1), ("b\u00ad", 1), ("c", 1))

    def test_spacing_marks_join_and_take_a_column(self):
        self.check("\u0915\u093f\u0915", ("\u0915\u093f", 2), ("\u0915", 1))
        self.check("日\u0903\u0903a", ("日\u0903\u0903", 4), ("a", 1))

    def test_marks_at_the_start_are_a_cluster(self):
        self.check(ACUTE + "\u200da", (ACUTE + "\u200d", 0), ("a", 1))
        self.check("\ufe0f\ufe0fa", ("\ufe0f\ufe0f", 0), ("a", 1))
        self.check("\u0903" + "a", ("\u0903", 1), ("a", 1))

    def test_the_variation_selector_widens_a_single_narrow_character(self):
        self.check(HEART + "x", (HEART, 2), ("x", 1))
        self.check("日\ufe0f", ("日\ufe0f", 2))
        self.check("a" + ACUTE + "\ufe0fb", ("a" + ACUTE + "\ufe0f", 1), ("b", 1))
        self.check("\u2764\ufe0e", ("\u2764\ufe0e", 1))

    def test_joiners_join_to_wide_clusters_only(self):
        self.check(FAMILY + "a", (FAMILY, 2), ("a", 1))
        self.check(HEART + "\u200d\U0001f525\U0001f525", (HEART + "\u200d\U0001f525", 2), ("\U0001f525", 2))
        self.check("a\u200d日", ("a\u200d", 1), ("日", 2))
        self.check("日\u200d" + ACUTE + "a", ("日\u200d" + ACUTE, 2), ("a", 1))
        self.check("日\u200da\u200bb", ("日\u200da\u200b", 2), ("b", 1))

    def test_skin_tones_join_to_wide_clusters_only(self):
        self.check(WAVE + WAVE, (WAVE, 2), (WAVE, 2))
        self.check("a\U0001f3fb", ("a", 1), ("\U0001f3fb", 2))
        self.check("\U0001f44b\U0001f3ff\U0001f400", ("\U0001f44b\U0001f3ff", 2), ("\U0001f400", 2))
        self.check("\U0001f44b\U0001f3fb\U0001f3fa", ("\U0001f44b\U0001f3fb", 2), ("\U0001f3fa", 2))

    def test_regional_indicators_are_paired(self):
        self.check(FLAG + FLAG + FLAG[0] + "a", (FLAG, 2), (FLAG, 2), (FLAG[0], 1), ("a", 1))
        self.check(FLAG[0] + ACUTE + FLAG[1], (FLAG[0] + ACUTE, 1), (FLAG[1], 1))
        self.check("\U0001f1e6\U0001f1ff", ("\U0001f1e6\U0001f1ff", 2))
        self.check("a\U0001f1e6", ("a", 1), ("\U0001f1e6", 1))

    def test_control_characters_and_separators_are_refused(self):
        for char in ("\t", "\n", "\x7f", "\x85", "\u2028", "\u2029", "\x00"):
            for call in (clusters, width):
                with self.subTest(char=ascii(char), call=str(call)), self.assertRaises(ValueError):
                    call("a" + char)


class CutTest(unittest.TestCase):
    def test_text_that_fits_stays(self):
        self.assertEqual(cut("日本語", 6), "日本語")
        self.assertEqual(cut("ab  ", 4), "ab  ")
        self.assertEqual(cut("", 0), "")

    def test_longer_text_ends_with_the_mark(self):
        self.assertEqual(cut("abcdef", 5), "abcd…")
        self.assertEqual(cut("日本語", 5), "日本…")
        self.assertEqual(cut("日本語", 4), "日…", "half a character has no place")
        self.assertEqual(cut("abcdef", 5, "日.."), "a日..")
        self.assertEqual(cut("日本a", 4), "日…", "the first that does not fit is the end")
        self.assertEqual(cut("abcdef", 5, ""), "abcde")

    def test_spaces_before_the_mark_are_removed(self):
        self.assertEqual(cut("ab   cdef", 5), "ab…")
        self.assertEqual(cut("ab\u00a0\u3000cdef", 6), "ab\u00a0\u3000…", "only U+0020 is removed")
        self.assertEqual(cut("    abc", 3), "…")

    def test_a_mark_without_room_is_left_out(self):
        self.assertEqual(cut("a  bcdef", 2, "..."), "a ")
        self.assertEqual(cut("abcdef", 3, "..."), "...")
        self.assertEqual(cut("abc", 0), "")
        self.assertEqual(cut("日本", 1, "日"), "")

    def test_clusters_are_not_taken_apart(self):
        self.assertEqual(cut("a" + FAMILY + "bc", 4), "a" + FAMILY + "…")
        self.assertEqual(cut("a" + FAMILY + "bc", 3), "a…")
        self.assertEqual(cut("ae" + ACUTE + "bc", 3), "ae" + ACUTE + "…")
        self.assertEqual(cut(ACUTE + "abc", 1), ACUTE + "…")
        self.assertEqual(cut("\u200babc", 0), "\u200b", "what has no width fits")


class PadTest(unittest.TestCase):
    def test_spaces_fill_the_width(self):
        self.assertEqual(pad("日", 5, "left"), "日   ")
        self.assertEqual(pad("日", 5, "right"), "   日")
        self.assertEqual(pad("e" + ACUTE, 2, "right"), " e" + ACUTE)

    def test_an_odd_space_goes_before_centered_text(self):
        self.assertEqual(pad("日", 5, "center"), "  日 ")
        self.assertEqual(pad("a", 5, "center"), "  a  ")

    def test_wide_text_comes_back_and_unknown_alignments_do_not(self):
        self.assertEqual(pad("日本", 3, "center"), "日本")
        for align in ("middle", "number", ""):
            with self.subTest(align=align), self.assertRaises(ValueError):
                pad("abc", 1, align)


class TableTest(unittest.TestCase):
    def test_columns_are_as_wide_as_their_widest_text(self):
        rows = [["a", "日本", "x"], ["abc", "b", "yy"], [FLAG]]
        columns = [("left", None), ("right", None), ("center", None)]
        self.assertEqual(table(rows, columns), ["a    日本   x", "abc     b  yy", FLAG])

    def test_no_rows_and_no_columns(self):
        self.assertEqual(table([], [("left", None)]), [])
        self.assertEqual(table([[], ["", ""]], [("left", None), ("number", None)]), ["", ""])
        self.assertEqual(table([[]], []), [""])

    def test_cells_of_several_lines(self):
        rows = [["a\nbb\n", "x"], ["c", "1\n\n22"], ["\u3000", ""]]
        columns = [("left", None), ("right", None)]
        self.assertEqual(table(rows, columns), ["a    x", "bb", "", "c    1", "", "    22", "\u3000"])

    def test_limits_cut_each_line(self):
        rows = [["abcdef\nab", "日本語"], ["a   bc", "x"]]
        self.assertEqual(table(rows, [("right", 4), ("left", 4)]), ["abc…  日…", "  ab", "  a…  x"])
        self.assertEqual(table([["abc", "x"]], [("left", 0), ("left", None)]), ["  x"])

    def test_numbers_stand_point_below_point(self):
        texts = ["1.5", "-12", "x", "3.125", "+1", "1.", ".5", "1e3", "\u0661", "total\n7"]
        lines = table([[text, "|"] for text in texts], [("number", None), ("left", None)])
        self.assertEqual(
            lines,
            [
                "  1.5    |",
                "-12      |",
                "      x  |",
                "  3.125  |",
                "     +1  |",
                "     1.  |",
                "     .5  |",
                "    1e3  |",
                "      \u0661  |",
                "  total  |",
                "  7",
            ],
        )

    def test_numbers_in_wide_columns_stand_on_the_right(self):
        lines = table([["1.5"], ["22"], ["long text"]], [("number", None)])
        self.assertEqual(lines, ["      1.5", "     22", "long text"])

    def test_numbers_are_cut_first_and_may_then_go_over_the_limit(self):
        rows = [["123456", "|"], ["1.25", "|"], ["1234", "|"]]
        self.assertEqual(
            table(rows, [("number", 4), ("left", None)]), ["   123…  |", "   1.25  |", "1234     |"]
        )

    def test_too_many_cells_and_unknown_alignments_are_refused(self):
        with self.assertRaises(ValueError):
            table([["a"], ["a", "b"]], [("left", None)])
        with self.assertRaises(ValueError):
            table([], [("left", None), ("middle", None)])
