"""``llmbench check tasks``: references pass, starters and wrong solutions do not, judged as in a run."""

import asyncio
import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from rich.table import Table

from llmbench.api import Files, Outcome, Task, Validator, Verdict
from llmbench.commands.arguments import Parser
from llmbench.commands.proving import Checked, Grade, prove, skipped
from llmbench.commands.setup import Parts, composed_spec, make_parts, scratch
from llmbench.console import Console
from llmbench.errors import SandboxError, UsageError
from llmbench.runner.boxes import SandboxBoxes
from llmbench.runner.plan import select
from llmbench.runner.sandboxes import choose
from llmbench.runner.toolchains import needed_toolchains, unfit_tasks

SUBJECTS = ("tasks",)
_MARKS = ("metadata.json", "validation.json")
"""What a folder that is one task holds."""


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
        overrides += _located(Path(paths[0]))
    # The references are the task author's own code, as trusted as the tests.
    spec = composed_spec("check", [*overrides, "agent=oracle"])
    console = Console(stderr=options.json)
    with scratch() as folder:
        parts = make_parts(spec, console, Path(folder))
        found = asyncio.run(_check(parts, times=1 if options.once else 2))
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


async def _check(parts: Parts, *, times: int) -> list[Checked]:
    spec = parts.spec
    await parts.dataset.prepare()
    tasks = list(select(parts.dataset.tasks(), spec.selection, spec.seed))
    toolchains = needed_toolchains(parts.validator, parts.agent, tasks)
    chosen = await choose(spec.sandbox, parts.context, toolchains, trusted=True, partly=True)
    unfit = unfit_tasks(parts.validator, parts.agent, tasks, chosen.lacking)
    boxes = SandboxBoxes(chosen.sandbox, spec.box, tasks)
    free = asyncio.Semaphore(spec.graders)

    async def check(task: Task) -> Checked:
        async with free:
            return await prove(task, _grader(parts.validator, task, boxes), times=times)

    try:
        fit = [task for task in tasks if task.id not in unfit]
        found = await asyncio.gather(*(check(task) for task in fit))
    finally:
        await chosen.sandbox.close()
    return [*found, *(skipped(task, unfit[task.id]) for task in tasks if task.id in unfit)]


def _grader(validator: Validator, task: Task, boxes: SandboxBoxes) -> Grade:
    async def grade(files: Files) -> Verdict:
        try:
            return await validator.grade(task, files, boxes)
        except SandboxError as error:
            return Verdict(outcome=Outcome.INFRA_ERROR, reason=str(error))

    return grade


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
