"""What is made of the verdicts on a task's own answers, which differ from time to time."""

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest

from llmbench.api import Files, Outcome, Task, Verdict, Wrong
from llmbench.commands.proving import Checked, prove

PASSED = Verdict(outcome=Outcome.PASSED, score=1.0, tests_run=3, duration_s=2.0, limit_s=10.0)
REFERENCE, RACY = {"a.go": b"right"}, {"a.go": b"racy"}


def failed(*tests: str, **more: Any) -> Verdict:
    known: dict[str, Any] = {"tests_run": 3, "reason": "x"} | more
    return Verdict(outcome=Outcome.FAILED, failed_tests=tests, **known)


def task(*fails: str) -> Task:
    return Task(
        id="go/a",
        instructions="",
        starter={"a.go": b""},
        editable=("a.go",),
        reference=REFERENCE,
        wrong={"racy": Wrong(files=RACY, why="a race", fails=fails or ("TestA",))},
    )


def proved(
    asked: Task,
    reference: Sequence[Verdict] = (PASSED, PASSED),
    starter: Sequence[Verdict] = (failed("TestA"), failed("TestA")),
    wrong: Sequence[Verdict] = (failed("TestA"), failed("TestA")),
) -> Checked:
    """Prove with one verdict for each time that an answer is graded."""
    left = {b"right": list(reference), b"": list(starter), b"racy": list(wrong)}

    async def grade(files: Files) -> Verdict:
        return left[files.get("a.go", b"")].pop(0)

    found = asyncio.run(prove(asked, grade, times=2))
    assert not any(left.values())
    return found


def test_a_fair_task_has_no_problem() -> None:
    found = proved(task())
    assert (found.problems, found.problem, found.tests, found.duration_s) == ((), "", 3, 2.0)
    assert found.wrong[0].failed_tests == ("TestA",)


@pytest.mark.parametrize(
    ("verdicts", "problem"),
    [
        ({"reference": (PASSED, failed(reason="TestA: 1"))}, "the reference does not pass: TestA: 1"),
        ({"starter": (failed(), PASSED)}, "the untouched starter passes"),
        ({"wrong": (failed("TestA"), PASSED)}, "wrong/racy passes, though TestA should fail"),
        (
            {"wrong": (failed("TestA"), failed("TestB"))},
            "wrong/racy is not caught by TestA; those that fail: TestB",
        ),
    ],
)
def test_once_is_not_enough(verdicts: dict[str, Sequence[Verdict]], problem: str) -> None:
    assert proved(task(), **verdicts).problems == (problem,)


def test_the_shortest_time_counts() -> None:
    slow = Verdict(outcome=Outcome.PASSED, tests_run=3, duration_s=6.0, limit_s=10.0)
    assert proved(task(), reference=(slow, PASSED)).problems == ()
    assert proved(task(), reference=(slow, slow)).problems == (
        "the reference takes 6.0 s, more than half of the 10 s that answers have",
    )


def test_a_time_out_catches_what_it_is_named_for() -> None:
    late = Verdict(outcome=Outcome.TIMEOUT, failed_tests=("TestA", "TestB"), reason="the tests did not end")
    assert proved(task("TestB"), wrong=(late, late)).problems == ()


@pytest.mark.parametrize(
    ("name", "test", "is_meant"),
    [
        ("TestA", "TestA", True),
        ("TestA", "internal/clock/TestA", True),
        ("in_pairs", "chunks::in_pairs", True),
        ("the limit", "pool > the limit", True),
        ("counts", "class:ClockTest/method:counts()", True),
        ("test_clock.ClockTest.test_a", "test_clock.ClockTest.test_a", True),
        ("TestA", "TestAB", False),
        ("TestA", "MyTestA", False),
    ],
)
def test_the_last_part_of_a_name_will_do(name: str, test: str, is_meant: bool) -> None:
    found = proved(task(name), wrong=(failed(test), failed(test)))
    assert (found.problems == ()) is is_meant


def test_what_cannot_be_judged_is_said_once() -> None:
    broken = Verdict(outcome=Outcome.INFRA_ERROR, reason="go/a: no compiler")
    found = proved(task(), (broken, broken), (broken, broken), (broken, broken))
    assert found.problems == ("no compiler",)
