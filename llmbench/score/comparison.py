"""Two runs held against each other, task by task. A pure function of their manifests and records."""

import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import fmean, stdev
from typing import Literal, TypeVar

from llmbench.api import Outcome
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
from llmbench.score.pairing import (
    Arm,
    Pair,
    Tries,
    aligned,
    counting,
    passed,
    tries_counted,
    tries_of_both,
)
from llmbench.score.passk import Interval
from llmbench.score.prompts import Prompts, prompts_of
from llmbench.score.rates import bootstrap_95, sign_flip_p

LEVEL = 0.05
"""A false alarm in twenty comparisons of arms that are equally good."""
POWER = 0.8

N = TypeVar("N", int, float)


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One arm's figures on the samples that both have; None where any of them is unknown."""

    run_id: str
    names: Mapping[str, str]
    pass_at_1: float
    by_try: tuple[float, ...] = ()
    """Share that passed within 1, 2, … tries, of as many as both runs allowed."""
    completion_tokens: int | None
    generation_s: float
    cost_usd: float | None
    energy_j: float | None
    decode_tokens_per_s: float | None
    """Mean over samples."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Flip:
    """A sample that one arm passed, within the tries that count, and the other did not."""

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
    tries: int = 1
    """A sample counts as passed if it was within so many tries."""
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
    prompts: Prompts | None = None
    """Whether their servers made the same prompt of the same messages; None where that says nothing."""

    @property
    def better(self) -> Literal["a", "b", ""]:
        """The arm that is better, as far as this comparison can tell."""
        if self.p_adjusted >= LEVEL or not self.difference:
            return ""
        return "a" if self.difference > 0 else "b"


def compare(a: Arm, b: Arm, *, tries: Tries = 1) -> Comparison:
    """Compare two runs on the samples that both have.

    A sample counts by its first ``tries``. One that either run did not grade drops out as a pair.

    Raises:
        UsageError: they asked different tasks, have none in common, or one allowed fewer tries.
    """
    whole, left_out = aligned(a, b)
    counted = tries_counted(a.manifest, b.manifest, tries)
    pairs = [counting(pair, counted) for pair in whole]
    by_task = _by_task_id(pairs)
    several = max(map(len, by_task.values())) > 1
    judged = _of_rates(list(by_task.values())) if several else _of_counts(pairs)
    most = tries_of_both(a.manifest, b.manifest)
    return Comparison(
        a=_side(a.manifest, whole, 0, most),
        b=_side(b.manifest, whole, 1, most),
        tries=counted,
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
        prompts=prompts_of(a.manifest, b.manifest),
    )


def _by_task_id(pairs: Sequence[Pair]) -> dict[str, list[Pair]]:
    found: dict[str, list[Pair]] = {}
    for pair in pairs:
        found.setdefault(pair[0].task, []).append(pair)
    return found


def compare_all(arms: Sequence[Arm], *, tries: Tries = 1) -> list[Comparison]:
    """Compare each two of the arms, in their order, with p-values by Holm over all of these comparisons."""
    found = [compare(a, b, tries=tries) for place, a in enumerate(arms) for b in arms[place + 1 :]]
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


def _of_counts(pairs: Sequence[Pair]) -> _Judged:
    found = Counter((passed(one), passed(other)) for one, other in pairs)
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


def _of_rates(tasks: Sequence[Sequence[Pair]]) -> _Judged:
    gaps = [fmean(passed(one) - passed(other) for one, other in pairs) for pairs in tasks]
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


def _by_task(tasks: Sequence[Sequence[Pair]], gaps: Sequence[float]) -> Pairs:
    """Count tasks by which arm had the higher rate; those with equal ones by whether any sample passed."""
    solved = [any(passed(one) or passed(other) for one, other in pairs) for pairs in tasks]
    return Pairs(
        both=sum(not gap and some for gap, some in zip(gaps, solved, strict=True)),
        only_a=sum(gap > 0 for gap in gaps),
        only_b=sum(gap < 0 for gap in gaps),
        neither=sum(not gap and not some for gap, some in zip(gaps, solved, strict=True)),
    )


def _bounds(tasks: Sequence[Sequence[Pair]]) -> Interval | None:
    """Return the difference if what a limit ended had gone as badly, or as well, for A as it could."""
    every = [record for pairs in tasks for pair in pairs for record in pair]
    if not any(record.tries[-1].outcome.censored for record in every):
        return None
    low = fmean(fmean(passed(a) - _could_pass(b) for a, b in pairs) for pairs in tasks)
    high = fmean(fmean(_could_pass(a) - passed(b) for a, b in pairs) for pairs in tasks)
    return Interval(low, high)


def _could_pass(record: Record) -> bool:
    return passed(record) or record.tries[-1].outcome.censored


def _flips(pairs: Sequence[Pair]) -> Iterable[Flip]:
    for one, other in pairs:
        if passed(one) != passed(other):
            yield Flip(task=one.task, sample=one.sample, a=one.tries[-1].outcome, b=other.tries[-1].outcome)


def _side(manifest: Manifest, pairs: Sequence[Pair], place: Literal[0, 1], tries: int) -> Side:
    records = [pair[place] for pair in pairs]
    by_try = tuple(_share(pairs, place, number) for number in range(1, tries + 1))
    return Side(
        run_id=manifest.run_id,
        names=manifest.names,
        pass_at_1=by_try[0],
        by_try=by_try,
        completion_tokens=_total(records, lambda record: record.usage.completion_tokens),
        generation_s=sum(record.timing.generation_s for record in records),
        cost_usd=_total(records, lambda record: record.usage.cost_usd),
        energy_j=_total(records, lambda record: record.machine.energy_j if record.machine else None),
        decode_tokens_per_s=_mean(record.timing.decode_tokens_per_s for record in records),
    )


def _share(pairs: Sequence[Pair], place: Literal[0, 1], tries: int) -> float:
    """Return the share that passed within so many tries, the mean over tasks."""
    by_task = _by_task_id([counting(pair, tries) for pair in pairs]).values()
    return fmean(fmean(passed(pair[place]) for pair in found) for found in by_task)


def _total(records: Sequence[Record], amount: Callable[[Record], N | None]) -> N | None:
    known = [value for record in records if (value := amount(record)) is not None]
    return sum(known) if known and len(known) == len(records) else None


def _mean(values: Iterable[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return fmean(known) if known else None
