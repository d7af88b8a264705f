"""Validator `exercism`: runs an exercise's own tests, all of them, over a pristine copy with the answer laid
on it.

What the reference passed and skipped on this machine is what an answer has to pass, test by test: fewer
is not a pass, whatever exit code or report came with it. How tests run, and how far an answer can reach
them, is the matter of each language (``validators/native/``); docs/design/grading.md says what is covered.
"""

import asyncio
import hashlib
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Any

from llmbench.api import Boxes, Context, Files, Limits, Outcome, SelfTest, Task, Validator, Verdict, option
from llmbench.api.options import from_mapping
from llmbench.errors import SandboxError
from llmbench_plugins.validators.native.clean import cleaned
from llmbench_plugins.validators.native.expected import Expected, Kept
from llmbench_plugins.validators.native.languages import runner_for
from llmbench_plugins.validators.native.runner import Job, Rules, Runner, TestRun

_REFERENCE_ONLY = ".reference/"


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """Options of the validator."""

    rules: Annotated[
        Rules, option(help="strict: every test is woken; aider: those that Aider's harness wakes")
    ] = "strict"
    timeout_s: Annotated[float, option(gt=0, help="for building and running the tests of one try")] = 180.0
    memory_mb: Annotated[int, option(ge=128, help="of a box in which tests run")] = 2048
    disk_mb: Annotated[int, option(ge=64, help="of a box in which tests run")] = 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Grading:
    """``grading`` of a task: the files that config.json of the exercise lists."""

    solution: Annotated[tuple[str, ...], option(min_length=1)]
    tests: Annotated[tuple[str, ...], option(min_length=1)]


class Exercism(Validator):
    """Grades exercises of six languages."""

    Options = Options

    def __init__(self, options: Any, context: Context) -> None:
        super().__init__(options, context)
        self._kept = Kept(context.cache_dir / "exercism")
        self._locks: dict[str, asyncio.Lock] = {}

    async def grade(self, task: Task, files: Files, boxes: Boxes) -> Verdict:
        """Run the tests over a fresh copy of the exercise with ``files`` in it."""
        started = time.monotonic()
        if all(task.starter.get(path) == content for path, content in files.items()):
            # Some exercises begin with code that works and is to be made better: doing nothing solves none.
            return Verdict(outcome=Outcome.FAILED, reason="the given files are unchanged")
        runner = runner_for(task.language)
        run = None
        if dict(files) == _reference(task):
            run, expected = await self._referred(task, runner, boxes)
        else:
            expected = await self._expected(task, runner, boxes)
        if run is None:
            run = await runner.run(self._job(task, files, runner), boxes)
        verdict = judged(run, expected, self.options.timeout_s, self.options.rules)
        return replace(verdict, duration_s=time.monotonic() - started)

    async def self_test(self, tasks: Sequence[Task], boxes: Boxes) -> SelfTest:
        """Check on one task a language that the reference passes and an empty solution does not."""
        # The least text, as a sign of the least time: every run waits for this.
        chosen = {task.language: task for task in sorted(tasks, key=_size, reverse=True)}
        problems = [
            problem for task in chosen.values() for problem in [await self._misjudged(task, boxes)] if problem
        ]
        return SelfTest(
            passed=bool(chosen) and not problems,
            checked=tuple(task.id for task in chosen.values()),
            problems=tuple(problems) or (() if chosen else ("there is no task",)),
        )

    async def _misjudged(self, task: Task, boxes: Boxes) -> str:
        """Return what is wrong with the verdicts on two answers of which it is known what they are worth."""
        emptied = dict.fromkeys(from_mapping(Grading, task.grading, f"{task.id}: grading").solution, b"\n")
        try:
            verdict = await self.grade(task, _reference(task), boxes)
            if verdict.outcome is not Outcome.PASSED:
                return f"{task.id}: the reference got {verdict.outcome}: {verdict.reason}"
            if (await self.grade(task, emptied, boxes)).outcome is Outcome.PASSED:
                return f"{task.id}: an empty solution passed"
        except SandboxError as error:
            return str(error)
        return ""

    def toolchains(self, task: Task) -> tuple[str, ...]:
        """Return what the language's tests need."""
        return runner_for(task.language).toolchains()

    def feedback(self, task: Task, verdict: Verdict) -> str:
        """Return what the tests said."""
        return verdict.stdout or verdict.reason

    async def _expected(self, task: Task, runner: Runner, boxes: Boxes) -> Expected:
        """Return what the reference passes here, running it if that was never done."""
        key = self._key(task, runner)
        async with self._locks.setdefault(key, asyncio.Lock()):
            return self._kept.get(key) or (await self._referred(task, runner, boxes))[1]

    async def _referred(self, task: Task, runner: Runner, boxes: Boxes) -> tuple[TestRun, Expected]:
        """Run the reference, and keep what it passes.

        Raises:
            SandboxError: it does not pass here, so that no answer can be judged by it.
        """
        run = await runner.run(self._job(task, _reference(task), runner), boxes)
        expected = Expected.of(run)
        if complaint := judged(run, expected, self.options.timeout_s).reason:
            raise SandboxError(
                f"{task.id}: the reference does not pass on this machine, so no answer can be judged: "
                f"{complaint}; see: llmbench check tasks dataset=exercism tasks=[{task.id}]"
            )
        self._kept.put(self._key(task, runner), expected)
        return run, expected

    def _key(self, task: Task, runner: Runner) -> str:
        parts = (task.digest, self.options.rules, task.language, str(runner.version))
        return hashlib.sha256("\0".join(parts).encode()).hexdigest()

    def _job(self, task: Task, files: Files, runner: Runner) -> Job:
        grading = from_mapping(Grading, task.grading, f"{task.id}: grading")
        options = self.options
        published = {**task.starter, **task.tests}
        tree = {
            path: runner.unskipped(path, content, options.rules) if path in grading.tests else content
            for path, content in published.items()
            if not path.startswith(_REFERENCE_ONLY)
        }
        return Job(
            task_id=task.id,
            language=task.language,
            tree=tree,
            answer=dict(files),
            solution=grading.solution,
            tests=grading.tests,
            rules=options.rules,
            timeout_s=options.timeout_s,
            limits=Limits(
                wall_s=options.timeout_s, memory_mb=options.memory_mb, processes=256, disk_mb=options.disk_mb
            ),
        )


