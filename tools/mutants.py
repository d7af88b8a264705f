"""Mutants of a task's reference: small changes, each of which a test has to notice.

    python tools/mutants.py tasks/catalog/go/lru_cache --max 40 --seed 0

draws changes of ``solution/`` (comparisons, boundaries, and/or, numbers, statements left out, arguments that
change places), grades each as an answer, and prints those that pass. One that does the same as the reference
is explained in mutants.json beside the task's metadata.json. Exits with 1 if a mutant passes unexplained, or
if an explanation is wrong. See docs/how-to/tasks.md.
"""

import argparse
import asyncio
import sys
from collections.abc import Sequence
from pathlib import Path

from mutation.judging import Judged, judge
from mutation.mutants import EXPLAINED, Explanation, Mutant, mutants_of, outdated, read_explained

from llmbench.commands.setup import Parts, composed_spec, make_parts, scratch
from llmbench.commands.tasks_graded import graded_tasks, located
from llmbench.console import Console
from llmbench.errors import LlmbenchError, PrerequisiteError, UsageError


def main() -> int:
    """Grade the mutants of one task."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("task", type=Path, help="a task's folder")
    parser.add_argument("overrides", nargs="*", help="as for llmbench check tasks: sandbox=bubblewrap")
    parser.add_argument("--max", type=int, default=40, help="how many to test at most (%(default)s)")
    parser.add_argument("--seed", type=int, default=0, help="draws others (%(default)s)")
    options = parser.parse_intermixed_args()
    try:
        if options.max < 1:
            raise UsageError(f"--max: expected a number from 1, got {options.max}")
        spec = composed_spec("mutants", [*options.overrides, *located(options.task), "agent=oracle"])
        explained = read_explained(options.task)
        with scratch() as folder:
            parts = make_parts(spec, Console(stderr=True), Path(folder))
            problems = asyncio.run(_problems(parts, explained, options.max, options.seed))
    except LlmbenchError as error:
        print(f"mutants: {error}", file=sys.stderr)
        return 2
    print("\n".join(problems), end="\n" if problems else "")
    return 1 if problems else 0


async def _problems(parts: Parts, explained: Sequence[Explanation], most: int, seed: int) -> list[str]:
    """Grade, say what became of the mutants, and return what is wrong as lines."""
    # A change may delete what the reference keeps, so that a sandbox has to isolate.
    async with graded_tasks(parts, trusted=False) as graded:
        if len(graded.tasks) != 1:
            raise UsageError(f"expected the folder of one task, got {len(graded.tasks)} tasks")
        (task,) = graded.tasks
        if reason := graded.unfit.get(task.id):
            raise PrerequisiteError(f"{task.id}: {reason}")
        mutants = mutants_of(task.reference, seed)
        judged = await judge(graded, task, mutants, most=most, at_once=parts.spec.graders)
    keys = {each.key for each in explained}
    print(_summary(task.id, judged, len(mutants), sum(each.key in keys for each in judged.survived)))
    return [
        *(_told(each) for each in judged.survived if each.key not in keys),
        *(
            f"{_told(each)}: {EXPLAINED} has it, but a test fails"
            for each in judged.killed
            if each.key in keys
        ),
        *(f"{EXPLAINED}: no mutant: {each.file}: {each.line}" for each in outdated(explained, mutants)),
    ]


def _told(mutant: Mutant) -> str:
    return f"{mutant.file}:{mutant.number}: {mutant.line}  =>  {mutant.change or '(nothing)'}"


def _summary(task_id: str, judged: Judged, all_mutants: int, explained: int) -> str:
    by_time = f" ({judged.by_time} by time)" if judged.by_time else ""
    return (
        f"{task_id}: {judged.counted} of {all_mutants} mutants tested, {len(judged.killed)} killed{by_time}, "
        f"{len(judged.survived)} survived, {explained} of them explained; {judged.not_run} did not compile"
    )


if __name__ == "__main__":
    sys.exit(main())
