"""Validator `command`: grades a task by a command of its own, or by tests in its own language.

Which of them it is, the task's ``grading`` says: with ``command`` its tests run in one box and the answer in
another (``two_boxes.py``); without, the engine for tests in a task's own language judges (``native/``).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Any

from llmbench.api import Boxes, Context, Files, SelfTest, Task, Validator, Verdict, option
from llmbench.errors import SandboxError
from llmbench_plugins.validators.command import two_boxes
from llmbench_plugins.validators.command.grading import Grading, NativeGrading, grading_of
from llmbench_plugins.validators.command.layout import suite_of
from llmbench_plugins.validators.command.packages import named_for, with_packages
from llmbench_plugins.validators.native import Judge, feedback, toolchains


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """Options of the validator."""

    timeout_factor: Annotated[float, option(gt=0, help="multiplies every task's own time limit")] = 1.0


class Command(Validator):
    """Grades tasks that are folders."""

    Options = Options

    def __init__(self, options: Any, context: Context) -> None:
        super().__init__(options, context)
        self._judge = Judge(context.cache_dir / "references", cure="llmbench check tasks dataset=…")

    async def grade(self, task: Task, files: Files, boxes: Boxes) -> Verdict:
        """Run the tests against the starter files with ``files`` laid over them."""
        grading = grading_of(task)
        limit = grading.timeout_s * self.options.timeout_factor
        boxes = with_packages(boxes, task)
        if isinstance(grading, Grading):
            verdict = await two_boxes.grade(task, grading, files, boxes, limit)
        else:
            verdict = await self._judge.grade(suite_of(task, grading, limit), files, boxes)
            _check_count(task, grading, verdict)
        return replace(verdict, limit_s=limit)

    async def self_test(self, tasks: Sequence[Task], boxes: Boxes) -> SelfTest:
        """Check on one task a toolchain that the reference passes and the untouched starter does not."""
        try:
            return await super().self_test(tasks, boxes)
        except SandboxError as error:
            # A reference that does not pass here, says the judge.
            return SelfTest(passed=False, checked=(), problems=(str(error),))

    def toolchains(self, task: Task) -> tuple[str, ...]:
        """Return what the tests need, and the toolchain of the task."""
        grading = grading_of(task)
        if isinstance(grading, Grading):
            return named_for(task, ("python",))
        # Before anything is asked: it says what is wrong with the tests' names.
        suite_of(task, grading, grading.timeout_s)
        return named_for(task, toolchains(task.language))

    def feedback(self, task: Task, verdict: Verdict) -> str:
        """Return what the tests said."""
        native = isinstance(grading_of(task), NativeGrading)
        return feedback(verdict) if native else super().feedback(task, verdict)


def _check_count(task: Task, grading: NativeGrading, verdict: Verdict) -> None:
    """Refuse to judge by tests of which some silently do not run.

    Raises:
        SandboxError: the reference passes more or fewer than its author says.
    """
    if verdict.tests_expected not in (None, grading.tests):
        raise SandboxError(
            f"{task.id}: the reference passes {verdict.tests_expected} tests on this machine, but "
            f"metadata.json says grading.tests: {grading.tests}"
        )