def _size(task: Task) -> int:
    """Return how many bytes the tests and the reference have."""
    return sum(len(content) for files in (task.tests, task.reference) for content in files.values())


def _reference(task: Task) -> dict[str, bytes]:
    """Return the whole reference, with what answers may not bring."""
    alone = {
        path.removeprefix(_REFERENCE_ONLY): content
        for path, content in task.tests.items()
        if path.startswith(_REFERENCE_ONLY)
    }
    return {**task.reference, **alone}


def judged(run: TestRun, expected: Expected, timeout_s: float, rules: Rules = "strict") -> Verdict:
    """Return the verdict: ``passed`` if all passed that the reference passed, and no more were skipped."""
    counts = {
        status: {name for name, case in run.cases.items() if case.status == status}
        for status in ("passed", "failed", "skipped")
    }
    reason = _reason(run, expected, counts, timeout_s)
    outcome = Outcome.FAILED if reason else Outcome.PASSED
    if run.tampered:
        outcome = Outcome.TAMPERED
    elif run.stopped == "timeout" and rules == "strict":
        # Under Aider's rules it is a failure like another, after which there is a second try.
        outcome = Outcome.TIMEOUT
    right = len(counts["passed"] & expected.passed)
    share = right / len(expected.passed) if expected.passed else 0.0
    return Verdict(
        outcome=outcome,
        score=1.0 if outcome is Outcome.PASSED else 0.0 if run.tampered else min(share, 0.99),
        reason=reason,
        tests_run=len(counts["passed"]) + len(counts["failed"]),
        tests_passed=len(counts["passed"]),
        tests_skipped=len(counts["skipped"] - expected.skipped),
        tests_expected=len(expected.passed),
        stdout=cleaned(run.output),
        details={"expected_skips": len(expected.skipped)} if expected.skipped else {},
    )


def _reason(run: TestRun, expected: Expected, counts: Mapping[str, set[str]], timeout_s: float) -> str:
    if run.tampered:
        return run.tampered
    if run.stopped == "timeout":
        return f"the tests did not end within {timeout_s:g} s"
    if run.stopped:
        return f"the tests were stopped: they needed more {run.stopped} than a box has"
    if run.problem:
        return cleaned(run.problem)[:300]
    if counts["failed"]:
        name = next(name for name, case in run.cases.items() if case.status == "failed")
        return cleaned(f"{name}: {run.cases[name].message}")[:300].strip(" :")
    if missing := expected.passed - counts["passed"]:
        return f"{len(missing)} tests that the reference passes did not run, such as: {min(missing)}"
    if more := counts["skipped"] - expected.skipped:
        return f"{len(more)} tests were skipped that the reference runs, such as: {min(more)}"
    return "" if expected.passed else "no test ran"
