"""Judges answers by tests in a task's own language.

What the reference passed and skipped on this machine is what an answer has to pass, test by test: fewer
is not a pass, whatever exit code or report came with it. A validator says what the tests are (``Suite``):

    judge = Judge(context.cache_dir / "references", cure="llmbench check tasks dataset=catalog")
    verdict = await judge.grade(suite, answer, boxes)
"""

import asyncio
import hashlib
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from llmbench.api import Boxes, Files, Outcome, SelfTest, Verdict
from llmbench.errors import SandboxError
from llmbench_plugins.validators.native.altered import AlteredTests, Rank
from llmbench_plugins.validators.native.expected import Expected, Kept
from llmbench_plugins.validators.native.languages import runner_for
from llmbench_plugins.validators.native.runner import TestRun, over
from llmbench_plugins.validators.native.suite import Job, Suite
from llmbench_plugins.validators.native.verdicts import judged, refused
from llmbench_plugins.validators.shared.paths import unwritable


class Judge:
    """Judges, and remembers what references pass on this machine."""

    def __init__(self, folder: Path, cure: str = "llmbench check tasks") -> None:
        """Take a folder of the user's cache, and the command that shows what is wrong with a reference."""
        self._folder = folder
        self._kept = Kept(folder)
        self._cure = cure
        self._altered = AlteredTests(folder / "altered", self._run)
        self._locks: dict[str, asyncio.Lock] = {}

    async def grade(self, suite: Suite, answer: Files, boxes: Boxes) -> Verdict:
        """Run the tests once over a fresh copy of the task with ``answer`` in it.

        Raises:
            SandboxError: a box broke, or the reference does not pass here.
        """
        started = time.monotonic()
        if (verdict := _refused(suite, answer)) is None:
            run = None
            if dict(answer) == dict(suite.reference):
                run, expected = await self._referred(suite, boxes)
            else:
                expected = await self._expected(suite, boxes)
            if run is not None:
                verdict = judged(run, expected, suite.timeout_s)
            else:
                verdict = await self._judged(suite, answer, expected, boxes)
        return replace(verdict, duration_s=time.monotonic() - started)

    async def altered(self, suite: Suite, boxes: Boxes) -> dict[str, Rank | None]:
        """Return for each test of the reference what sets alter of it, None where it is nothing.

        Raises:
            SandboxError: a box broke, or the reference does not pass here.
        """
        expected = await self._expected(suite, boxes)
        ranks = await self._altered.ranks(_key(suite), suite, expected, boxes)
        return {name: ranks.get(name) for name in sorted(expected.passed)}

    async def self_test(self, tried: Sequence[tuple[Suite, Files]], boxes: Boxes) -> SelfTest:
        """Check of suites that their reference passes, and that files which solve nothing do not."""
        problems = [
            problem
            for suite, wrong in tried
            for problem in [await self._misjudged(suite, wrong, boxes)]
            if problem
        ]
        return SelfTest(
            passed=bool(tried) and not problems,
            checked=tuple(suite.task_id for suite, _ in tried),
            problems=tuple(problems) or (() if tried else ("there is no task",)),
        )

    async def _misjudged(self, suite: Suite, wrong: Files, boxes: Boxes) -> str:
        try:
            verdict = await self.grade(suite, suite.reference, boxes)
            if verdict.outcome is not Outcome.PASSED:
                return f"{suite.task_id}: the reference got {verdict.outcome}: {verdict.reason}"
            if (await self.grade(suite, wrong, boxes)).outcome is Outcome.PASSED:
                return f"{suite.task_id}: an empty solution passed"
        except SandboxError as error:
            return str(error)
        return ""

    async def _expected(self, suite: Suite, boxes: Boxes) -> Expected:
        """Return what the reference passes here, running it if that was never done."""
        key = _key(suite)
        async with self._locks.setdefault(key, asyncio.Lock()):
            return self._kept.get(key) or (await self._referred(suite, boxes))[1]

    async def _referred(self, suite: Suite, boxes: Boxes) -> tuple[TestRun, Expected]:
        """Run the reference, and keep what it passes.

        Raises:
            SandboxError: it does not pass here, so that no answer can be judged by it.
        """
        run = await self._run(suite, suite.reference, boxes)
        expected = Expected.of(run)
        if complaint := judged(run, expected, suite.timeout_s).reason:
            raise SandboxError(
                f"{suite.task_id}: the reference does not pass on this machine, so no answer can be judged: "
                f"{complaint}; see: {self._cure} tasks=[{suite.task_id}]"
            )
        self._kept.put(_key(suite), expected)
        return run, expected

    async def _judged(self, suite: Suite, answer: Files, expected: Expected, boxes: Boxes) -> Verdict:
        """Return the verdict on an answer; one that passes meets altered tests as well."""
        job = Job(suite=suite, answer=dict(answer), cache=self._folder)
        async with over(runner_for(suite.language), job, boxes) as run:
            verdict = judged(await run(suite), expected, suite.timeout_s)
            if verdict.outcome is not Outcome.PASSED:
                return verdict
            doubt = await self._altered.doubt(_key(suite), suite, answer, expected, run, boxes)
        if doubt is None:
            return verdict
        return replace(
            verdict, outcome=doubt.outcome, score=0.0, reason=doubt.reason, stdout=doubt.reason + "\n"
        )

    async def _run(self, suite: Suite, answer: Files, boxes: Boxes) -> TestRun:
        job = Job(suite=suite, answer=dict(answer), cache=self._folder)
        return await runner_for(suite.language).run(job, boxes)


def toolchains(language: str) -> tuple[str, ...]:
    """Return the names of the toolchains that tests of a language need."""
    return runner_for(language).toolchains()


def feedback(verdict: Verdict) -> str:
    """Return what the tests said, for the next try."""
    return verdict.stdout or verdict.reason


def _refused(suite: Suite, answer: Files) -> Verdict | None:
    """Return the verdict on files that no box could hold, or that would stand where tests do."""
    hidden = suite.hidden
    if replaced := sorted(path for path in answer if path in hidden):
        return refused(f"the answer replaces {replaced[0]}, a file of the tests", Outcome.TAMPERED)
    if problem := unwritable(answer, {**suite.tree, **hidden}, disk_mb=suite.limits.disk_mb):
        return refused(problem)
    return None


def _key(suite: Suite) -> str:
    parts = (suite.digest, str(runner_for(suite.language).version))
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()
