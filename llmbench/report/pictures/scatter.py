"""Correctness of runs against another figure, with the Pareto front."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from llmbench.report.pictures.intervals import DOUBT
from llmbench.report.pictures.labels import fitting_labels, inert_label, text_width
from llmbench.report.pictures.picture import WIDTH, Picture, draw
from llmbench.report.pictures.placing import Box, Placed, Spot, place_labels
from llmbench.report.pictures.quantities import Quantity
from llmbench.report.pictures.scales import Scale, scale
from llmbench.report.pictures.units import Unit, named_ticks, short, unit_for
from llmbench.report.words import percent
from llmbench.score.pareto import Point, pareto_front
from llmbench.score.passk import Interval

_NAMED = 8
"""Runs whose names stand beside their points; more have numbers, and their names below."""
_TOP, _BOTTOM = 34, 274
_LEFT, _RIGHT = 40, WIDTH - 22
_AREA = Box(_LEFT + 2, _TOP - 8, WIDTH, _BOTTOM - 2)
_LETTERS = 15.0
"""Height of a label."""
_NAMES = (200.0, 150.0)
"""Most room for a name beside its point: what fits is taken."""
_KEY_LINE = 18


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A run as a point."""

    name: str
    share: float
    interval: Interval | None
    amount: float | None
    """None where it was not measured."""
    doubted: bool = False

    @property
    def known(self) -> float:
        """Return the amount of one that can be drawn."""
        return math.nan if self.amount is None else self.amount


@dataclass(frozen=True, slots=True)
class _Dot:
    x: float
    y: float
    on_front: bool
    words: str
    label: str
    at: Placed | None
    whisker: tuple[float, float] | None


def scatter_picture(runs: Sequence[Candidate], quantity: Quantity[Any], title: str) -> Picture | None:
    """Return the picture; None where fewer than two runs have this figure, or it is 0 in all."""
    shown = [run for run in runs if math.isfinite(run.known)]
    if len(shown) < 2 or not any(run.known for run in shown):
        return None
    unit = unit_for(quantity.units, max(run.known for run in shown))
    across = scale([run.known / unit.size for run in shown], _LEFT + 14, _RIGHT - 6, most=6)
    upwards = _upwards(shown)
    sign = -1 if quantity.more_is_better else 1
    front = pareto_front([Point(run.share, sign * run.known) for run in shown])
    dots, key = _dots(shown, front, across, upwards, unit)
    below = _below(key)
    doubt = f"{DOUBT} its trust report has a problem" if any(run.doubted for run in shown) else ""
    return draw(
        "scatter.svg.j2",
        title=title,
        alternative=_words(
            shown, front, quantity, unit, [run.name for run in runs if not math.isfinite(run.known)]
        ),
        height=max((y for _, y, _ in below), default=_BOTTOM + 40) + 6 + (_KEY_LINE if doubt else 0),
        left=_LEFT,
        right=_RIGHT,
        top=_TOP,
        bottom=_BOTTOM,
        rows=[(upwards.place(tick), f"{100 * tick:.0f}") for tick in upwards.ticks],
        ticks=named_ticks(across, WIDTH - 1),
        axis=_axis(quantity, unit, is_log=across.is_log),
        stairs=_stairs([dots[place] for place in front]),
        dots=dots,
        key=below,
        doubt=doubt,
    )


