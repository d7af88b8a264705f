"""What samples will take, from what others of the same model took: pure functions of records."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import datetime

from llmbench.api import Outcome
from llmbench.records.manifest import Session
from llmbench.records.monitors import WatchedSession
from llmbench.records.record import Record

_WIDTH, _FEW = 1.6, 2.0
"""Standard deviations to each side, more after few samples: four cases of five lie between."""
_MOST_DOUBT = 3.0
_EULER = 0.5772156649015329
_STEPS = 30
_START_DOUBT = 1.5
SAME, OTHER = 0.15, 0.5
"""How far one run's means lie from another's: of the same tasks and agent, and of others."""


@dataclass(frozen=True, slots=True)
class Spent:
    """What one sample took; None where it is not known."""

    seconds: float
    """Of generating and grading; samples are made side by side."""
    prompt_tokens: int | None
    completion_tokens: int | None
    cost_usd: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Observed:
    """What was seen of earlier samples."""

    samples: tuple[Spent, ...]
    side_by_side: float
    """How many were made at once while there were enough."""
    work_s: float
    """From the first one's beginning to the last one's end."""
    starting_s: float
    """Until the first was begun: the server's start, the grader's self-test."""
    energy_j: float | None = None
    """Of all GPUs, a sample."""
    runs: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Range:
    """A quantity that lies between ``low`` and ``high`` in four cases of five."""

    likely: float
    low: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """What samples will take; None where earlier ones do not tell."""

    samples: int
    time_s: Range
    prompt_tokens: Range | None
    completion_tokens: Range | None
    cost_usd: Range | None
    energy_j: Range | None


def observe(
    sessions: Sequence[Session], records: Iterable[Record], watched: Sequence[WatchedSession] = ()
) -> Observed | None:
    """Return what a run tells of its samples; None where it made none by asking a model."""
    asked = [one for one in records if one.usage.completions and one.outcome is not Outcome.INFRA_ERROR]
    of_sessions = [_by_session(session, asked) for session in sessions]
    known = [(s, made) for s, made in zip(sessions, of_sessions, strict=True) if made]
    if not known:
        return None
    samples = tuple(_spent(one) for _, made in known for one in made)
    work_s = sum(_end(made) - _begin(made) for _, made in known)
    return Observed(
        samples=samples,
        side_by_side=_at_once([one.seconds for one in samples], work_s),
        work_s=work_s,
        starting_s=max(_begin(known[-1][1]) - _moment(known[-1][0].started), 0.0),
        energy_j=_energy(watched, len(samples)),
    )


def together(runs: Sequence[Observed]) -> Observed:
    """Return several runs as one: their samples together, of the rest the mean."""
    energies = [run.energy_j for run in runs if run.energy_j is not None]
    return Observed(
        samples=tuple(sample for run in runs for sample in run.samples),
        side_by_side=_mean([run.side_by_side for run in runs]),
        work_s=_mean([run.work_s for run in runs]),
        starting_s=_mean([run.starting_s for run in runs]),
        energy_j=_mean(energies) if energies else None,
        runs=len(runs),
    )


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)


def forecast(observed: Observed, samples: int, between: float) -> Forecast:
    """Return what so many samples will take.

    Args:
        observed: earlier ones.
        samples: how many are to be made.
        between: how far one run's means lie from another's, as a share of them.
    """

    def total(name: str) -> Range | None:
        values = [getattr(one, name) for one in observed.samples]
        return None if None in values else _total(values, samples, between)

    work, energy = _work(observed, samples, between), observed.energy_j
    return Forecast(
        samples=samples,
        time_s=_after(observed.starting_s, work),
        prompt_tokens=total("prompt_tokens"),
        completion_tokens=total("completion_tokens"),
        cost_usd=total("cost_usd"),
        # It is used while answers are made: what is doubtful of their time is doubtful of it.
        energy_j=_scaled(work, energy * samples / work.likely) if energy and work.likely else None,
    )


def fitting(observed: Observed, hours: float, most: int, between: float) -> int:
    """Return how many of at most ``most`` samples are made within so many hours, in nine cases of ten."""
    low, high = 0, most
    while low < high:
        middle = (low + high + 1) // 2
        fits = forecast(observed, middle, between).time_s.high <= 3600 * hours
        low, high = (middle, high) if fits else (low, middle - 1)
    return low


def _total(values: Sequence[float], samples: int, between: float, more: float = 0.0) -> Range:
    """Return the sum of so many more values.

    Args:
        values: those that are known.
        samples: how many more.
        between: how far means of other days lie from theirs.
        more: what else is doubtful, as a variance.
    """
    known, mean = len(values), sum(values) / len(values)
    if not mean or not samples:
        return Range(likely=0.0, low=0.0, high=0.0)
    squares = sum((value - mean) ** 2 for value in values)
    variance = squares / (known - 1) / mean**2 if known > 1 else 1.0
    own = (1 + _FEW / known) ** 2 * (variance * (1 / samples + 1 / known) + more)
    factor = math.exp(min(_WIDTH * math.sqrt(own + between**2), _MOST_DOUBT))
    likely = mean * samples
    return Range(likely=likely, low=likely / factor, high=likely * factor)


def _work(observed: Observed, samples: int, between: float) -> Range:
    """Return how long samples take side by side: the last ones leave places empty, and how long is chance."""
    seconds = [one.seconds for one in observed.samples]
    at_once = min(observed.side_by_side, max(samples, 1))
    tail_s = _tail(seconds, at_once)
    work_s = sum(seconds) / len(seconds) * samples / at_once + tail_s
    before = _tail(seconds, observed.side_by_side)
    chance = sum(
        (tail / whole) ** 2 for tail, whole in ((tail_s, work_s), (before, observed.work_s)) if whole
    )
    total = _total(seconds, samples, between, chance)
    return _scaled(total, work_s / total.likely if total.likely else 0.0)


def _at_once(seconds: Sequence[float], work_s: float) -> float:
    """Return how many samples were made side by side, from how long all of them took."""
    at_once = 1.0
    for _ in range(_STEPS):
        full_s = work_s - _tail(seconds, at_once)
        if full_s <= 0:
            return float(len(seconds))
        at_once = min(max(sum(seconds) / full_s, 1.0), float(len(seconds)))
    return at_once


def _tail(seconds: Sequence[float], at_once: float) -> float:
    """Return how much longer the last samples make it: as the longest of so many remainders would.

    A remainder is what is left of a sample at any moment. Of n that are distributed exponentially, as those
    of very unequal samples are, the longest is the n-th harmonic number of means; of n that are distributed
    evenly, as those of equal samples are, it is 2n / (n + 1).
    """
    total, squares = sum(seconds), sum(value**2 for value in seconds)
    if not total:
        return 0.0
    unequal = min(squares * len(seconds) / total**2 - 1, 1.0)
    longest = unequal * _harmonic(at_once) + (1 - unequal) * 2 * at_once / (at_once + 1)
    return squares / total / 2 * (longest - 1)


def _harmonic(number: float) -> float:
    return 1.0 if number <= 1 else math.log(number) + _EULER + 1 / (2 * number) - 1 / (12 * number**2)


def _after(starting_s: float, work: Range) -> Range:
    """Return work after a start, which is seldom the same: caches are cold, and others use the disk."""
    return Range(
        likely=starting_s + work.likely,
        low=starting_s / _START_DOUBT + work.low,
        high=starting_s * _START_DOUBT + work.high,
    )


def _scaled(one: Range, factor: float) -> Range:
    changed = {part.name: factor * getattr(one, part.name) for part in fields(Range)}
    return Range(**changed)


def _spent(record: Record) -> Spent:
    usage = record.usage
    return Spent(_seconds(record), usage.prompt_tokens, usage.completion_tokens, usage.cost_usd)


def _seconds(record: Record) -> float:
    return record.timing.generation_s + record.timing.grading_s


def _by_session(session: Session, records: Iterable[Record]) -> list[Record]:
    """Return the records that a session made as a whole."""
    start, end = _moment(session.started), _moment(session.ended) if session.ended else math.inf
    timed = [one for one in records if one.timing.finished_at and not one.regraded]
    return [one for one in timed if start + _seconds(one) <= _moment(one.timing.finished_at) <= end]


def _begin(made: Sequence[Record]) -> float:
    return min(_moment(one.timing.finished_at) - _seconds(one) for one in made)


def _end(made: Sequence[Record]) -> float:
    return max(_moment(one.timing.finished_at) for one in made)


def _energy(watched: Sequence[WatchedSession], samples: int) -> float | None:
    used = [stretch.energy_j for one in watched for stretch in one.stretches]
    known = [joules for joules in used if joules is not None]
    return sum(known) / samples if known else None


def _moment(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()
