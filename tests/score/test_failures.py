"""Why samples did not pass: words of real graders, and what agents noted."""

from dataclasses import replace
from typing import Any

import pytest

from llmbench.api import Finish, Outcome
from llmbench.score.failures import CLASSES, failure_class, failures


@pytest.mark.parametrize(
    ("reason", "expected"),
    [
        ("test_leap: AssertionError: True is not false", "wrong answer"),
        ("add: base input 3: wrong value", "wrong answer"),
        ("TestNext: next_test.go:31: got 3, want 4", "wrong answer"),
        ("pages › joins: expect(received).toEqual(expected)", "wrong answer"),
        ("test_x: AssertionError: 'NameError' != 'ValueError'", "wrong answer"),
        ("adds_up: left == right: 3 != 4", "wrong answer"),
        ("test_leap: NameError: name 'x' is not defined", "missing name"),
        ("lru_test.go:12: undefined: NewCache", "missing name"),
        ("error[E0425]: cannot find value `size` in this scope", "missing name"),
        ("grid.cpp:3:5: error: 'Grid' was not declared in this scope", "missing name"),
        ("the answer can't be imported: SyntaxError: invalid syntax (a.py, line 3)", "syntax error"),
        ("error[E0308]: mismatched types", "syntax error"),
        ("it does not compile: a.cpp:3:5: error: expected ';'", "syntax error"),
        ("test_leap: ZeroDivisionError: division by zero", "exception"),
        ("TestRace: panic: runtime error: index out of range", "exception"),
        ("the tests were stopped: they needed more memory than a box has", "memory"),
        ("add: plus input 3: raised MemoryError", "memory"),
        ("the given files are unchanged", "changed nothing"),
        ("2 tests ran, 0 of them skipped; the reference runs 3", "other"),
        ("", "other"),
    ],
)
def test_a_graders_words_are_understood(make: Any, reason: str, expected: str) -> None:
    record = make.record("t0", Outcome.FAILED)
    tried = replace(record.tries[0], reason=reason)
    assert failure_class(replace(record, tries=(tried,), reason=reason)) == expected


@pytest.mark.parametrize(
    ("outcome", "options", "expected"),
    [
        (Outcome.TAMPERED, {}, "tampered"),
        (Outcome.TIMEOUT, {}, "time"),
        (Outcome.CONTEXT_OVERFLOW, {}, "context full"),
        (Outcome.PROTOCOL_ERROR, {}, "unreadable answer"),
        (Outcome.PROTOCOL_ERROR, {"chars": 0}, "empty"),
        (Outcome.BUDGET_EXHAUSTED, {"chars": 0}, "ran out of tokens"),
        (Outcome.FAILED, {"finish": Finish.LENGTH}, "ran out of tokens"),
        (Outcome.FAILED, {"chars": 0}, "empty"),
        (Outcome.FAILED, {"notes": {"extraction": "none"}}, "no code found"),
        (Outcome.FAILED, {"notes": {"tools": {"calls": 0, "ended": "answered"}}}, "tool never called"),
        (Outcome.FAILED, {"notes": {"tools": {"calls": 9, "ended": "loop"}}}, "loop"),
    ],
)
def test_outcomes_and_notes_come_before_words(
    make: Any, outcome: Outcome, options: dict[str, Any], expected: str
) -> None:
    assert failure_class(make.record("t0", outcome, **options)) == expected
    assert expected in CLASSES


def test_the_last_try_decides_and_the_first_sample_is_kept(make: Any) -> None:
    found = failures(
        [
            make.record("t0", Outcome.PASSED),
            make.record("t1", Outcome.FAILED, Outcome.TIMEOUT),
            make.record("t2", Outcome.FAILED, finish=Finish.LENGTH),
            make.record("t2", Outcome.FAILED, finish=Finish.LENGTH, sample=1),
        ]
    )
    assert list(found) == ["ran out of tokens", "time"]
    assert (found["ran out of tokens"].count, found["ran out of tokens"].task) == (2, "t2")
    assert found["time"].task == "t1"
