"""How pages write figures: what is not known is a dash, which is not 0."""

from collections.abc import Callable, Mapping
from typing import Any

from llmbench.records.sizes import shown
from llmbench.report.words import LEVELS, count, money, percent, seconds, span
from llmbench.score.passk import Interval

UNKNOWN = "–"


def _known(told: Callable[[Any], str]) -> Callable[[Any], str]:
    return lambda value: UNKNOWN if value is None or value == "" else told(value)


def _interval(low: float | None, high: float | None) -> str:
    return "" if low is None or high is None else span(Interval(low, high))


FIGURES: Mapping[str, Any] = {
    "amount": _known(lambda value: f"{value:,.1f}".replace(",", "\u202f")),
    "count": _known(count),
    "interval": _interval,
    "levels": LEVELS,
    "money": _known(money),
    "percent": _known(percent),
    "seconds": _known(seconds),
    "size": _known(shown),
    "unknown": UNKNOWN,
}
"""For templates."""
