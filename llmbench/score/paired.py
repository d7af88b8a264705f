"""Two arms that did the same tasks: is one better, by how much, and could this many tasks show it?

Pure functions of counts. ``docs/design/statistics.md`` has the assumptions, and what would change our mind.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from llmbench.score.binomial import fair_cdf, fair_pmf, normal_quantile
from llmbench.score.passk import Interval

_HALVINGS = 60
"""Of an interval of length 1: more would be below what a float tells apart."""


@dataclass(frozen=True, slots=True)
class Pairs:
    """The same samples of two arms, counted: a table of two by two."""

    both: int
    only_a: int
    only_b: int
    neither: int

    @property
    def total(self) -> int:
        """All pairs."""
        return self.both + self.only_a + self.only_b + self.neither

    @property
    def discordant(self) -> int:
        """The pairs that tell the arms apart."""
        return self.only_a + self.only_b

    @property
    def difference(self) -> float:
        """Share that A passes less the share that B passes, from -1 to 1; 0 of no pairs."""
        return (self.only_a - self.only_b) / self.total if self.total else 0.0


@dataclass(frozen=True, slots=True)
class McNemar:
    """Chance of counts as uneven as these, or more so, if both arms were equally good (two-sided)."""

    mid_p: float
    """Half of the chance of the very same counts taken off: Fagerland et al. advise it."""
    exact: float


def mcnemar(only_a: int, only_b: int) -> McNemar:
    """Test whether the two discordant counts differ by more than chance.

    Both are of Bin(b + c, 1/2); the mid-p value is 2·P(X <= min) - P(X = min). Fagerland, Lydersen & Laake
    2013, BMC Medical Research Methodology 13:91, recommend it over the exact value, which is needlessly
    conservative, and advise against the one with a continuity correction. Without a discordant pair both are
    1.

    Raises:
        ValueError: a count is negative.
    """
    if only_a < 0 or only_b < 0:
        raise ValueError(f"expected counts, got {only_a} and {only_b}")
    n, least = only_a + only_b, min(only_a, only_b)
    if not n:
        return McNemar(mid_p=1.0, exact=1.0)
    tail = 2 * fair_cdf(least, n)
    return McNemar(mid_p=min(1.0, tail - fair_pmf(least, n)), exact=min(1.0, tail))


def tango(pairs: Pairs, level: float = 0.95) -> Interval:
    """Return the score interval of the difference of two paired proportions, from -1 to 1.

    Tango 1998, Statistics in Medicine 17:891-908. The interval holds each difference that a score test would
    not reject; unlike Wald's it has a width where no pair is discordant. (-1, 1) of no pairs.
    """
    if not pairs.total:
        return Interval(-1.0, 1.0)
    z = normal_quantile(0.5 + level / 2)
    return Interval(
        _root(pairs, z, -1.0, pairs.difference),
        _root(pairs, -z, pairs.difference, 1.0),
    )


def _root(pairs: Pairs, z: float, low: float, high: float) -> float:
    """Return where the score, which falls as the difference grows, is ``z``."""
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        if _score(pairs, middle) > z:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def _score(pairs: Pairs, difference: float) -> float:
    """Return Tango's score statistic for a supposed difference."""
    n, b, c = pairs.total, pairs.only_a, pairs.only_b
    gap = b - c - n * difference
    # The likeliest share of pairs that only B passes, given the difference: the root of 2n·q² + p·q + r.
    p = -b - c + (2 * n - b + c) * difference
    r = -c * difference * (1 - difference)
    q = (math.sqrt(max(0.0, p * p - 8 * n * r)) - p) / (4 * n)
    variance = n * (2 * q + difference * (1 - difference))
    if variance <= 0:
        return math.copysign(math.inf, gap) if gap else 0.0
    return gap / math.sqrt(variance)


def probability_better(only_a: int, only_b: int) -> float:
    """Return the probability that A is better, given the counts.

    With a uniform prior over the four cells of the table, Dirichlet(1, 1, 1, 1), the share of A among the
    discordant pairs is Beta(b + 1, c + 1), and 1 - I_1/2(b + 1, c + 1) of it is above one half.
    """
    # For whole numbers the incomplete beta function is a tail of the binomial distribution.
    return fair_cdf(only_a, only_a + only_b + 1)


def holm(values: Sequence[float]) -> list[float]:
    """Return p-values adjusted for being read together, in the same order.

    Holm 1979, Scandinavian Journal of Statistics 6:65-70: the chance of one false alarm or more in the whole
    family stays at the level, whatever depends on what.
    """
    order = sorted(range(len(values)), key=lambda place: values[place])
    adjusted, highest = [0.0] * len(values), 0.0
    for rank, place in enumerate(order):
        highest = max(highest, min(1.0, (len(values) - rank) * values[place]))
        adjusted[place] = highest
    return adjusted


def pairs_needed(discordant: float, difference: float, *, power: float = 0.8, level: float = 0.05) -> int:
    """Return how many pairs a test at ``level`` needs to show ``difference`` with chance ``power``.

    n = (z(1 - level/2)·√ψ + z(power)·√(ψ - δ²))² / δ², where ψ is the share of discordant pairs: Connor 1987,
    Biometrics 43:207-211.

    Raises:
        ValueError: the difference is 0, or larger than the share of discordant pairs.
    """
    if not 0 < abs(difference) <= discordant <= 1:
        raise ValueError(f"expected 0 < |difference| <= discordant <= 1, got {difference}, {discordant}")
    one, other = normal_quantile(1 - level / 2), normal_quantile(power)
    root = one * math.sqrt(discordant) + other * math.sqrt(discordant - difference**2)
    return math.ceil(root**2 / difference**2)


def smallest_shown(discordant: float, pairs: int, *, power: float = 0.8, level: float = 0.05) -> float | None:
    """Return the smallest difference that ``pairs`` show with chance ``power``; None where they show none.

    No difference is larger than the share of discordant pairs.
    """
    if not 0 < discordant <= 1 or pairs_needed(discordant, discordant, power=power, level=level) > pairs:
        return None
    low, high = 0.0, discordant
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        if pairs_needed(discordant, middle, power=power, level=level) > pairs:
            low = middle
        else:
            high = middle
    return high
