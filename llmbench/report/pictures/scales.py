"""Scales: where a value stands on an axis, and which values the axis names. Pure functions."""

import math
from collections.abc import Iterable
from dataclasses import dataclass

_RATIO_OF_LOG = 50
"""A wider range is drawn by its logarithm: on a straight axis all but the largest would be one spot."""
_ALIKE = 0.001
"""Values that differ by less than this share of them are not to look far apart."""
_NOTHING = 1e-12
_STEPS = (1, 2, 5)


@dataclass(frozen=True, slots=True)
class Scale:
    """An axis from ``start`` to ``end`` of a picture, and the values it names."""

    low: float
    high: float
    start: float
    end: float
    ticks: tuple[float, ...]
    is_log: bool = False

    def place(self, value: float) -> float:
        """Return where a value stands; one beyond the axis stands at its end."""
        low, high, at = (
            math.log10(x) if self.is_log else x for x in (self.low, self.high, self._inside(value))
        )
        share = (at - low) / (high - low)
        return round(self.start + share * (self.end - self.start), 1)

    def _inside(self, value: float) -> float:
        return min(max(value, self.low), self.high)


def scale(values: Iterable[float], start: float, end: float, *, most: int = 5, share: bool = False) -> Scale:
    """Return an axis that holds all values, none of which is negative, and begins and ends at a tick.

    Args:
        values: what is to be drawn.
        start: where the axis begins in the picture.
        end: where it ends; before ``start`` for one that runs upwards.
        most: about how many ticks there is room for.
        share: the values are shares, which end at 1 and whose axis is always straight.
    """
    known = sorted(value for value in values if math.isfinite(value))
    low, high = (known[0], known[-1]) if known else (0.0, 1.0)
    if low > 0 and not share and high / low > _RATIO_OF_LOG:
        return _log(low, high, start, end, most)
    if high - low <= _ALIKE * high or high <= _NOTHING:
        low, high = 0.5 * low, 1.5 * high if high > _NOTHING else 1.0
    ticks = _even(low, min(high, 1.0) if share else high, most)
    return Scale(ticks[0], ticks[-1], start, end, tuple(ticks))


def step_for(span: float, most: int) -> tuple[int, int]:
    """Return the smallest step of 1, 2 or 5 times a power of ten that divides ``span`` into ``most`` or less.

    Returns:
        The factor, and the exponent of ten.
    """
    exponent = math.floor(math.log10(span / most)) - 1
    while True:
        for factor in _STEPS:
            if _times(factor, exponent) * most >= span * (1 - 1e-9):
                return factor, exponent
        exponent += 1


def _even(low: float, high: float, most: int) -> list[float]:
    factor, exponent = step_for(high - low, most)
    step = _times(factor, exponent)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return [_times(factor * number, exponent) for number in range(first, last + 1)]


def _times(number: int, exponent: int) -> float:
    """Return ``number`` times a power of ten, as exact as its decimals are."""
    return number * 10.0**exponent if exponent >= 0 else number / 10.0**-exponent


def _log(low: float, high: float, start: float, end: float, most: int) -> Scale:
    first, last = math.floor(math.log10(low)), math.ceil(math.log10(high))
    steps = _STEPS if (last - first) * len(_STEPS) <= most + len(_STEPS) else (1,)
    every = max(1, math.ceil((last - first) / most))
    named = [_times(step, power) for power in range(first, last + 1, every) for step in steps]
    below = [value for value in named if value <= low]
    above = [value for value in named if value >= high] or [_times(1, last)]
    bottom, top = below[-1], above[0]
    inside = [value for value in named if bottom < value < top]
    return Scale(bottom, top, start, end, (bottom, *inside, top), is_log=True)


def bins(values: Iterable[float], most: int) -> list[float]:
    """Return the edges of at most about ``most`` bins of a histogram, as even as its axis is."""
    axis = scale(values, 0, 1, most=most)
    if not axis.is_log:
        return list(axis.ticks)
    decades = math.log10(axis.high / axis.low)
    count = max(most // 2, min(most, round(4 * decades)))
    return [axis.low * (axis.high / axis.low) ** (place / count) for place in range(count)] + [axis.high]
