"""Two arms with several samples a task: differences of per-task rates, over tasks."""

import random
from collections.abc import Sequence
from itertools import accumulate

from llmbench.score.passk import Interval

_SEED = 20130401
"""Fixed, so that the same runs give the same figures each time that they are compared."""
_DRAWS = 4_000
_WORK = 2_000_000
"""Numbers drawn at most: with very many tasks fewer draws do, for the interval is narrow then."""


def bootstrap_95(differences: Sequence[float], seed: int = _SEED) -> Interval | None:
    """Return a 95 % interval of the mean difference: the percentile bootstrap over tasks (Efron 1979).

    Whole tasks are drawn, never samples within a task: samples of a task resemble each other, and the spread
    over tasks holds their noise already. None of fewer than two tasks.

    Args:
        differences: of each task, the rate of A less the rate of B.
        seed: of the draws.
    """
    n = len(differences)
    if n < 2:
        return None
    draw = random.Random(seed)  # noqa: S311 - chance that can be repeated, no secret
    # Few tasks differ: the distinct values are drawn, with their weights.
    values = sorted(set(differences))
    weights = list(accumulate(differences.count(value) for value in values))
    found = sorted(sum(draw.choices(values, cum_weights=weights, k=n)) / n for _ in range(_draws(n)))
    return Interval(found[int(0.025 * len(found))], found[-1 - int(0.025 * len(found))])


def sign_flip_p(differences: Sequence[float], seed: int = _SEED) -> float:
    """Return the chance of a mean difference as large as this, or larger, if both arms were equally good
    (two-sided).

    Under that hypothesis each task's difference might as well have had the other sign (Fisher 1935). Signs
    are drawn with a seed; the observed ones count as a draw, so that no p-value is 0 (Phipson & Smyth 2010).
    """
    told = [difference for difference in differences if difference]
    if not told:
        return 1.0
    draw = random.Random(seed)  # noqa: S311 - chance that can be repeated, no secret
    observed, reached, draws = abs(sum(told)), 0, _draws(len(told))
    for _ in range(draws):
        signs = draw.getrandbits(len(told))
        total = sum(value if signs >> place & 1 else -value for place, value in enumerate(told))
        reached += abs(total) >= observed - 1e-12
    return (reached + 1) / (draws + 1)


def _draws(n: int) -> int:
    return max(500, min(_DRAWS, _WORK // n))
