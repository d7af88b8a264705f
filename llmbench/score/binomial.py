"""The few values of the normal and the binomial distribution that the statistics need. Pure functions."""

import math
from statistics import NormalDist

_NORMAL = NormalDist()


def normal_quantile(probability: float) -> float:
    """Return the quantile of the standard normal distribution."""
    return _NORMAL.inv_cdf(probability)


def normal_cdf(value: float) -> float:
    """Return the chance that a standard normal variable is at most ``value``."""
    return _NORMAL.cdf(value)


def fair_pmf(k: int, n: int) -> float:
    """Return the chance of exactly ``k`` heads in ``n`` throws of a fair coin."""
    return math.comb(n, k) / (1 << n)


def fair_cdf(k: int, n: int) -> float:
    """Return the chance of at most ``k`` heads in ``n`` throws of a fair coin, without rounding errors."""
    if k < 0:
        return 0.0
    # The shorter side is added up, in whole numbers: 100,000 throws would need a moment, 10,000 don't.
    if 2 * k >= n:
        return 1.0 if k >= n else 1.0 - fair_cdf(n - k - 1, n)
    term, total = 1, 0
    for heads in range(k + 1):
        total += term
        term = term * (n - heads) // (heads + 1)
    return total / (1 << n)
