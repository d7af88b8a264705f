"""Validator `exercism`: runs an exercise's own tests, all of them, over a pristine copy with the answer laid
on it.

How tests run, how far an answer can reach them and how it is judged is the engine's matter
(``validators/native/``); docs/design/grading.md says what is covered. Here is what is Exercism's own: its
layout, which skipped tests are woken, and what Aider's board does otherwise.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Any

from llmbench.api import Boxes, Context, Files, Limits, Outcome, SelfTest, Task, Validator, Verdict, option
from llmbench_plugins.validators.exercism.layout import grading_of, suite_of
from llmbench_plugins.validators.exercism.unskip import Rules
from llmbench_plugins.validators.native import Judge, Suite, feedback, toolchains

_PROCESSES = 256


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """Options of the validator."""

    rules: Annotated[
        Rules, option(help="strict: every test is woken; aider: those that Aider's harness wakes")
    ] = "strict"
    timeout_s: Annotated[float, option(gt=0, help="for building and running the tests of one try")] = 180.0
    memory_mb: Annotated[int, option(ge=128, help="of a box in which tests run")] = 2048
    disk_mb: Annotated[int, option(ge=64, help="of a box in which tests run")] = 1024


class Exercism(Validator):
    """Grades exercises of six languages."""

    Options = Options

    def __init__(self, options: Any, context: Context) -> None:
        super().__init__(options, context)
        self._judge = Judge(context.cache_dir / "exercism", cure="llmbench check tasks dataset=exercism")

    async def grade(self, task: Task, files: Files, boxes: Boxes) -> Verdict:
        """Run the tests over a fresh copy of the exercise with ``files`` in it."""
        if all(task.starter.get(path) == content for path, content in files.items()):
            # Some exercises begin with code that works and is to be made better: doing nothing solves none.
            return Verdict(outcome=Outcome.FAILED, reason="the given files are unchanged")
        verdict = await self._judge.grade(self._suite(task), files, boxes)
        if verdict.outcome is Outcome.TIMEOUT and self.options.rules == "aider":
            # Under Aider's rules it is a failure like another, after which there is a second try.
            return replace(verdict, outcome=Outcome.FAILED)
        return verdict

    async def self_test(self, tasks: Sequence[Task], boxes: Boxes) -> SelfTest:
        """Check on one task a language that the reference passes and an empty solution does not."""
        # The least text, as a sign of the least time: every run waits for this.
        chosen = {task.language: task for task in sorted(tasks, key=_size, reverse=True)}
        tried = [
            (self._suite(task), dict.fromkeys(grading_of(task).solution, b"\n")) for task in chosen.values()
        ]
        return await self._judge.self_test(tried, boxes)

    def toolchains(self, task: Task) -> tuple[str, ...]:
        """Return what the language's tests need."""
        return toolchains(task.language)

    def feedback(self, task: Task, verdict: Verdict) -> str:
        """Return what the tests said."""
        return feedback(verdict)

    def _suite(self, task: Task) -> Suite:
        options = self.options
        limits = Limits(
            wall_s=options.timeout_s,
            memory_mb=options.memory_mb,
            processes=_PROCESSES,
            disk_mb=options.disk_mb,
        )
        return suite_of(task, options.rules, options.timeout_s, limits)


def _size(task: Task) -> int:
    """Return how many bytes the tests and the reference have."""
    return sum(len(content) for files in (task.tests, task.reference) for content in files.values())
