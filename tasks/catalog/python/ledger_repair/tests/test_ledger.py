import unittest

import changes
from ledger import book, money, report


def filled(*entries):
    """Return a book with entries from one account to another."""
    made = book.Book()
    for date, source, target, cents in entries:
        made.post(date, [[source, -cents], [target, cents]])
    return made


class Money(unittest.TestCase):
    def test_parse(self):
        amounts = {
            "12": 1200,
            "12.3": 1230,
            "12.30": 1230,
            "0.07": 7,
            "007": 700,
            "1,234,567.80": 123456780,
            "-5": -500,
        }
        amounts.update(
            {
                "1234567.8": 123456780,
                "001,000": 100000,
                "-0.05": -5,
                "-0": 0,
                "90071992547409931.01": 9007199254740993101,
            }
        )
        for text, cents in amounts.items():
            with self.subTest(text):
                self.assertEqual(money.parse(text), cents)

    def test_other_texts_are_refused(self):
        texts = [
            "",
            "-",
            "+5",
            " 5",
            "5 ",
            "5\n",
            ".5",
            "5.",
            "5.123",
            "1,23",
            "1,2345",
            "1234,567",
            "1,234567",
            ",123",
            "1,,234",
        ]
        for text in [
            *texts,
            "--5",
            "5e3",
            "1_000",
            "\u0665",
            "5.\u0665",
            "1.000,00",
            "12,",
            "1,234,56",
            "5.0,0",
        ]:
            with self.subTest(text), self.assertRaises(ValueError):
                money.parse(text)

    def test_show(self):
        amounts = {
            0: "0.00",
            5: "0.05",
            -1: "-0.01",
            -5: "-0.05",
            -150: "-1.50",
            99999: "999.99",
            100000: "1,000.00",
        }
        for cents, text in {**amounts, 123456780: "1,234,567.80", -123456789: "-1,234,567.89"}.items():
            with self.subTest(cents):
                self.assertEqual(money.show(cents), text)

    def test_split_gives_the_rest_to_those_who_lost_most(self):
        self.assertEqual(money.split(100, [1, 1, 1]), [33, 33, 34])
        self.assertEqual(money.split(101, [1, 1, 1]), [33, 34, 34])
        self.assertEqual(money.split(100, [2, 3, 1]), [33, 50, 17])
        self.assertEqual(money.split(10, [5, 1, 1, 1]), [6, 1, 1, 2])
        self.assertEqual(money.split(1, [1, 0, 0]), [1, 0, 0])
        self.assertEqual(money.split(1, [1, 1, 0]), [0, 1, 0])
        self.assertEqual(money.split(0, [1, 2]), [0, 0])
        self.assertEqual(money.split(10**30 + 1, [1, 1]), [5 * 10**29, 5 * 10**29 + 1])
        for weights in ([], [0], [0, 0]):
            self.assertRaises(ValueError, money.split, 5, weights)

    def test_split_of_a_negative_amount_is_the_mirror(self):
        self.assertEqual(money.split(-100, [1, 1, 1]), [-33, -33, -34])
        self.assertEqual(money.split(-1, [1, 1]), [0, -1])
        self.assertEqual(money.split(-10, [5, 1, 1, 1]), [-6, -1, -1, -2])


