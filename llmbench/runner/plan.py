"""The plan: which tasks, which samples of them, minus what the journal has."""

import difflib
import hashlib
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from llmbench.api import Task
from llmbench.errors import UsageError
from llmbench.records.manifest import TESTS_SHOWN, Plan
from llmbench.records.record import Record
from llmbench.runner.spec import Selection
from llmbench.runner.standing import Standing


@dataclass(frozen=True, slots=True)
class Item:
    """One sample to be made."""

    task: Task
    sample: int
    first: Record | None = None
    """What became of it with fewer tokens, where it is asked once more."""


def select(tasks: Iterable[Task], selection: Selection, seed: int | None) -> list[Task]:
    """Return the selected tasks in the dataset's order.

    Raises:
        UsageError: a name or the filter fits no task, or the filter is no regular expression.
    """
    chosen = list(tasks)
    if selection.tasks:
        chosen = _named(chosen, selection.tasks)
    if selection.filter:
        chosen = _matching(chosen, selection.filter)
    if selection.limit is not None:
        chosen = _drawn(chosen, selection.limit, seed or 0)
    return chosen


def planned(tasks: Sequence[Task], samples: int, selection: Selection) -> list[tuple[Task, int]]:
    """Return all samples that are asked for.

    All tasks get their first sample before any gets its second, so that an interrupted run has seen them all.
    """
    return [
        (task, sample)
        for sample in range(samples)
        for task in tasks
        if sample < selection.samples_of(task.id, samples)
    ]


def pending(wanted: Iterable[tuple[Task, int]], standing: Standing) -> Iterator[Item]:
    """Yield the samples still to be made: those never graded, and those of tasks that have changed since."""
    for task, sample in wanted:
        if not standing.is_done((task.id, sample), task.digest):
            yield Item(task, sample)


def out_of_tokens(wanted: Iterable[tuple[Task, int]], standing: Standing) -> Iterator[Item]:
    """Yield the samples that ran out of tokens and have not been asked once more yet.

    Those that a limit of the agent's own ended are left out: more tokens would not move it.
    """
    for task, sample in wanted:
        record = standing.spent((task.id, sample))
        if record is not None and record.task_digest == task.digest:
            yield Item(task, sample, record)


def dataset_digest(plan: Plan) -> str:
    """Return the sha256 over the digests of a plan's tasks."""
    return hashlib.sha256("".join(plan.digests).encode()).hexdigest()


def tests_shown(tasks: Sequence[Task]) -> dict[str, bool]:
    """Return what the manifest says of tests that the model may see; nothing where there are none."""
    return {TESTS_SHOWN: True} if any(task.shown_tests for task in tasks) else {}


def _named(tasks: Sequence[Task], names: Sequence[str]) -> list[Task]:
    wanted: set[str] = set()
    for name in names:
        found = {task.id for task in tasks if _fits(task.id, name)}
        if not found:
            raise UsageError(f"tasks: there is no task '{name}'{_suggestion(tasks, name)}")
        wanted |= found
    return [task for task in tasks if task.id in wanted]


def _fits(task_id: str, name: str) -> bool:
    return fnmatchcase(task_id, name) or fnmatchcase(task_id.rpartition("/")[2], name)


def _suggestion(tasks: Sequence[Task], name: str) -> str:
    names = {task.id.rpartition("/")[2] for task in tasks} | {task.id for task in tasks}
    close = difflib.get_close_matches(name, sorted(names), n=1)
    hint = f"; did you mean '{close[0]}'?" if close else ""
    return f"{hint} (all names: llmbench list tasks)"


def _matching(tasks: Sequence[Task], pattern: str) -> list[Task]:
    try:
        compiled = re.compile(pattern)
    except re.error as error:
        raise UsageError(f"filter: expected a regular expression, got '{pattern}' ({error})") from None
    if not (found := [task for task in tasks if compiled.search(task.id)]):
        raise UsageError(f"filter: no task's id contains '{pattern}' (all names: llmbench list tasks)")
    return found


def _drawn(tasks: Sequence[Task], limit: int, seed: int) -> list[Task]:
    """Draw by hash, so that a larger limit keeps what a smaller one chose and new tasks disturb no other."""

    def lot(task: Task) -> bytes:
        return hashlib.sha256(f"{seed}:{task.id}".encode()).digest()

    chosen = {task.id for task in sorted(tasks, key=lot)[:limit]}
    return [task for task in tasks if task.id in chosen]
