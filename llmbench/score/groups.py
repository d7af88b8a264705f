"""Scores of groups of tasks: by the first part of their ids, such as a language, and by what they say."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from llmbench.api import Outcome
from llmbench.records.record import Record
from llmbench.score.passk import Count, Interval, interval_95, mean_pass_at_k

_LEVELS = ("easy", "medium", "hard")
_FEWEST = 2
"""Tasks that a tag has to have: the share of one task says nothing about a kind of task."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """How well one group did."""

    tasks: int
    graded: int
    """Samples."""
    by_try: tuple[float, ...]
    """Share of samples that pass within 1, 2, … tries, the mean over tasks; empty where none was graded."""
    sample_s: float
    """Median of what a graded sample took, asking and grading together."""
    completion_tokens: int | None
    """Of all completions; None where any of them is unknown, or no model was asked."""
    interval_95: Interval | None = None
    """Of pass@1, tasks being the unit that was sampled; None where none was graded."""


def groups_of(planned: Sequence[Record], tries: int) -> Mapping[str, Group]:
    """Return the groups in the order of their names; none where all tasks are of one."""
    found: dict[str, list[Record]] = {}
    for record in planned:
        name, slash, _ = record.task.partition("/")
        if not slash:
            return {}
        found.setdefault(name, []).append(record)
    return {name: _group(found[name], tries) for name in sorted(found)} if len(found) > 1 else {}


def groups_by_facts(
    planned: Sequence[Record], about: Mapping[str, Mapping[str, Any]], tries: int
) -> Mapping[str, Mapping[str, Group]]:
    """Return groups by ``difficulty``, ``kind`` and ``tag``, as far as tasks differ in them.

    Args:
        about: what tasks say of themselves, by id.
    """
    found: dict[str, dict[str, list[Record]]] = {}
    for record in planned:
        for fact, value in _facts(about.get(record.task, {})):
            found.setdefault(fact, {}).setdefault(value, []).append(record)
    every = len({record.task for record in planned})
    groups = {}
    for fact in ("difficulty", "kind", "tag"):
        tasks = {
            name: len({record.task for record in records}) for name, records in found.get(fact, {}).items()
        }
        names = [name for name in sorted(tasks, key=_rank) if fact != "tag" or _FEWEST <= tasks[name] < every]
        if len(names) > 1:
            groups[fact] = {name: _group(found[fact][name], tries) for name in names}
    return groups


def _facts(about: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for fact in ("difficulty", "kind"):
        if fact in about:
            yield fact, str(about[fact])
    tags = about.get("tags")
    for tag in tags if isinstance(tags, list | tuple) else ():  # of a bundle anybody may have written it
        yield "tag", str(tag)


def _rank(name: str) -> tuple[int, str]:
    """Return what names of groups are ordered by: levels from easy to hard, all others by the alphabet."""
    return (_LEVELS.index(name) if name in _LEVELS else len(_LEVELS), name)


def _group(records: Sequence[Record], tries: int) -> Group:
    graded = [record for record in records if record.outcome.graded]
    asked = [record.usage.completion_tokens for record in records if record.usage.completions]
    known = [tokens for tokens in asked if tokens is not None]
    times = [record.timing.generation_s + record.timing.grading_s for record in graded]
    return Group(
        tasks=len({record.task for record in records}),
        graded=len(graded),
        by_try=tuple(_within(graded, number) for number in range(1, tries + 1)) if graded else (),
        sample_s=median(times) if times else 0.0,
        completion_tokens=sum(known) if known and len(known) == len(asked) else None,
        interval_95=interval_95(_counts(graded, 1)),
    )


def _within(graded: Sequence[Record], number: int) -> float:
    return mean_pass_at_k(_counts(graded, number), 1) or 0.0


def _counts(graded: Sequence[Record], number: int) -> list[Count]:
    """Return of each task how many of its samples passed within ``number`` tries."""
    samples: dict[str, list[bool]] = {}
    for record in graded:
        passed = any(done.outcome is Outcome.PASSED for done in record.tries[:number])
        samples.setdefault(record.task, []).append(passed)
    return [Count(len(found), sum(found)) for found in samples.values()]
