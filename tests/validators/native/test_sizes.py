"""What is too large for the line between tests and answer fails the one test, which says what it was."""

from dataclasses import replace

import pytest

from llmbench.api import Files, Outcome
from llmbench_plugins.validators.native import Suite

from .tasks import JAVASCRIPT, PYTHON, Grade

PYTHON_ANSWER = """
def many(): return 9
def repeat(count): return "x" * count
def give(call, count): return call("x" * count)
def size(text): return len(text)
def size_of(call): return len(call())
"""
PYTHON_TESTS = """
from big import many, repeat, give, size, size_of
def test_fits(): assert len(repeat(900_000)) == 900_000
def test_repeat(): repeat(many())
def test_give(): give(len, many())
def test_size(): size("x" * many())
def test_size_of(): size_of(lambda: "x" * many())
"""
JAVASCRIPT_ANSWER = """
export const many = () => 9;
export const repeat = (count) => 'x'.repeat(count);
export const later = async (count) => 'x'.repeat(count);
export const give = (call, count) => call('x'.repeat(count));
export const size = (text) => text.length;
export const sizeOf = (call) => call().length;
export const fail = (count) => { throw Object.assign(new Error('no'), { more: 'x'.repeat(count) }); };
"""
JAVASCRIPT_TESTS = """
import { many, repeat, later, give, size, sizeOf, fail } from '../big.mjs';
test('test_fits', () => expect(repeat(900000).length).toBe(900000));
test('test_fits_one_after_the_other', async () => {
  const both = await Promise.all([later(900000), later(800000)]);
  expect(both.join('').length).toBe(1700000);
});
test('test_repeat', () => { repeat(many()); });
test('test_later', () => later(many()));
test('test_give', () => { give((text) => text.length, many()); });
test('test_size', () => { size('x'.repeat(many())); });
test('test_size_of', () => { sizeOf(() => 'x'.repeat(many())); });
test('test_fail', () => { expect(() => fail(many())).toThrow(/^no$/); });
"""
TASKS: dict[str, tuple[Suite, Files, str]] = {
    "python": (PYTHON.suite, {"test_big.py": PYTHON_TESTS.encode()}, PYTHON_ANSWER),
    "javascript": (JAVASCRIPT.suite, {"test/big.test.mjs": JAVASCRIPT_TESTS.encode()}, JAVASCRIPT_ANSWER),
}
MAIN = {"python": "big.py", "javascript": "big.mjs"}
SAID = {
    "test_repeat": "what repeat returns takes 20000",
    "test_give": "what the answer hands to",
    "test_size": "what a test hands to the answer takes 20",
    "test_size_of": "returns to the answer takes 20000",
    "test_later": "what a promise of the answer is fulfilled with takes 20000",
    "test_fail": "what the answer throws takes 20",
}


@pytest.mark.parametrize("language", TASKS)
def test_what_is_too_large_is_said(language: str, grade: Grade) -> None:
    like, tests, source = TASKS[language]
    right, large = ({MAIN[language]: source.replace("9", size, 1).encode()} for size in ("9", "2_000_000"))
    suite = replace(like, tree={}, support={}, tests=tests, reference=right)
    assert grade(suite, right).outcome is Outcome.PASSED
    verdict = grade(suite, large)
    assert verdict.outcome is Outcome.FAILED
    failed = {name.split(".")[-1] for name in verdict.failed_tests}
    assert failed == {test for test in SAID if test in next(iter(tests.values())).decode()}
    for test in failed:
        assert SAID[test] in verdict.stdout, test
    assert "can exchange 1000000 at once" in verdict.stdout


LONG_FAILURES = {
    "python": (
        "from big import many\n",
        "def test_{}(): assert many() == 9, 'x' * 19_000\n",
    ),
    "javascript": (
        "import { many } from '../big.mjs';\n",
        "test('test_{}', () => {{ if (many() > 9) throw new Error('x'.repeat(19000)); }});\n",
    ),
}


@pytest.mark.parametrize("language", TASKS)
def test_a_hundred_long_failures_are_all_reported(language: str, grade: Grade) -> None:
    like, tests, source = TASKS[language]
    head, each = LONG_FAILURES[language]
    text = head + "".join(each.format(number) for number in range(100))
    right, wrong = ({MAIN[language]: source.replace("9", size, 1).encode()} for size in ("9", "10"))
    suite = replace(like, tree={}, support={}, tests={path: text.encode() for path in tests}, reference=right)
    verdict = grade(suite, wrong)
    assert verdict.outcome is Outcome.FAILED
    assert len(verdict.failed_tests) == 100
    assert "ended before" not in verdict.reason
