"""The summary of a run: a pure function of its manifest and its journal."""

import statistics
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypeVar

from llmbench.api import Outcome
from llmbench.records.manifest import Manifest, Session
from llmbench.records.record import Record
from llmbench.score.passk import Count, Interval, interval_95, mean_pass_at_k
from llmbench.score.trust import Finding, findings

N = TypeVar("N", int, float)


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """How well the answers did; None where nothing was graded."""

    pass_at_1: float | None
    """Chance that one sample passes at its first try: the mean over tasks."""
    interval_95: Interval | None
    bounds: Interval | None
    """pass@1 if all samples that a limit or the protocol ended had failed, and if they had passed."""
    by_try: tuple[float, ...]
    """Share of samples that pass within 1, 2, … tries."""
    pass_at_k: Mapping[str, float]
    """For k = 2, 4, 8 … up to the number of samples a task, at the first try."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Speed:
    """Medians over samples, as far as the server tells."""

    ttft_s: float | None
    prefill_tokens_per_s: float | None
    decode_tokens_per_s: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """What a report says of a run."""

    schema: Literal["llmbench.summary/1"] = "llmbench.summary/1"
    run_id: str
    names: Mapping[str, str]
    notice: str
    planned: int
    graded: int
    outcomes: Mapping[str, int]
    """How often each occurred, in the order of ``api.Outcome``; ``not run``: samples without a record."""
    score: Score
    prompt_tokens: int | None
    completion_tokens: int | None
    reasoning_tokens: int | None
    cost_usd: float | None
    speed: Speed
    generation_s: float
    grading_s: float
    wall_s: float
    """All commands that worked on the run together."""
    trust: tuple[Finding, ...]


def summarize(manifest: Manifest, records: Mapping[tuple[str, int], Record]) -> Summary:
    """Summarize the planned samples of a run."""
    plan = manifest.plan
    digests = dict(zip(plan.tasks, plan.digests, strict=True))
    keys = [(task, sample) for task in plan.tasks for sample in range(plan.samples)]
    planned = [records[key] for key in keys if key in records and records[key].task_digest == digests[key[0]]]
    graded = [record for record in planned if record.outcome.graded]
    return Summary(
        run_id=manifest.run_id,
        names=manifest.names,
        notice=manifest.notice,
        planned=len(keys),
        graded=len(graded),
        outcomes=_outcomes(planned, missing=len(keys) - len(planned)),
        score=score_of(graded, plan.samples, plan.tries),
        prompt_tokens=_sum(record.usage.prompt_tokens for record in planned),
        completion_tokens=_sum(record.usage.completion_tokens for record in planned),
        reasoning_tokens=_sum(record.usage.reasoning_tokens for record in planned),
        cost_usd=_sum(record.usage.cost_usd for record in planned),
        speed=_speed(planned),
        generation_s=sum(record.timing.generation_s for record in planned),
        grading_s=sum(record.timing.grading_s for record in planned),
        wall_s=sum(_duration(session) for session in manifest.sessions),
        trust=findings(manifest, planned, len(keys)),
    )


def score_of(graded: Sequence[Record], samples: int, tries: int) -> Score:
    """Score graded samples."""
    first = _counts(graded, lambda record: record.tries[0].outcome is Outcome.PASSED)
    possible = _counts(graded, lambda record: _may_pass(record.tries[0].outcome))
    ks = [2**power for power in range(1, samples.bit_length())]
    low, high = mean_pass_at_k(first, 1), mean_pass_at_k(possible, 1)
    return Score(
        pass_at_1=low,
        interval_95=interval_95(first),
        bounds=None if low is None or high is None else Interval(low, high),
        by_try=tuple(_within(graded, number) for number in range(1, tries + 1)) if graded else (),
        pass_at_k={str(k): value for k in ks if (value := mean_pass_at_k(first, k)) is not None},
    )


def _may_pass(outcome: Outcome) -> bool:
    return outcome is Outcome.PASSED or outcome.censored


def _within(graded: Sequence[Record], number: int) -> float:
    """Return the share that passes within ``number`` tries, the mean over tasks."""
    counts = _counts(
        graded, lambda record: any(done.outcome is Outcome.PASSED for done in record.tries[:number])
    )
    return mean_pass_at_k(counts, 1) or 0.0


def _counts(records: Iterable[Record], passed: Callable[[Record], bool]) -> list[Count]:
    groups: dict[str, list[bool]] = {}
    for record in records:
        groups.setdefault(record.task, []).append(passed(record))
    return [Count(len(group), sum(group)) for group in groups.values()]


def _outcomes(planned: Sequence[Record], missing: int) -> dict[str, int]:
    found = Counter(record.outcome for record in planned)
    counts = {str(outcome): found[outcome] for outcome in Outcome if found[outcome]}
    return counts | ({"not run": missing} if missing else {})


def _speed(records: Sequence[Record]) -> Speed:
    timings = [record.timing for record in records]
    return Speed(
        ttft_s=_median(timing.ttft_s for timing in timings),
        prefill_tokens_per_s=_median(timing.prefill_tokens_per_s for timing in timings),
        decode_tokens_per_s=_median(timing.decode_tokens_per_s for timing in timings),
    )


def _median(values: Iterable[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return statistics.median(known) if known else None


def _sum(values: Iterable[N | None]) -> N | None:
    known = [value for value in values if value is not None]
    return sum(known) if known else None


def _duration(session: Session) -> float:
    if not session.ended:
        return 0.0
    return (datetime.fromisoformat(session.ended) - datetime.fromisoformat(session.started)).total_seconds()
