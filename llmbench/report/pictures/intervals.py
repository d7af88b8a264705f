"""pass@1 of several runs or groups of tasks, each with its 95 % interval as a bar."""

from collections.abc import Sequence
from dataclasses import dataclass

from llmbench.report.pictures.labels import fitting_labels, inert_label, text_width
from llmbench.report.pictures.picture import WIDTH, Picture, draw
from llmbench.report.pictures.scales import Scale
from llmbench.report.words import percent, plural, span
from llmbench.score.passk import Interval

MOST = 40
"""Rows of one picture; a table has all."""
DOUBT = "?"
"""Stands behind the number of a run whose trust report has a problem."""

_ROW, _TWO_LINES = 24, 42
_HEAD = 30
_NUMBERS = 136
"""Room for the numbers at the right."""
_LABELS = 176
"""Most room for names at the left; longer ones stand on lines of their own."""
_COUNTS = 44


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """What one bar shows."""

    name: str
    share: float | None
    """None where there is no score."""
    interval: Interval | None
    samples: int
    """Graded ones."""
    doubted: bool = False


@dataclass(frozen=True, slots=True)
class _Bar:
    y: float
    label: str
    name: str
    samples: str
    numbers: str
    at: float | None
    left: float | None
    width: float


def interval_picture(rows: Sequence[Row], title: str) -> Picture:
    """Return the picture, a row for each of ``rows``."""
    shown = rows[:MOST]
    names = [inert_label(row.name) for row in shown]
    longest = max((text_width(name) for name in names), default=0) + 4
    is_beside = longest <= _LABELS
    row_height, room = (_ROW, longest) if is_beside else (_TWO_LINES, 0.0)
    scale = Scale(0.0, 1.0, room + _COUNTS + 18, WIDTH - _NUMBERS - 14, (0.0, 0.5, 1.0))
    bars = [
        _bar(row, label, scale, _HEAD + (place + 1) * row_height - _ROW / 2)
        for place, (row, label) in enumerate(
            zip(shown, fitting_labels(names, room if is_beside else WIDTH), strict=True)
        )
    ]
    notes = list(_notes(rows))
    bottom = _HEAD + len(shown) * row_height
    return draw(
        "intervals.svg.j2",
        title=title,
        alternative=_words(rows),
        height=bottom + 24 + 18 * len(notes),
        bars=bars,
        ticks=[(scale.place(tick), f"{100 * tick:.0f}{' %' if tick == 1 else ''}") for tick in scale.ticks],
        head=_HEAD,
        above=0 if is_beside else _ROW - 5,
        bottom=bottom,
        counts=room + _COUNTS,
        numbers=WIDTH - _NUMBERS,
        notes=[(bottom + 38 + 18 * place, note) for place, note in enumerate(notes)],
    )


def _bar(row: Row, label: str, scale: Scale, y: float) -> _Bar:
    left = scale.place(row.interval.low) if row.interval else None
    width = scale.place(row.interval.high) - left if row.interval and left is not None else 0.0
    return _Bar(
        y=y,
        label=label,
        name=inert_label(row.name),
        samples=str(row.samples),
        numbers=_numbers(row),
        at=None if row.share is None else scale.place(row.share),
        left=left,
        width=round(width, 1),
    )


def _numbers(row: Row) -> str:
    if row.share is None:
        return "no score"
    doubt = f" {DOUBT}" if row.doubted else ""
    known = f" [{span(row.interval)}]" if row.interval else ""
    return f"{100 * row.share:.1f}{known}{doubt}"


def _notes(rows: Sequence[Row]) -> list[str]:
    notes = []
    if any(row.doubted for row in rows):
        notes.append(f"{DOUBT} its trust report has a problem")
    if len(rows) > MOST:
        notes.append(f"… and {len(rows) - MOST} more, in the tables")
    return notes


def _words(rows: Sequence[Row]) -> str:
    return "; ".join(map(_said, rows)) + "."


def _said(row: Row) -> str:
    name, samples = inert_label(row.name), plural(row.samples, "sample")
    if row.share is None:
        return f"{name}: no score, {samples} graded"
    known = f", 95 % interval {span(row.interval)}" if row.interval else ""
    doubt = ", its trust report has a problem" if row.doubted else ""
    return f"{name}: {percent(row.share)}{known}, {samples} graded{doubt}"
