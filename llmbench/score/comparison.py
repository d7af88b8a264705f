"""Two runs held against each other, task by task. A pure function of their manifests and records."""

import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import fmean, stdev
from typing import Literal, TypeVar

from llmbench.api import Outcome
from llmbench.errors import UsageError
from llmbench.records.manifest import Manifest
from llmbench.records.record import Record
from llmbench.score.binomial import normal_quantile
from llmbench.score.paired import (
    Pairs,
    holm,
    mcnemar,
    pairs_needed,
    probability_better,
    smallest_shown,
    tango,
)
from llmbench.score.passk import Interval
from llmbench.score.rates import bootstrap_95, sign_flip_p

LEVEL = 0.05
"""A false alarm in twenty comparisons of arms that are equally good."""
POWER = 0.8

N = TypeVar("N", int, float)


@dataclass(frozen=True, slots=True)
class Arm:
    """A run, and those of its records that its score is about."""

    manifest: Manifest
    records: Sequence[Record]


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One arm's figures on the samples that both have; None where any of them is unknown."""

    run_id: str
    names: Mapping[str, str]
    pass_at_1: float
    completion_tokens: int | None
    generation_s: float
    cost_usd: float | None
    energy_j: float | None
    decode_tokens_per_s: float | None
    """Mean over samples."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Flip:
    """A sample that one arm passed at its first try and the other did not."""

    task: str
    sample: int
    a: Outcome
    b: Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """What two runs tell of each other. Differences are those of A less B, from -1 to 1."""

    schema: Literal["llmbench.comparison/1"] = "llmbench.comparison/1"
    a: Side
    b: Side
    tasks: int
    pairs: int
    """Samples that both have, graded."""
    left_out: Mapping[str, int]
    """Why other samples are not among them, and how many."""
    method: Literal["mcnemar", "rates"]
    """``rates`` where tasks have several samples: the test is then one of per-task rates."""
    counts: Pairs
    """Of pairs of samples; with ``rates``, of tasks: by which arm had the higher rate."""
    difference: float
    interval_95: Interval | None
    bounds: Interval | None
    """Between which numbers the difference lies, were the samples that a limit ended judged; else None."""
    p: float
    """Two-sided: McNemar's mid-p value, or that of sign flips."""
    p_exact: float | None
    """McNemar's exact value."""
    p_adjusted: float
    """By Holm, over all comparisons that were made together; ``p`` where this is the only one."""
    family: int = 1
    """How many these were."""
    probability: float | None
    """That A is better, given the counts."""
    needed: int | None
    """Tasks on which a difference like this one shows with a chance of 80 %; None where there is none."""
    smallest: float | None
    """Difference that this many tasks show with that chance; None where none would."""
    flips: tuple[Flip, ...]

    @property
    def better(self) -> Literal["a", "b", ""]:
        """The arm that is better, as far as this comparison can tell."""
        if self.p_adjusted >= LEVEL or not self.difference:
            return ""
        return "a" if self.difference > 0 else "b"


def compare(a: Arm, b: Arm) -> Comparison:
    """Compare two runs on the samples that both have.

    A sample counts by its first try. One that either run did not grade drops out as a pair.

    Raises:
        UsageError: they asked different tasks, or have none in common.
    """
    pairs, left_out = _align(a, b)
    by_task: dict[str, list[tuple[Record, Record]]] = {}
    for pair in pairs:
        by_task.setdefault(pair[0].task, []).append(pair)
    several = max(map(len, by_task.values())) > 1
    judged = _of_rates(list(by_task.values())) if several else _of_counts(pairs)
    return Comparison(
        a=_side(a.manifest, [one for one, _ in pairs], by_task, 0),
        b=_side(b.manifest, [other for _, other in pairs], by_task, 1),
        tasks=len(by_task),
        pairs=len(pairs),
        left_out=left_out,
        method="rates" if several else "mcnemar",
        counts=judged.counts,
        difference=judged.difference,
        interval_95=judged.interval_95,
        bounds=_bounds(list(by_task.values())),
        p=judged.p,
        p_exact=judged.p_exact,
        p_adjusted=judged.p,
        probability=judged.probability,
        needed=judged.needed,
        smallest=judged.smallest,
        flips=tuple(_flips(pairs)),
    )


def compare_all(arms: Sequence[Arm]) -> list[Comparison]:
    """Compare each two of the arms, in their order, with p-values by Holm over all of these comparisons."""
    found = [compare(a, b) for place, a in enumerate(arms) for b in arms[place + 1 :]]
    adjusted = holm([one.p for one in found])
    return [replace(one, p_adjusted=p, family=len(found)) for one, p in zip(found, adjusted, strict=True)]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Judged:
    counts: Pairs
    difference: float
    interval_95: Interval | None
    p: float
    p_exact: float | None = None
    probability: float | None = None
    needed: int | None
    smallest: float | None


def _align(a: Arm, b: Arm) -> tuple[list[tuple[Record, Record]], dict[str, int]]:
    """Return pairs by task and sample, and how many samples have no partner and why."""
    _same_dataset(a.manifest, b.manifest)
    ours, theirs = ({record.key: record for record in arm.records} for arm in (a, b))
    common = [(ours[key], theirs[key]) for key in ours if key in theirs]
    pairs = [(one, other) for one, other in common if one.outcome.graded and other.outcome.graded]
    if not pairs:
        raise UsageError(
            f"compare: {a.manifest.run_id} and {b.manifest.run_id} have no graded sample in common; expected "
            "runs of the same tasks"
        )
    left_out = {
        "only in A": len(ours) - len(common),
        "only in B": len(theirs) - len(common),
        "not graded in one of them": len(common) - len(pairs),
    }
    return pairs, {why: number for why, number in left_out.items() if number}


