"""Conformance of a validator: run it in a plugin's own tests by subclassing."""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from llmbench.api import (
    Box,
    Boxes,
    Files,
    Limits,
    Outcome,
    PythonProgram,
    Sandbox,
    Service,
    Task,
    Toolchain,
    Validator,
    Verdict,
    closing,
)


class OpenBoxes:
    """Boxes of one sandbox, for tests."""

    def __init__(
        self, sandbox: Sandbox, toolchains: Sequence[Toolchain], limits: Limits | None = None
    ) -> None:
        self._sandbox = sandbox
        self._toolchains = {toolchain.id: toolchain for toolchain in toolchains}
        self._limits = limits or Limits()

    @asynccontextmanager
    async def open(self, toolchain: str, limits: Limits | None = None) -> AsyncIterator[Box]:
        """Open a box."""
        box = await self._sandbox.open(self._toolchains[toolchain], limits or self._limits)
        async with closing(box):
            yield box

    @asynccontextmanager
    async def serve(
        self, toolchain: str, program: PythonProgram, limits: Limits | None = None
    ) -> AsyncIterator[Service]:
        """Run a program as the only one in a box."""
        found = self._toolchains[toolchain]
        service = await self._sandbox.serve(found, limits or self._limits, program)
        try:
            yield service
        finally:
            await service.close()


class ValidatorConformance(ABC):
    """What every validator promises."""

    @abstractmethod
    def make_validator(self, tmp_path: Path) -> Validator:
        """Return the validator."""

    @abstractmethod
    def make_boxes(self, tmp_path: Path) -> Boxes:
        """Return boxes that work on this machine, such as ``OpenBoxes``; `skip` where there are none."""

    @abstractmethod
    def make_task(self) -> Task:
        """Return a task with a reference that passes and a starter that does not."""

    def grade(self, tmp_path: Path, files: Files) -> Verdict:
        """Grade files against the task."""
        validator = self.make_validator(tmp_path)
        return asyncio.run(validator.grade(self.make_task(), files, self.make_boxes(tmp_path)))

    def test_reference_passes(self, tmp_path: Path) -> None:
        """The reference gets the whole score and runs all tests."""
        verdict = self.grade(tmp_path, self.make_task().reference)
        assert (verdict.outcome, verdict.score) == (Outcome.PASSED, 1.0), verdict
        assert verdict.tests_expected in (None, verdict.tests_passed)
        assert verdict.tests_skipped == 0

    def test_starter_fails(self, tmp_path: Path) -> None:
        """Doing nothing is not enough."""
        verdict = self.grade(tmp_path, {})
        assert verdict.outcome is not Outcome.PASSED
        assert verdict.score < 1.0
        assert verdict.reason

    def test_garbage_is_a_verdict(self, tmp_path: Path) -> None:
        """Whatever the answer is, grading it ends with a verdict and not with an error."""
        main = next(iter(self.make_task().reference))
        for content in (b"", b"\x00\xff\xfe", b"(" * 2000, "é\udcff".encode(errors="replace") * 100):
            verdict = self.grade(tmp_path, {main: content})
            assert verdict.outcome.graded
            assert verdict.outcome is not Outcome.PASSED

    def test_grades_alike_twice(self, tmp_path: Path) -> None:
        """A verdict depends on the answer and on nothing else."""
        first, second = (self.grade(tmp_path, self.make_task().reference) for _ in range(2))
        assert (first.outcome, first.tests_run) == (second.outcome, second.tests_run)

    def test_self_test_passes(self, tmp_path: Path) -> None:
        """The validator can be trusted here."""
        validator = self.make_validator(tmp_path)
        result = asyncio.run(validator.self_test([self.make_task()], self.make_boxes(tmp_path)))
        assert result.passed, result.problems

    def test_self_test_notices_a_broken_reference(self, tmp_path: Path) -> None:
        """A grader that passes anything, or nothing, is found out."""
        import dataclasses

        task = self.make_task()
        broken = dataclasses.replace(task, reference=dict(task.starter), digest="")
        validator = self.make_validator(tmp_path)
        assert not asyncio.run(validator.self_test([broken], self.make_boxes(tmp_path))).passed
