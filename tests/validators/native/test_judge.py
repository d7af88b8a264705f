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
