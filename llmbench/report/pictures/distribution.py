"""How tokens and seconds of a run's samples are spread: a histogram, with median and 90th percentile."""

import math
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from llmbench.report.pictures.labels import text_width
from llmbench.report.pictures.picture import WIDTH, Picture, draw
from llmbench.report.pictures.scales import Scale, bins, scale
from llmbench.report.pictures.units import Unit, Units, named_ticks, short, unit_for
from llmbench.report.words import plural
from llmbench.score.spread import Spread, spread

_FEWEST = 2
"""Samples: one alone has no distribution."""
_BINS = 20
_TOP, _BOTTOM = 62, 232
_LEFT, _RIGHT = 42, WIDTH - 22


@dataclass(frozen=True, slots=True)
class Amount:
    """What one sample took."""

    value: float
    passed: bool


@dataclass(frozen=True, slots=True)
class _Bar:
    x: float
    width: float
    passed: float
    """Its upper end; the bottom where none passed."""
    all: float
    words: str


@dataclass(frozen=True, slots=True)
class _Mark:
    """A named value above the bars."""

    x: float
    y: float
    text: str
    anchor: str


def distribution_picture(amounts: Sequence[Amount], title: str, what: str, units: Units) -> Picture | None:
    """Return the picture; None where fewer than two samples tell how much they took."""
    found = spread(amount.value for amount in amounts)
    if found is None or found.n < _FEWEST:
        return None
    unit = unit_for(units, found.high)
    # Rice's rule: as many bins as n samples can fill.
    edges = bins(
        [found.low / unit.size, found.high / unit.size], min(2 * math.ceil(found.n ** (1 / 3)), _BINS)
    )
    counts = _counts(amounts, unit.size, edges)
    across = scale([edges[0], edges[-1]], _LEFT, _RIGHT, most=7)
    upwards = scale([0, max(total for _, total in counts)], _BOTTOM, _TOP, most=4)
    return draw(
        "distribution.svg.j2",
        title=title,
        alternative=_words(found, unit, edges, counts),
        height=_BOTTOM + 42,
        left=_LEFT,
        right=_RIGHT,
        bottom=_BOTTOM,
        bars=_bars(edges, counts, across, upwards),
        marks=_marks(found, unit, across),
        top=_TOP,
        ticks=named_ticks(across, WIDTH - 1),
        counts=[(upwards.place(tick), f"{tick:.0f}") for tick in upwards.ticks if tick == round(tick)],
        axis=_axis(what, unit, is_log=across.is_log),
        n=f"n = {found.n}",
        has_others=any(total > passed for passed, total in counts),
        has_passed=any(passed for passed, _ in counts),
    )


def _axis(what: str, unit: Unit, *, is_log: bool) -> str:
    named = f"{what} of a sample" if what == unit.name else f"{what} of a sample in {unit.name}"
    return f"{named}, logarithmic" if is_log else named


def _counts(amounts: Sequence[Amount], size: float, edges: Sequence[float]) -> list[tuple[int, int]]:
    """Return of each bin how many passed, and of how many samples; the last one holds its upper edge."""
    passed, total = ([0] * (len(edges) - 1) for _ in range(2))
    for amount in amounts:
        place = min(max(bisect_right(edges, amount.value / size) - 1, 0), len(total) - 1)
        total[place] += 1
        passed[place] += amount.passed
    return list(zip(passed, total, strict=True))


def _bars(
    edges: Sequence[float], counts: Sequence[tuple[int, int]], across: Scale, upwards: Scale
) -> list[_Bar]:
    bars = []
    for (low, high), (passed, total) in zip(pairwise(edges), counts, strict=True):
        if total:
            x = across.place(low) + 1
            width = round(across.place(high) - x - 1, 1)
            words = f"{short(low)}–{short(high)}: {plural(total, 'sample')}, {passed} passed"
            bars.append(_Bar(x, width, upwards.place(passed), upwards.place(total), words))
    return bars


def _marks(found: Spread, unit: Unit, across: Scale) -> list[_Mark]:
    """Return median and 90th percentile, each on a line of its own, turned inwards at the picture's sides."""
    marks = []
    for place, (name, value) in enumerate((("median", found.median), ("90 % up to", found.p90))):
        x, text = across.place(value / unit.size), f"{name} {short(value / unit.size)} {unit.name}"
        anchor = "end" if x + 6 + text_width(text, strong=True) > WIDTH else "start"
        marks.append(_Mark(x, 34 + 17 * place, text, anchor))
    return marks


def _words(found: Spread, unit: Unit, edges: Sequence[float], counts: Sequence[tuple[int, int]]) -> str:
    named = {"median": found.median, "90th percentile": found.p90, "least": found.low, "most": found.high}
    figures = ", ".join(f"{name} {short(value / unit.size)}" for name, value in named.items())
    parts = [
        f"{short(low)}–{short(high)}: {total}, of which {passed} passed"
        for (low, high), (passed, total) in zip(pairwise(edges), counts, strict=True)
        if total
    ]
    return f"{plural(found.n, 'sample')}, in {unit.name}: {figures}. {'; '.join(parts)}."
