"""Which samples stand behind the four counts of a comparison. A pure function of manifests and records."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Literal

from llmbench.records.record import Record
from llmbench.score.pairing import Arm, Pair, Tries, aligned, counting, passed, tries_counted

Quadrant = Literal["both", "only_a", "only_b", "neither"]
QUADRANTS: tuple[Quadrant, ...] = ("both", "only_a", "only_b", "neither")


@dataclass(frozen=True, slots=True)
class Held:
    """A sample that both runs have, by the tries that count."""

    a: Record
    b: Record
    quadrant: Quadrant | None
    """Among which count it is, or its task where tasks have several samples; None where it is in none, as
    one of the runs did not grade it."""

    @property
    def is_flip(self) -> bool:
        """Whether one run passed it and the other did not."""
        return self.quadrant is not None and passed(self.a) != passed(self.b)


def held(a: Arm, b: Arm, *, tries: Tries = 1) -> list[Held]:
    """Return the samples that both runs have, in the order of A.

    Raises:
        UsageError: they can't be compared; see ``compare``.
    """
    whole, _ = aligned(a, b)
    counted = tries_counted(a.manifest, b.manifest, tries)
    graded = {pair[0].key: counting(pair, counted) for pair in whole}
    where = _by_task(list(graded.values()))
    theirs = {record.key: record for record in b.records}
    found = []
    for one in a.records:
        if pair := graded.get(one.key):
            found.append(Held(*pair, where[one.task]) if where else Held(*pair, _quadrant([pair])))
        elif other := theirs.get(one.key):
            found.append(Held(one, other, None))
    return found


def _by_task(pairs: Sequence[Pair]) -> dict[str, Quadrant]:
    """Return the count of each task, where any has several samples; else nothing."""
    tasks: dict[str, list[Pair]] = {}
    for pair in pairs:
        tasks.setdefault(pair[0].task, []).append(pair)
    if max(map(len, tasks.values())) < 2:
        return {}
    return {task: _quadrant(of_task) for task, of_task in tasks.items()}


def _quadrant(pairs: Sequence[Pair]) -> Quadrant:
    gap = fmean(passed(one) - passed(other) for one, other in pairs)
    if gap:
        return "only_a" if gap > 0 else "only_b"
    return "both" if any(passed(one) or passed(other) for one, other in pairs) else "neither"
