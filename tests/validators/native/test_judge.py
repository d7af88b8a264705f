"""The engine on tasks of our own, in every language: no layout of Exercism, several files on both sides."""

import asyncio
from collections.abc import Callable

import pytest

from llmbench.api import Files, Outcome, Sandbox, Verdict
from llmbench.registry import load
from llmbench.testing.validator import OpenBoxes
from llmbench_plugins.validators.native import Judge, Suite, feedback, toolchains

from .tasks import EXAMPLES

Grade = Callable[[Suite, Files], Verdict]


@pytest.fixture(scope="module")
def judge(tmp_path_factory: pytest.TempPathFactory) -> Judge:
    return Judge(tmp_path_factory.mktemp("references"))


@pytest.fixture(scope="module")
def grade(judge: Judge, opened_once: Callable[[str], Sandbox]) -> Grade:
    boxes: dict[str, OpenBoxes] = {}

    def graded(suite: Suite, answer: Files) -> Verdict:
        (name,) = toolchains(suite.language)
        if name not in boxes:
            boxes[name] = OpenBoxes(opened_once(name), [load("toolchain", name)])
        return asyncio.run(judge.grade(suite, answer, boxes[name]))

    return graded


@pytest.fixture(params=EXAMPLES)
def example(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_the_reference_passes_all_tests_of_all_files(example: str, grade: Grade) -> None:
    suite = EXAMPLES[example].suite
    verdict = grade(suite, suite.reference)
    assert verdict.outcome is Outcome.PASSED, verdict
    assert verdict.score == 1.0
    assert (verdict.tests_passed, verdict.tests_expected) == (EXAMPLES[example].passed,) * 2


def test_the_starter_fails(example: str, grade: Grade) -> None:
    verdict = grade(EXAMPLES[example].suite, {})
    assert verdict.outcome is Outcome.FAILED, verdict
    assert verdict.reason


def test_a_wrong_answer_fails_for_its_reason(example: str, grade: Grade) -> None:
    suite = EXAMPLES[example].suite
    verdict = grade(suite, {**suite.reference, **EXAMPLES[example].wrong})
    assert verdict.outcome is Outcome.FAILED, verdict
    assert EXAMPLES[example].failed in verdict.reason + verdict.stdout
    assert "llmbench" not in verdict.stdout
    assert feedback(verdict) == verdict.stdout


_READS_THE_KEY = b"""

func init() { _, _ = io.ReadAll(os.Stdin) }
"""
_OUTSIDE = b"""package own_test

import (
	"testing"

	"example/own"
)

func TestTwice(t *testing.T) {
	if got := own.Twice(2); got != 4 {
		t.Errorf("got %d, want 4", got)
	}
}
"""


@pytest.mark.parametrize("where", ["own.go", "aside/aside.go"])
def test_no_package_of_an_answer_runs_before_the_reporter_of_go_has_its_key(where: str, grade: Grade) -> None:
    """Where tests are outside of the answer's package, nothing of theirs would make it wait for ours."""
    right = {
        "own.go": b'package own\n\nimport _ "example/own/aside"\n\nfunc Twice(n int) int { return 2 * n }\n',
        "aside/aside.go": b"package aside\n",
    }
    suite = Suite(
        task_id="go/outside",
        language="go",
        tree={"go.mod": b"module example/own\n\ngo 1.21\n"},
        tests={"own_test.go": _OUTSIDE},
        reference=right,
    )
    imports = b'\n\nimport (\n\t"io"\n\t"os"\n)'
    name, _, rest = right[where].partition(b"\n")
    reading = {**right, where: name + imports + b"\n" + rest + _READS_THE_KEY}
    assert grade(suite, reading).outcome is Outcome.PASSED
    bound = {**reading, where: b"//go:build linux || !linux\n\n" + reading[where]}
    assert grade(suite, bound).outcome is Outcome.PASSED
    wrong = {**reading, "own.go": b"package own\n\nfunc Twice(n int) int { return n }\n"}
    assert grade(suite, wrong).outcome is Outcome.FAILED
