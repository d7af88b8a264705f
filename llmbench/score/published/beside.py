"""Published figures beside a run's own score. A pure function of its manifest and its records."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from llmbench.api import Outcome
from llmbench.records.journal import by_task
from llmbench.records.manifest import Manifest
from llmbench.records.record import Record
from llmbench.score.passk import Count, Interval, interval_95, mean_pass_at_k
from llmbench.score.published.choice import figures_for
from llmbench.score.published.conditions import TRIES, Held, differs, unknown
from llmbench.score.published.figures import Conditions, Figure, Metric

_BASE: Metric = "pass@1 of base tests"


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """A figure that somebody published for this model and dataset."""

    pass_at_1: float
    """From 0 to 1."""
    source: str
    date: str
    """ISO 8601, as far as it is known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """A published figure, what was done otherwise in the run, and the run's own score in its metric."""

    model: str
    """As its publisher writes it."""
    metric: Metric
    share: float
    """From 0 to 1."""
    source: str
    url: str
    commit: str
    date: str
    second_hand: bool
    """Its source was not read itself, but what others repeat of it."""
    conditions: Conditions
    note: str
    differs: tuple[str, ...]
    """What was done otherwise; empty where the two can be compared."""
    unknown: tuple[str, ...]
    """What was not published of how it was made."""
    preset: str
    """The preset that comes nearest to its conditions."""
    quantization: str
    """The run's, as its server names it."""
    own: float | None
    """None where the run has no such score."""
    own_95: Interval | None
    difference: float | None
    """The run's less the published one; None where they can't be compared."""
    difference_95: Interval | None
    """One's own interval, shifted: nobody publishes with which spread theirs was measured."""


def published(manifest: Manifest, graded: Sequence[Record]) -> tuple[Beside, ...]:
    """Return what others published for a run's model and dataset, the most comparable first.

    Empty where the model saw the tests, was trained on them, or was not asked at all: nobody's published
    score is of that kind.
    """
    asked = any(record.usage.completions for record in graded)
    if manifest.tests_shown or manifest.settings("model").get("trusted") or not asked:
        return ()
    found = (Held(figure, source, manifest, len(graded)) for figure, source in figures_for(manifest))
    return tuple(sorted((_beside(held, graded) for held in found), key=lambda beside: len(beside.differs)))


def foremost(found: Sequence[Beside]) -> Published | None:
    """Return the first pass@1 that can be compared with the run's."""
    return next(
        (
            Published(pass_at_1=beside.share, source=beside.source, date=beside.date)
            for beside in found
            if beside.metric == "pass@1" and not beside.differs
        ),
        None,
    )


def _beside(held: Held, graded: Sequence[Record]) -> Beside:
    figure, source = held.figure, held.source
    counts = list(_counts(figure, held.manifest, graded))
    share, found = figure.share or 0.0, differs(held)
    own, own_95 = mean_pass_at_k(counts, 1), interval_95(counts)
    return Beside(
        model=figure.model,
        metric=figure.metric,
        share=share,
        source=source.title,
        url=source.url,
        commit=source.commit,
        date=figure.date,
        second_hand=source.second_hand,
        conditions=figure.conditions,
        note=figure.note,
        differs=found,
        unknown=unknown(held),
        preset=source.preset,
        quantization=str(held.last.server.get("quantization") or ""),
        own=own,
        own_95=own_95,
        difference=None if own is None or found else own - share,
        difference_95=None if own_95 is None or found else Interval(own_95.low - share, own_95.high - share),
    )


def _counts(figure: Figure, manifest: Manifest, graded: Sequence[Record]) -> Iterator[Count]:
    """Yield how often each task passed, in the figure's metric; nothing where the run can't say."""
    if TRIES.get(figure.metric, 1) > manifest.plan.tries:
        return
    if figure.metric == _BASE and not any(_parts(record) for record in graded):
        return
    for records in by_task(graded).values():
        yield Count(len(records), sum(_passed(figure.metric, record) for record in records))


def _passed(metric: Metric, record: Record) -> bool:
    if metric == _BASE:
        return _parts(record).get("base") == "pass"
    return any(done.outcome is Outcome.PASSED for done in record.tries[: TRIES.get(metric, 1)])


def _parts(record: Record) -> Mapping[str, object]:
    parts = record.tries[0].details.get("parts")
    return parts if isinstance(parts, Mapping) else {}
