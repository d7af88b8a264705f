"""Right answers stay right: unusual, but honest solutions of one task, fifteen in each language."""

import pytest

from llmbench.api import Outcome

from .honest import ANSWERS, suite
from .tasks import Grade

EACH = [(language, name) for language, answers in ANSWERS.items() for name in answers]


@pytest.mark.parametrize("language", ANSWERS)
def test_there_are_fifteen_in_each_language(language: str) -> None:
    files = [tuple(answer.files.values()) for answer in ANSWERS[language].values()]
    assert len(set(files)) == len(files) >= 15


@pytest.mark.parametrize(("language", "name"), EACH, ids=[f"{language}: {name}" for language, name in EACH])
def test_a_right_answer_passes(language: str, name: str, grade: Grade) -> None:
    verdict = grade(suite(language), ANSWERS[language][name].files)
    assert verdict.outcome is Outcome.PASSED, verdict