def _below(key: Sequence[str]) -> list[tuple[float, float, str]]:
    """Return where the names stand below the picture: in two columns where there is room."""
    half = WIDTH / 2 - 12
    columns = 2 if all(text_width(text) <= half for text in key) else 1
    lines = math.ceil(len(key) / columns)
    return [
        (WIDTH / 2 * (place // lines), _BOTTOM + 62 + _KEY_LINE * (place % lines), text)
        for place, text in enumerate(key)
    ]


def _upwards(shown: Sequence[Candidate]) -> Scale:
    """Return an axis of shares on which the intervals have room where they are drawn."""
    shares = [run.share for run in shown]
    if len(shown) <= _NAMED:
        shares += [end for run in shown if run.interval for end in (run.interval.low, run.interval.high)]
    # Shares that are all but equal are not to look far apart.
    middle = (min(shares) + max(shares)) / 2
    shares += [max(0.0, middle - 0.1), min(1.0, middle + 0.1)]
    return scale(shares, _BOTTOM, _TOP, share=True)


def _dots(
    shown: Sequence[Candidate], front: Sequence[int], across: Scale, upwards: Scale, unit: Unit
) -> tuple[list[_Dot], list[str]]:
    """Return the points with their labels, and the names that stand below the picture."""
    spots = [Spot(across.place(run.known / unit.size), upwards.place(run.share)) for run in shown]
    labels, placed, key = _labels(shown, spots)
    dots = []
    for place, (run, spot) in enumerate(zip(shown, spots, strict=True)):
        whisker = None
        if run.interval and len(shown) <= _NAMED:
            whisker = (upwards.place(run.interval.high), upwards.place(run.interval.low))
        words = _said(run, unit)
        dots.append(_Dot(spot.x, spot.y, place in front, words, labels[place], placed[place], whisker))
    return dots, key


def _labels(
    shown: Sequence[Candidate], spots: Sequence[Spot]
) -> tuple[list[str], list[Placed | None], list[str]]:
    names = [inert_label(run.name) for run in shown]
    marks = [f" {DOUBT}" if run.doubted else "" for run in shown]
    for most in _NAMES if len(shown) <= _NAMED else ():
        short_names = fitting_labels(names, most - text_width(f" {DOUBT}"))
        labels = [label + mark for label, mark in zip(short_names, marks, strict=True)]
        placed = place_labels(spots, [text_width(label, strong=True) for label in labels], _LETTERS, _AREA)
        if all(one is not None and not one.misleads for one in placed):
            return labels, placed, []
    numbers = [str(number) for number in range(1, len(shown) + 1)]
    placed = place_labels(spots, [text_width(number, strong=True) for number in numbers], _LETTERS, _AREA)
    room = WIDTH - text_width(f"{len(shown)}  {DOUBT}") - 12
    key = [
        f"{number} {label}{mark}"
        for number, label, mark in zip(numbers, fitting_labels(names, room), marks, strict=True)
    ]
    return numbers, placed, key


def _stairs(front: Sequence[_Dot]) -> str:
    """Return a path along what the front's runs reach: across at the lower one, up at the better one."""
    if len(front) < 2:
        return ""
    steps = [f"H{better.x} V{better.y}" for _, better in pairwise(front)]
    return f"M{front[0].x} {front[0].y} {' '.join(steps)}"


def _axis(quantity: Quantity[Any], unit: Unit, *, is_log: bool) -> str:
    wanted = "more is better →" if quantity.more_is_better else "← less is better"
    log = ", logarithmic" if is_log else ""
    return f"{quantity.name} in {unit.name}{log}, {wanted}"


def _words(
    shown: Sequence[Candidate],
    front: Sequence[int],
    quantity: Quantity[Any],
    unit: Unit,
    unknown: Sequence[str],
) -> str:
    on_front = "; ".join(_said(shown[place], unit) for place in front)
    behind = "; ".join(_said(run, unit) for place, run in enumerate(shown) if place not in front)
    rule = f"no other run is as correct and {quantity.better}, and better in one of both"
    parts = [
        f"On the Pareto front, where {rule}: {on_front}.",
        f"Dominated: {behind}." if behind else "",
        f"{quantity.name.capitalize()} not known: {', '.join(map(inert_label, unknown))}." if unknown else "",
    ]
    return " ".join(filter(None, parts))


def _said(run: Candidate, unit: Unit) -> str:
    doubt = ", its trust report has a problem" if run.doubted else ""
    return f"{inert_label(run.name)} {percent(run.share)}, {short(run.known / unit.size)} {unit.name}{doubt}"
