"""What a run's report is about: all that the run holds, whatever the last command selected of it."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from llmbench.api import Task
from llmbench.records.manifest import Manifest, Plan
from llmbench.runner.spec import RunSpec


@dataclass(frozen=True, slots=True)
class _Held:
    """A task of the plan, from the dataset or as an earlier command noted it."""

    task: str
    digest: str
    about: dict[str, Any]
    samples: int


def held_plan(
    spec: RunSpec,
    *,
    every: Sequence[Task],
    selected: Sequence[Task],
    recorded: Collection[str],
    earlier: Manifest | None,
) -> Plan:
    """Return the tasks that this command asks for and those that have records, in the dataset's order.

    Args:
        spec: the run.
        every: all tasks of the dataset as they are now.
        selected: those that this command asks for.
        recorded: ids of tasks that the journal knows.
        earlier: what an earlier command wrote.
    """
    kept = list(_from_elsewhere(spec, every, recorded, earlier))
    held = [*_in_dataset(spec, every, selected, recorded, earlier), *kept]
    counts = tuple(one.samples for one in held)
    before = earlier.plan.whole or 0 if earlier and kept else 0
    return Plan(
        tasks=tuple(one.task for one in held),
        digests=tuple(one.digest for one in held),
        samples=spec.samples,
        tries=spec.tries,
        about=tuple(one.about for one in held) if any(one.about for one in held) else (),
        counts=counts if set(counts) - {spec.samples} else (),
        whole=max(len(every) + len(kept), before),
    )


def is_narrower(selected: Sequence[Task], plan: Plan, earlier: Manifest | None) -> bool:
    """Say whether an earlier command asked for all that the run holds, and this one for less."""
    if earlier is None or set(earlier.plan.tasks) != set(plan.tasks):
        return False
    return {task.id for task in selected} < set(plan.tasks)


def _in_dataset(
    spec: RunSpec,
    every: Sequence[Task],
    selected: Sequence[Task],
    recorded: Collection[str],
    earlier: Manifest | None,
) -> Iterator[_Held]:
    chosen, before = {task.id for task in selected}, _counts(earlier)
    for task in every:
        if task.id in chosen or task.id in recorded:
            own = spec.selection.samples_of(task.id, spec.samples)
            samples = own if task.id in chosen else before.get(task.id, spec.samples)
            yield _Held(task.id, task.digest, dict(task.about), samples)


def _from_elsewhere(
    spec: RunSpec, every: Sequence[Task], recorded: Collection[str], earlier: Manifest | None
) -> Iterator[_Held]:
    """Yield recorded tasks that the dataset leaves out because its options select others (a language).

    With the same options a task that is not there any more is gone, and no part of the run.
    """
    if earlier is None or earlier.settings("dataset") == spec.config.get("dataset"):
        return
    known, counts = {task.id for task in every}, _counts(earlier)
    abouts = earlier.plan.about or ({},) * len(earlier.plan.tasks)
    for task, digest, about in zip(earlier.plan.tasks, earlier.plan.digests, abouts, strict=True):
        if task in recorded and task not in known:
            yield _Held(task, digest, about, counts[task])


def _counts(earlier: Manifest | None) -> dict[str, int]:
    if earlier is None:
        return {}
    plan = earlier.plan
    return dict(zip(plan.tasks, plan.counts or (plan.samples,) * len(plan.tasks), strict=True))
