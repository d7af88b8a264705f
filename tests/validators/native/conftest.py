"""Grading of tasks that are no exercises, each language in the first sandbox that can serve it."""

import asyncio
from collections.abc import Callable

import pytest

from llmbench.api import Files, Sandbox, Verdict
from llmbench.registry import load
from llmbench.testing.validator import OpenBoxes
from llmbench_plugins.validators.native import Judge, Suite, toolchains

from .tasks import Grade


@pytest.fixture(scope="module")
def grade(tmp_path_factory: pytest.TempPathFactory, opened_once: Callable[[str], Sandbox]) -> Grade:
    judge = Judge(tmp_path_factory.mktemp("references"))
    boxes: dict[str, OpenBoxes] = {}

    def graded(suite: Suite, answer: Files) -> Verdict:
        (name,) = toolchains(suite.language)
        if name not in boxes:
            boxes[name] = OpenBoxes(opened_once(name), [load("toolchain", name)])
        return asyncio.run(judge.grade(suite, answer, boxes[name]))

    return graded
