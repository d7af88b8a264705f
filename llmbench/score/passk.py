"""pass@k and its uncertainty. Pure functions of counts."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

_Z = 1.959963984540054
"""The standard normal quantile for a two-sided 95 % interval."""


@dataclass(frozen=True, slots=True)
class Interval:
    """A closed interval of proportions."""

    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Count:
    """Of one task's ``n`` graded samples, ``passed`` passed."""

    n: int
    passed: int


def pass_at_k(n: int, passed: int, k: int) -> float:
    """Return the unbiased estimate of the chance that at least one of ``k`` samples passes.

    1 - C(n - c, k) / C(n, k), from Chen et al. 2021, "Evaluating Large Language Models Trained on Code".

    Raises:
        ValueError: k is larger than n, or a count is negative.
    """
    if not 0 <= passed <= n or not 1 <= k <= n:
        raise ValueError(f"expected 0 <= passed <= n and 1 <= k <= n, got passed={passed}, n={n}, k={k}")
    return 1.0 - math.comb(n - passed, k) / math.comb(n, k)


def mean_pass_at_k(counts: Sequence[Count], k: int) -> float | None:
    """Return the mean over the tasks that have at least ``k`` graded samples; None without any."""
    values = [pass_at_k(count.n, count.passed, k) for count in counts if count.n >= k]
    return sum(values) / len(values) if values else None


def interval_95(counts: Sequence[Count], k: int = 1) -> Interval | None:
    """Return a 95 % interval for mean pass@k over tasks, tasks being the unit that was sampled.

    Wilson's score interval (Wilson 1927) on an effective sample size: samples of one task resemble each
    other, so that N samples tell less than N tasks would. The effective size is p(1 - p) over the variance of
    the mean of the tasks' values, between the number of tasks and that of samples (Korn & Graubard 1998).
    With one sample a task it is the number of tasks, and the interval is Wilson's own. Where nothing or
    everything passed, it is Clopper and Pearson's.
    """
    known = [count for count in counts if count.n >= k]
    if not known:
        return None
    values = [pass_at_k(count.n, count.passed, k) for count in known]
    tasks, samples = len(values), sum(count.n for count in known)
    p = sum(values) / tasks
    variance = sum((value - p) ** 2 for value in values) / (tasks - 1) / tasks if tasks > 1 else 0.0
    if p in (0.0, 1.0):
        return clopper_pearson_end(p == 1.0, tasks)
    size = p * (1 - p) / variance if variance > 0 else tasks
    return wilson(p, min(max(size, tasks), samples))


def clopper_pearson_end(everything: bool, n: int) -> Interval:
    """Return the exact 95 % interval where all of ``n`` units passed, or none.

    Clopper & Pearson 1934, Biometrika 26:404-413: the rate at which such a result has a chance of 2.5 %.
    Wilson's interval is too short there.
    """
    end = 0.025 ** (1 / n)
    return Interval(end, 1.0) if everything else Interval(0.0, 1 - end)


def wilson(p: float, n: float) -> Interval:
    """Return Wilson's 95 % score interval for a proportion ``p`` observed on ``n`` units."""
    centre = (p + _Z**2 / (2 * n)) / (1 + _Z**2 / n)
    half = _Z / (1 + _Z**2 / n) * math.sqrt(p * (1 - p) / n + _Z**2 / (4 * n**2))
    # Rounding must not let the interval exclude a rate of exactly 0 or 1.
    return Interval(max(0.0, min(centre - half, p)), min(1.0, max(centre + half, p)))