class Entries(unittest.TestCase):
    def test_bad_entries_are_refused_and_take_no_number(self):
        b = book.Book()
        for lines in (
            [],
            [["a", 0]],
            [["a", 5]],
            [["a", 5], ["b", -4]],
            [["a", 5], ["b", 0], ["c", -5]],
            [["a", 0], ["b", 0]],
        ):
            with self.subTest(lines):
                self.assertRaises(ValueError, b.post, "2024-01-01", lines)
        self.assertEqual(b.post("2024-01-01", [["a", 5], ["a", -5]]), 1)
        for number in (2, 0, -1):
            self.assertRaises(ValueError, b.entry, number)
            self.assertRaises(ValueError, b.is_reversed, number)
            self.assertRaises(ValueError, b.reverse, number, "2024-01-01")
        self.assertEqual(b.post("2024-01-01", [["a", 5], ["b", -5]]), 2)

    def test_books_keep_copies(self):
        self.assertEqual(changes.entry_after_changes(book.Book()), ["2024-01-01", [["a", 5], ["b", -5]]])

    def test_reversal(self):
        b = filled(("2024-01-05", "a", "b", 7))
        self.assertRaises(ValueError, b.reverse, 1, "2024-01-04")
        self.assertFalse(b.is_reversed(1), "the date was refused")
        self.assertEqual(b.reverse(1, "2024-01-05"), 2)
        self.assertEqual(b.entry(2), ["2024-01-05", [["a", 7], ["b", -7]]])
        self.assertEqual([b.is_reversed(1), b.is_reversed(2)], [True, False])
        self.assertRaises(ValueError, b.reverse, 1, "2024-01-06")
        self.assertEqual(b.post("2024-01-01", [["a", 1], ["b", -1]]), 3)

    def test_a_reversed_reversal_lets_the_entry_count_again(self):
        b = filled(("2024-01-05", "a", "b", 7))
        b.reverse(1, "2024-01-06")
        self.assertEqual(b.reverse(2, "2024-01-07"), 3)
        self.assertEqual([b.is_reversed(n) for n in (1, 2, 3)], [False, True, False])
        self.assertEqual(b.reverse(1, "2024-01-08"), 4)
        self.assertEqual([b.is_reversed(n) for n in (1, 2, 3, 4)], [True, True, False, False])
        self.assertEqual(b.reverse(3, "2024-01-09"), 5)
        self.assertEqual([b.is_reversed(n) for n in (1, 2, 3, 4, 5)], [True, False, True, False, False])

    def test_closed_dates(self):
        b = filled(("2024-01-05", "a", "b", 7))
        b.close("2024-01-31")
        b.close("2023-12-31")
        for date in ("2024-01-31", "2024-01-05", "2023-01-01"):
            self.assertRaises(ValueError, b.post, date, [["a", 1], ["b", -1]])
        self.assertRaises(ValueError, b.reverse, 1, "2024-01-31")
        self.assertFalse(b.is_reversed(1))
        self.assertEqual(b.reverse(1, "2024-02-01"), 2)
        self.assertEqual(b.post("2024-02-01", [["a", 1], ["b", -1]]), 3)


class Reports(unittest.TestCase):
    def test_accounts_cover_those_below(self):
        b = filled(
            ("2024-01-01", "income", "assets:bank", 1),
            ("2024-01-02", "income", "assets:bank:giro", 20),
            ("2024-01-03", "income", "assets:bankrupt", 300),
            ("2024-01-04", "income", "my:assets:bank", 4000),
        )
        self.assertEqual(report.balance(b, "assets:bank"), 21)
        self.assertEqual(report.balance(b, "assets"), 321)
        self.assertEqual(report.balance(b, "asset"), 0)
        self.assertEqual(report.balance(b, "assets", "2024-01-02"), 21)
        self.assertEqual(report.balance(b, "assets", "2023-12-31"), 0)

    def test_statement_is_in_the_order_of_dates(self):
        b = filled(
            ("2024-01-05", "i", "a", 1),
            ("2024-01-03", "i", "a:x", 20),
            ("2024-01-05", "a", "i", 300),
            ("2024-01-01", "i", "a", 4000),
            ("2024-01-06", "i", "a", 50000),
        )
        b.reverse(2, "2024-01-04")
        rows = [
            ["", 0, 0, 4000],
            ["2024-01-03", 2, 20, 4020],
            ["2024-01-04", 6, -20, 4000],
            ["2024-01-05", 1, 1, 4001],
        ]
        self.assertEqual(
            report.statement(b, "a", "2024-01-03", "2024-01-05"), [*rows, ["2024-01-05", 3, -300, 3701]]
        )
        self.assertEqual(report.statement(b, "a", "2024-01-07", "2024-01-08"), [["", 0, 0, 53701]])

    def test_statement_has_one_row_an_entry_and_none_for_nothing(self):
        b = book.Book()
        b.post("2024-01-01", [["a:x", 5], ["b", -9], ["a:y", 4]])
        b.post("2024-01-02", [["a:x", 5], ["a:y", -5]])
        b.post("2024-01-03", [["b", 5], ["c", -5]])
        rows = [["", 0, 0, 0], ["2024-01-01", 1, 9, 9]]
        self.assertEqual(report.statement(b, "a", "2024-01-01", "2024-01-03"), rows)
        rows = [["", 0, 0, 0], ["2024-01-01", 1, 4, 4], ["2024-01-02", 2, -5, -1]]
        self.assertEqual(report.statement(b, "a:y", "2024-01-01", "2024-01-03"), rows)

    def test_trial_lists_accounts_in_order(self):
        b = filled(
            ("2024-01-03", "z", "b:x", 10),
            ("2024-01-01", "z", "b", 1),
            ("2024-01-02", "m", "a", 5),
            ("2024-01-04", "a", "m", 5),
        )
        self.assertEqual(report.trial(b), [["b", 1], ["b:x", 10], ["z", -11]])
        self.assertEqual(report.trial(b, "2024-01-02"), [["a", 5], ["b", 1], ["m", -5], ["z", -1]])
