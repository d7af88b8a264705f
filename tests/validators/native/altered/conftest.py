"""Answers held against altered tests alone, with the doors open that are shut to them otherwise."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from llmbench.api import Boxes, Files, Outcome
from llmbench_plugins.validators.native.altered import AlteredTests, Doubt
from llmbench_plugins.validators.native.expected import Expected
from llmbench_plugins.validators.native.go import Go
from llmbench_plugins.validators.native.runner import Runner, TestRun, over
from llmbench_plugins.validators.native.rust import Rust
from llmbench_plugins.validators.native.suite import Job, Suite
from llmbench_plugins.validators.native.verdicts import judged

OPEN: dict[str, Callable[[], Runner]] = {"go": lambda: Go(doors=False), "rust": lambda: Rust(doors=False)}


@dataclass(frozen=True)
class Held:
    """What became of an answer."""

    real: Outcome
    """By the tests as they are."""
    said: str
    doubt: Doubt | None


class Wall:
    """Altered tests of one suite, and nothing else that would stop an answer."""

    def __init__(self, suite: Suite, boxes: Boxes, folder: Path) -> None:
        self.suite = suite
        self.boxes = boxes
        self._runner = OPEN[suite.language]()
        self.altered = AlteredTests(folder, self._run)

    async def _run(self, suite: Suite, answer: Files, boxes: Boxes) -> TestRun:
        return await self._runner.run(Job(suite=suite, answer=dict(answer)), boxes)

    async def expected(self) -> Expected:
        """Return what the reference passes."""
        return Expected.of(await self._run(self.suite, self.suite.reference, self.boxes))

    def __call__(self, path: str, text: str) -> Held:
        """Hold the reference with another file against altered tests, if it passes the real ones."""
        return asyncio.run(self._held({**self.suite.reference, path: text.encode()}))

    async def _held(self, answer: Files) -> Held:
        expected = await self.expected()
        async with over(self._runner, Job(suite=self.suite, answer=answer), self.boxes) as run:
            verdict = judged(await run(self.suite), expected, self.suite.timeout_s)
            if verdict.outcome is not Outcome.PASSED:
                return Held(verdict.outcome, f"{verdict.reason}\n{verdict.stdout}", None)
            doubt = await self.altered.doubt("key", self.suite, answer, expected, run, self.boxes)
        return Held(verdict.outcome, verdict.reason, doubt)


@pytest.fixture(scope="module")
def wall(compiled: Callable[[str], Any], tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Wall]:
    """Return the altered tests of our exercise, by the language."""
    made: dict[str, Wall] = {}

    def of(language: str) -> Wall:
        if language not in made:
            grader = compiled(language)
            folder = tmp_path_factory.mktemp("sets")
            made[language] = Wall(grader.job({}).suite, grader.boxes, folder)
        return made[language]

    return of