def _same_dataset(a: Manifest, b: Manifest) -> None:
    one, other = (manifest.names.get("dataset", "?") for manifest in (a, b))
    if one != other:
        raise UsageError(
            f"compare: {a.run_id} asked {one}, {b.run_id} asked {other}; expected runs of one dataset"
        )
    ours, theirs = (dict(zip(manifest.plan.tasks, manifest.plan.digests, strict=True)) for manifest in (a, b))
    changed = [task for task in ours if task in theirs and ours[task] != theirs[task]]
    if changed:
        common = sum(task in theirs for task in ours)
        raise UsageError(
            f"compare: {len(changed)} of {common} common tasks of {a.run_id} and {b.run_id} are not the same "
            f"(first: {changed[0]}): another version, twin or preset of {one}; run one again as the other was"
        )


def _passed(record: Record) -> bool:
    return record.tries[0].outcome is Outcome.PASSED


def _of_counts(pairs: Sequence[tuple[Record, Record]]) -> _Judged:
    found = Counter((_passed(one), _passed(other)) for one, other in pairs)
    counts = Pairs(found[True, True], found[True, False], found[False, True], found[False, False])
    test, share = mcnemar(counts.only_a, counts.only_b), counts.discordant / counts.total
    return _Judged(
        counts=counts,
        difference=counts.difference,
        interval_95=tango(counts),
        p=test.mid_p,
        p_exact=test.exact,
        probability=probability_better(counts.only_a, counts.only_b),
        needed=pairs_needed(share, counts.difference, power=POWER) if counts.difference else None,
        smallest=smallest_shown(share, counts.total, power=POWER),
    )


def _of_rates(tasks: Sequence[Sequence[tuple[Record, Record]]]) -> _Judged:
    gaps = [fmean(_passed(one) - _passed(other) for one, other in pairs) for pairs in tasks]
    mean = fmean(gaps)
    spread = stdev(gaps) if len(gaps) > 1 else 0.0
    # Of the mean of n differences, by the normal approximation: the sum of both quantiles times s/√n.
    reach = (normal_quantile(1 - LEVEL / 2) + normal_quantile(POWER)) * spread
    return _Judged(
        counts=_by_task(tasks, gaps),
        difference=mean,
        interval_95=bootstrap_95(gaps),
        p=sign_flip_p(gaps),
        needed=math.ceil((reach / mean) ** 2) if mean else None,
        smallest=reach / math.sqrt(len(gaps)) if spread else None,
    )


def _by_task(tasks: Sequence[Sequence[tuple[Record, Record]]], gaps: Sequence[float]) -> Pairs:
    """Count tasks by which arm had the higher rate; those with equal ones by whether any sample passed."""
    solved = [any(_passed(one) or _passed(other) for one, other in pairs) for pairs in tasks]
    return Pairs(
        both=sum(not gap and some for gap, some in zip(gaps, solved, strict=True)),
        only_a=sum(gap > 0 for gap in gaps),
        only_b=sum(gap < 0 for gap in gaps),
        neither=sum(not gap and not some for gap, some in zip(gaps, solved, strict=True)),
    )


def _bounds(tasks: Sequence[Sequence[tuple[Record, Record]]]) -> Interval | None:
    """Return the difference if what a limit ended had gone as badly, or as well, for A as it could."""
    every = [record for pairs in tasks for pair in pairs for record in pair]
    if not any(record.tries[0].outcome.censored for record in every):
        return None
    low = fmean(fmean(_passed(a) - _could_pass(b) for a, b in pairs) for pairs in tasks)
    high = fmean(fmean(_could_pass(a) - _passed(b) for a, b in pairs) for pairs in tasks)
    return Interval(low, high)


def _could_pass(record: Record) -> bool:
    return _passed(record) or record.tries[0].outcome.censored


def _flips(pairs: Sequence[tuple[Record, Record]]) -> Iterable[Flip]:
    for one, other in pairs:
        if _passed(one) != _passed(other):
            yield Flip(task=one.task, sample=one.sample, a=one.tries[0].outcome, b=other.tries[0].outcome)


def _side(
    manifest: Manifest,
    records: Sequence[Record],
    by_task: Mapping[str, Sequence[tuple[Record, Record]]],
    place: Literal[0, 1],
) -> Side:
    return Side(
        run_id=manifest.run_id,
        names=manifest.names,
        pass_at_1=fmean(fmean(_passed(pair[place]) for pair in pairs) for pairs in by_task.values()),
        completion_tokens=_total(records, lambda record: record.usage.completion_tokens),
        generation_s=sum(record.timing.generation_s for record in records),
        cost_usd=_total(records, lambda record: record.usage.cost_usd),
        energy_j=_total(records, lambda record: record.machine.energy_j if record.machine else None),
        decode_tokens_per_s=_mean(record.timing.decode_tokens_per_s for record in records),
    )


def _total(records: Sequence[Record], amount: Callable[[Record], N | None]) -> N | None:
    known = [value for record in records if (value := amount(record)) is not None]
    return sum(known) if known and len(known) == len(records) else None


def _mean(values: Iterable[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return fmean(known) if known else None
