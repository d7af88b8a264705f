"""How a figure of samples is spread: what a mean would hide."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True, slots=True)
class Spread:
    """The order statistics of a figure, known for ``n`` samples."""

    n: int
    low: float
    median: float
    p90: float
    """The smallest value that at least nine samples in ten do not exceed (nearest rank)."""
    high: float


def spread(values: Iterable[float]) -> Spread | None:
    """Return how the values are spread, those that are no numbers left out; None without any."""
    known = sorted(value for value in values if math.isfinite(value))
    if not known:
        return None
    # In whole numbers, for 0.9 * 10 may come out above 9.
    rank = -(-9 * len(known) // 10)
    return Spread(len(known), known[0], median(known), known[rank - 1], known[-1])
