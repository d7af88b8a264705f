"""A part of a dataset that stands for the whole: as many of each kind, drawn by the seed."""

import hashlib
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from llmbench.api import Task
from llmbench.runner.foresight import Foresight
from llmbench.runner.plan import Item
from llmbench.wording import plural

_KINDS = ("difficulty", "kind")
TRIAL = 5
"""Tasks that are asked first where it is not known how fast a model is."""


@dataclass(frozen=True, slots=True)
class Cut:
    """The tasks that are asked, and what is to be said of that."""

    tasks: Sequence[Task]
    told: str = ""
    is_trial: bool = False
    """Whether they are only asked first, to learn how long the others would take."""


def evenly(tasks: Sequence[Task], count: int, seed: int | None) -> list[Task]:
    """Return ``count`` of the tasks in their order, each stratum in proportion; more keep those of fewer.

    A stratum is what stands before the last part of the id (a language), with what a task says of its
    difficulty and kind.
    """
    groups: dict[tuple[str, ...], list[Task]] = defaultdict(list)
    for task in tasks:
        groups[_stratum(task)].append(task)
    places: list[tuple[float, bytes, str]] = []
    for group in groups.values():
        drawn = sorted(group, key=lambda task: _lot(task, seed))
        # The first of two lies at a quarter of the way, as the second and third of eight do.
        places += [
            ((place + 0.5) / len(drawn), _lot(task, seed), task.id) for place, task in enumerate(drawn)
        ]
    chosen = {task for _, _, task in sorted(places)[:count]}
    return [task for task in tasks if task.id in chosen]


def within(
    hours: float, tasks: Sequence[Task], todo: Sequence[Item], foresight: Foresight, seed: int | None
) -> Cut:
    """Return those of the tasks that will be made within so many hours, beside those that are made.

    Args:
        hours: of this command.
        tasks: those that it asks for.
        todo: samples of them that are to be made.
        foresight: knows how long samples take.
        seed: of the draw.
    """
    fitting = foresight.fitting(hours, len(todo))
    if fitting is None:
        first = evenly(tasks, TRIAL, seed)
        unknown = "how fast this model is here is not known"
        return Cut(first, f"budget.hours: {unknown}: {plural(len(first), 'task')} are asked first", True)
    left = {item.task.id for item in todo}
    made = [task for task in tasks if task.id not in left]
    count = fitting * len(left) // len(todo) if todo else 0
    if count >= len(left):
        return Cut(tasks)
    drawn = evenly([task for task in tasks if task.id in left], max(count, 1), seed)
    chosen = {task.id for task in (*made, *drawn)}
    told = (
        f"budget.hours: {plural(len(chosen), 'task')} of {len(tasks)} fit into {hours:.3g} h, drawn "
        f"evenly from {plural(strata(tasks), 'group')} by the seed; the score will be known to "
        f"{foresight.error_bar(len(chosen))}"
    )
    return Cut([task for task in tasks if task.id in chosen], told)


def strata(tasks: Sequence[Task]) -> int:
    """Return how many strata there are."""
    return len({_stratum(task) for task in tasks})


def _stratum(task: Task) -> tuple[str, ...]:
    return (task.id.rpartition("/")[0], *(str(task.about.get(kind, "")) for kind in _KINDS))


def _lot(task: Task, seed: int | None) -> bytes:
    return hashlib.sha256(f"{seed or 0}:{task.id}".encode()).digest()
