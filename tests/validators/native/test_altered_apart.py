"""Altered tests of languages whose answers run apart: under the names that their runners report."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from llmbench.api import Sandbox
from llmbench.registry import load
from llmbench.testing.validator import OpenBoxes
from llmbench_plugins.validators.native import Judge, toolchains
from llmbench_plugins.validators.native.altered import Rank

from .tasks import JAVASCRIPT, PYTHON, Example


@pytest.mark.parametrize("example", [JAVASCRIPT, PYTHON], ids=["javascript", "python"])
def test_every_test_can_be_altered_and_an_answer_that_says_it_otherwise_passes(
    example: Example, opened_once: Callable[[str], Sandbox], tmp_path: Path
) -> None:
    (name,) = toolchains(example.suite.language)
    boxes = OpenBoxes(opened_once(name), [load("toolchain", name)])
    judge = Judge(tmp_path)
    ranks = asyncio.run(judge.altered(example.suite, boxes))
    assert len(ranks) == example.passed
    assert {rank for rank in ranks.values() if rank is not None} >= {Rank.COMPARED}
    assert None not in ranks.values(), ranks
    answer = {path: content + b"\n\n" for path, content in example.suite.reference.items()}
    verdict = asyncio.run(judge.grade(example.suite, answer, boxes))
    assert (verdict.outcome, verdict.tests_passed) == ("passed", example.passed), verdict
