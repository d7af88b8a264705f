"""``llmbench check tasks``: references pass, starters and wrong solutions do not, judged as in a run."""

import asyncio
import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from rich.table import Table

from llmbench.api import Task
from llmbench.commands.arguments import Parser
from llmbench.commands.proving import Checked, prove, skipped
from llmbench.commands.setup import Parts, composed_spec, make_parts, scratch
from llmbench.commands.tasks_graded import graded_tasks, located
from llmbench.console import Console
from llmbench.errors import UsageError
from llmbench.runner.progress import RunProgress

SUBJECTS = ("tasks",)


def main(argv: list[str]) -> int:
    """Check the tasks of a dataset."""
    parser = Parser(
        "check",
        "Grade, twice in a row, every task's reference, which must pass within half of its time limit, its "
        "untouched starter, which must not pass, and its wrong solutions, each of which must fail in the "
        "tests that are named for it. PATH is a folder of tasks, or one task.",
        "tasks [PATH] [key=value …] [--once] [--json]",
    )
    parser.add_argument("--once", action="store_true", help="quicker: grade each only once")
    parser.add_argument("--json", action="store_true", help="for machines")
    options, words = parser.split(argv)
    if words[:1] != ["tasks"]:
        raise UsageError(f"check: expected tasks, got '{' '.join(words[:1])}'; see llmbench check --help")
    overrides, paths = [word for word in words[1:] if _is_override(word)], words[1:]
    paths = [word for word in paths if not _is_override(word)]
    if len(paths) > 1:
        raise UsageError(f"check tasks: expected one folder, got {', '.join(paths)}")
    if paths:
        overrides += located(Path(paths[0]))
    spec = composed_spec("check", [*overrides, "agent=oracle"])
    console = Console(stderr=options.json)
    with scratch() as folder, RunProgress(console) as progress:
        parts = make_parts(spec, console, Path(folder), progress.waiting)
        found = asyncio.run(_check(parts, times=1 if options.once else 2))
    if options.json:
        print(json.dumps([asdict(checked) for checked in found], indent=2))
    else:
        _show(found, console)
    return 1 if any(checked.problem for checked in found) else 0


def _is_override(word: str) -> bool:
    return "=" in word or word.startswith(("-", "+", "~"))


async def _check(parts: Parts, *, times: int) -> list[Checked]:
    free = asyncio.Semaphore(parts.spec.graders)
    # The references are the task author's own code, as trusted as the tests.
    async with graded_tasks(parts, trusted=True) as graded:

        async def check(task: Task) -> Checked:
            async with free:
                return await prove(task, graded.grader(task), times=times)

        found = await asyncio.gather(*(check(task) for task in graded.tasks if task.id not in graded.unfit))
    left_out = (task for task in graded.tasks if task.id in graded.unfit)
    return [*found, *(skipped(task, graded.unfit[task.id]) for task in left_out)]


def _show(found: Sequence[Checked], console: Console) -> None:
    table = Table("task", "reference", "starter", "wrong", "tests", "seconds")
    for checked in found:
        caught = sum(not each.problems for each in checked.wrong)
        numbers = (str(checked.tests), f"{checked.duration_s:.2f}")
        of_wrong = f"{caught} of {len(checked.wrong)}" if checked.wrong else "–"
        style = "red" if checked.problem else ""
        table.add_row(checked.task, checked.reference, checked.starter, of_wrong, *numbers, style=style)
    console.print(table)
    for checked in found:
        for problem in checked.problems:
            console.print(f"{checked.task}: {problem}", style="red", markup=False, highlight=False)
    wrong, left_out = sum(bool(each.problem) for each in found), sum(bool(each.skipped) for each in found)
    words = [
        _count(len(found), "task"),
        _count(wrong, "problem"),
        *([f"{left_out} skipped"] if left_out else []),
    ]
    console.print(", ".join(words), highlight=False)


def _count(number: int, noun: str) -> str:
    return f"{number or 'no'} {noun}{'' if number == 1 else 's'}"
