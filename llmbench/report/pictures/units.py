"""Figures on an axis: the unit that suits the largest of them, and as many digits as tell ticks apart."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from llmbench.report.pictures.labels import text_width
from llmbench.report.pictures.scales import Scale

_GAP = 5.0
"""Between the words of two ticks."""


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit, and how many of the stored one make it."""

    name: str
    size: float = 1.0


@dataclass(frozen=True, slots=True)
class Tick:
    """A value that an axis names; one for whose words there is no room has none."""

    x: float
    middle: float
    """Of its words."""
    text: str


Units = Sequence[Unit]
"""The smallest first; one is used from its own size on."""

TOKENS: Units = (Unit("tokens"),)
SPEED: Units = (Unit("tokens/s"),)
SECONDS: Units = (Unit("ms", 0.001), Unit("s"), Unit("min", 60.0), Unit("h", 3600.0))
MEGABYTES: Units = (Unit("MB"), Unit("GB", 1024.0))
JOULES: Units = (Unit("J"), Unit("kJ", 1e3), Unit("MJ", 1e6))
DOLLARS: Units = (Unit("$"),)


def unit_for(units: Units, largest: float) -> Unit:
    """Return the largest unit of which ``largest`` holds at least three; else the smallest one."""
    fitting = [unit for unit in units if largest >= 3 * unit.size]
    return fitting[-1] if fitting else units[0]


def tick_words(scale: Scale) -> Callable[[float], str]:
    """Return how to write the ticks of an axis."""
    if scale.is_log or len(scale.ticks) < 2:
        return short
    step = scale.ticks[1] - scale.ticks[0]
    digits = max(0, -math.floor(math.log10(step) + 1e-9))
    return lambda value: _grouped(value, digits) if digits <= 6 and abs(value) < 1e9 else f"{value:.6g}"


def named_ticks(scale: Scale, end: float) -> list[Tick]:
    """Return the ticks of a level axis, of which as many have words as there is room for before ``end``."""
    words, taken, ticks = tick_words(scale), -math.inf, []
    for value in scale.ticks:
        x, text = scale.place(value), words(value)
        half = text_width(text) / 2
        middle = round(min(x, end - half), 1)
        fits = middle - half > taken
        ticks.append(Tick(x, middle, text if fits else ""))
        taken = middle + half + _GAP if fits else taken
    return ticks


def short(value: float) -> str:
    """Return a number with three digits that mean something, or all before its point."""
    if not value:
        return "0"
    if not 1e-6 <= abs(value) < 1e9:
        return f"{value:.3g}"
    digits = max(0, 2 - math.floor(math.log10(abs(value))))
    text = _grouped(value, digits)
    return text.rstrip("0").rstrip(".") if "." in text else text


def _grouped(value: float, digits: int) -> str:
    return f"{value:,.{digits}f}".replace(",", "\u202f")
