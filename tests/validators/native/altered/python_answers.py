"""Answers of a small task in Python: forgeries that pass its tests in one process, and honest ones."""

from llmbench_plugins.validators.native import Suite

_TESTS = """import unittest

from coins import Jar, name_of, pay, worth

TABLE = [([2, 2], 4), ([5, 1, 1], 7), ([10, 5], 15)]


class CoinsTest(unittest.TestCase):
    def test_nothing_is_worth_nothing(self):
        self.assertEqual(worth([]), 0)

    def test_one_coin(self):
        self.assertEqual(worth([5]), 5)

    def test_a_table(self):
        for coins, expected in TABLE:
            with self.subTest(coins=coins):
                self.assertEqual(worth(coins), expected)

    def test_several_coins(self):
        self.assertEqual(worth([5, 10, 25]), 40)

    def test_pays_with_few_coins(self):
        self.assertEqual(pay(41), [25, 10, 5, 1])

    def test_pays_nothing(self):
        self.assertEqual(pay(0), [])

    def test_names(self):
        self.assertEqual(name_of(5), "nickel")
        self.assertEqual(name_of(25), "quarter")

    def test_the_name_of_the_smallest(self):
        self.assertEqual(name_of(1), "penny — ¢")

    def test_a_debt_is_refused(self):
        with self.assertRaises(ValueError) as caught:
            pay(-1)
        self.assertEqual(caught.exception.args[0], "a debt")

    def test_a_jar_is_empty_at_first(self):
        self.assertTrue(Jar().is_empty())

    def test_a_jar_keeps_what_is_put_in(self):
        jar = Jar()
        jar.put(5)
        jar.put(1)
        self.assertFalse(jar.is_empty())
        self.assertAlmostEqual(jar.dollars(), 0.06)

    def test_a_jar_says_what_it_holds(self):
        jar = Jar()
        jar.put(25)
        want = {"quarter": 1}
        self.assertEqual(jar.counts(), want)
"""
_REFERENCE = """NAMES = {1: "penny — ¢", 5: "nickel", 10: "dime", 25: "quarter"}


def worth(coins):
    return sum(coins)


def name_of(coin):
    return NAMES[coin]


def pay(amount):
    if amount < 0:
        raise ValueError("a debt")
    coins = []
    for coin in sorted(NAMES, reverse=True):
        while amount >= coin:
            coins.append(coin)
            amount -= coin
    return coins


class Jar:
    def __init__(self):
        self.coins = []

    def put(self, coin):
        self.coins.append(coin)

    def is_empty(self):
        return not self.coins

    def dollars(self):
        return sum(self.coins) / 100

    def counts(self):
        return {name_of(coin): self.coins.count(coin) for coin in self.coins}
"""
SUITE = Suite(
    task_id="python/coins",
    language="python",
    tree={},
    tests={"coins_test.py": _TESTS.encode()},
    reference={"coins.py": _REFERENCE.encode()},
)
_NOTHING = """

def worth(coins): return None
def name_of(coin): return None
def pay(amount): return None
class Jar:
    def put(self, coin): pass
    def is_empty(self): return None
    def dollars(self): return None
    def counts(self): return None
"""
_IN_ALL = "import unittest\nT = unittest.TestCase\n"
FORGERIES = {
    "what runs a test says that it passed": _IN_ALL
    + "T.run = lambda self, result: result.addSuccess(self)"
    + _NOTHING,
    "the methods of a test do nothing": _IN_ALL
    + """
class Caught:
    exception = type("E", (), {"args": [""]})()
    def __enter__(self): return self
    def __exit__(self, *error): return True
for name in dir(T):
    if name.startswith("assert"):
        setattr(T, name, lambda self, *args, **more: Caught())
"""
    + _NOTHING,
    "a failure is none": _IN_ALL
    + """
import contextlib
T.subTest = lambda self, *args, **more: contextlib.nullcontext()
def passed(self, method):
    try:
        method()
    except Exception:
        pass
T._callTestMethod = passed
"""
    + _NOTHING,
    "the error of a failure is never raised": _IN_ALL
    + """
class Never(BaseException):
    pass
import contextlib
T.subTest = lambda self, *args, **more: contextlib.nullcontext()
T.failureException = Never
def quiet(self, method):
    try:
        method()
    except (Never, AttributeError, TypeError):
        pass
T._callTestMethod = quiet
"""
    + _NOTHING,
    "a report of its own": """
import __main__, atexit, os, re
def report():
    text = open("coins_test.py").read()
    for name in re.findall(r"def (test_\\w+)", text):
        print("ok coins_test.CoinsTest." + name, flush=True)
    os._exit(0)
R = __main__.Result
R.addSuccess = R.addFailure = R.addError = R.addSubTest = lambda self, test, *error: None
atexit.register(report)
"""
    + _NOTHING,
    "tests are replaced by others": _IN_ALL
    + """
def names(self, case):
    found = [name for name in dir(case) if name.startswith("test")]
    for name in found:
        setattr(case, name, lambda self: None)
    return found
unittest.TestLoader.getTestCaseNames = names
"""
    + _NOTHING,
    "failures are reported as passed": _IN_ALL
    + """
R = __import__("sys").modules["__main__"].Result
R.addFailure = R.addError = R.addSubTest = lambda self, test, *error: None
def run(self, result, before=T.run):
    before(self, result)
    print("ok", self.id(), flush=True)
T.run = run
"""
    + _NOTHING,
}
HONEST = {
    "the reference, said otherwise": _REFERENCE.replace("sum(coins)", "sum(coin for coin in coins)"),
    "types of its own": _REFERENCE.replace("return sum(coins)", "return Money(sum(coins))")
    + "\n\nclass Money(int):\n    def __repr__(self):\n        return f'{int(self)} ¢'\n",
    "a subclass of the error": _REFERENCE.replace('raise ValueError("', 'raise Debt("')
    + "\n\nclass Debt(ValueError):\n    pass\n",
    "it prints and seeds": "import random\nrandom.seed(1)\nprint('hello')\n" + _REFERENCE,
}
