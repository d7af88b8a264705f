"""Grading answers to a dataset's tasks outside a run: the tasks, and boxes to grade in."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from llmbench.api import Boxes, Files, Outcome, Task, Validator, Verdict
from llmbench.commands.proving import Grade
from llmbench.commands.setup import Parts
from llmbench.errors import SandboxError
from llmbench.runner.boxes import SandboxBoxes
from llmbench.runner.plan import select
from llmbench.runner.sandboxes import choose
from llmbench.runner.toolchains import needed_toolchains, unfit_tasks

_MARKS = ("metadata.json", "validation.json")
"""What a folder that is one task holds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Graded:
    """The selected tasks, and what grades answers to them."""

    tasks: Sequence[Task]
    unfit: Mapping[str, str]
    """Why tasks can't be graded on this machine, by id."""
    validator: Validator
    boxes: Boxes

    def grader(self, task: Task) -> Grade:
        """Return what grades an answer to a task; a box that breaks is a verdict, too."""

        async def grade(files: Files) -> Verdict:
            try:
                return await self.validator.grade(task, files, self.boxes)
            except SandboxError as error:
                return Verdict(outcome=Outcome.INFRA_ERROR, reason=str(error))

        return grade


def located(path: Path) -> list[str]:
    """Return the overrides that select a folder of tasks, or one task."""
    if any((path / name).is_file() for name in _MARKS):
        return [f"dataset.path={path.resolve().parent}", f"tasks=[{path.resolve().name}]"]
    return [f"dataset.path={path}"]


@asynccontextmanager
async def graded_tasks(parts: Parts, *, trusted: bool) -> AsyncIterator[Graded]:
    """Make ready for the body of an ``async with`` what the selected tasks are graded by.

    Args:
        parts: the plugins of a configuration.
        trusted: all code that will run is known beforehand, so a sandbox that does not isolate may be used.
    """
    await parts.dataset.prepare()
    tasks = list(select(parts.dataset.tasks(), parts.spec.selection, parts.spec.seed))
    toolchains = needed_toolchains(parts.validator, parts.agent, tasks)
    chosen = await choose(parts.spec.sandbox, parts.context, toolchains, trusted=trusted, partly=True)
    try:
        yield Graded(
            tasks=tasks,
            unfit=unfit_tasks(parts.validator, parts.agent, tasks, chosen.lacking),
            validator=parts.validator,
            boxes=SandboxBoxes(chosen.sandbox, parts.spec.box, tasks),
        )
    finally:
        await chosen.sandbox.close()
