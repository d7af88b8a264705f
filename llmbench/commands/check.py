"""``llmbench check tasks``: every reference passes and every starter fails, judged as in a run."""

import asyncio
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from rich.table import Table

from llmbench.api import Files, Outcome, Task, Verdict
from llmbench.commands.arguments import Parser
from llmbench.commands.setup import Parts, composed_spec, make_parts, scratch
from llmbench.console import Console
from llmbench.errors import SandboxError, UsageError
from llmbench.runner.boxes import SandboxBoxes
from llmbench.runner.plan import select
from llmbench.runner.sandboxes import choose
from llmbench.runner.toolchains import needed_toolchains

SUBJECTS = ("tasks",)
_MARKS = ("metadata.json", "validation.json")
"""What a folder that is one task holds."""


@dataclass(frozen=True, slots=True)
class Checked:
    """What was found about one task."""

    task: str
    reference: str
    starter: str
    tests: int
    duration_s: float
    problem: str


def main(argv: list[str]) -> int:
    """Check the tasks of a dataset."""
    parser = Parser(
        "check",
        "Grade every task's reference, which must pass, and its untouched starter, which must not. PATH is a "
        "folder of tasks, or one task.",
        "tasks [PATH] [key=value …] [--json]",
    )
    parser.add_argument("--json", action="store_true", help="for machines")
    options, words = parser.split(argv)
    if words[:1] != ["tasks"]:
        raise UsageError(f"check: expected tasks, got '{' '.join(words[:1])}'; see llmbench check --help")
    overrides, paths = [word for word in words[1:] if _is_override(word)], words[1:]
    paths = [word for word in paths if not _is_override(word)]
    if len(paths) > 1:
        raise UsageError(f"check tasks: expected one folder, got {', '.join(paths)}")
    if paths:
        overrides += _located(Path(paths[0]))
    # The references are the task author's own code, as trusted as the tests.
    spec = composed_spec("check", [*overrides, "agent=oracle"])
    console = Console(stderr=options.json)
    with scratch() as folder:
        found = asyncio.run(_check(make_parts(spec, console, Path(folder))))
    if options.json:
        print(json.dumps([asdict(checked) for checked in found], indent=2))
    else:
        _show(found, console)
    return 1 if any(checked.problem for checked in found) else 0


def _is_override(word: str) -> bool:
    return "=" in word or word.startswith(("-", "+", "~"))


def _located(path: Path) -> list[str]:
    if any((path / name).is_file() for name in _MARKS):
        return [f"dataset.path={path.resolve().parent}", f"tasks=[{path.resolve().name}]"]
    return [f"dataset.path={path}"]


async def _check(parts: Parts) -> list[Checked]:
    spec = parts.spec
    await parts.dataset.prepare()
    tasks = list(select(parts.dataset.tasks(), spec.selection, spec.seed))
    toolchains = needed_toolchains(parts.validator, parts.agent, tasks)
    chosen = await choose(spec.sandbox, parts.context, toolchains, trusted=True)
    boxes = SandboxBoxes(chosen.sandbox, spec.box)
    free = asyncio.Semaphore(spec.graders)
    try:
        return await asyncio.gather(*(_check_task(parts, task, boxes, free) for task in tasks))
    finally:
        await chosen.sandbox.close()


async def _check_task(parts: Parts, task: Task, boxes: SandboxBoxes, free: asyncio.Semaphore) -> Checked:
    async def grade(files: Files) -> Verdict:
        try:
            return await parts.validator.grade(task, files, boxes)
        except SandboxError as error:
            return Verdict(outcome=Outcome.INFRA_ERROR, reason=str(error))

    async with free:
        starter = await grade({})
        reference = await grade(task.reference) if task.reference else None
    return Checked(
        task=task.id,
        reference=reference.outcome if reference else "none",
        starter=starter.outcome,
        tests=reference.tests_run if reference else 0,
        duration_s=round(reference.duration_s if reference else 0.0, 3),
        problem=_problem(reference, starter),
    )


def _problem(reference: Verdict | None, starter: Verdict) -> str:
    if reference is None:
        return "it has no reference solution"
    if reference.outcome is not Outcome.PASSED:
        return f"the reference does not pass: {reference.reason}"
    if starter.outcome is Outcome.PASSED:
        return "the untouched starter passes"
    return f"the starter could not be judged: {starter.reason}" if not starter.outcome.graded else ""


def _show(found: Sequence[Checked], console: Console) -> None:
    table = Table("task", "reference", "starter", "tests", "seconds", "problem")
    for checked in found:
        numbers = (str(checked.tests), f"{checked.duration_s:.2f}")
        style = "red" if checked.problem else ""
        table.add_row(
            checked.task, checked.reference, checked.starter, *numbers, checked.problem, style=style
        )
    console.print(table)
    wrong = sum(bool(checked.problem) for checked in found)
    console.print(f"{_count(len(found), 'task')}, {_count(wrong, 'problem')}", highlight=False)


def _count(number: int, noun: str) -> str:
    return f"{number or 'no'} {noun}{'' if number == 1 else 's'}"
