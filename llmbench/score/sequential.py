"""Looking at two arms before both are done: an exact group-sequential sign test, and a test that never ends.

Plain p-values that are looked at again and again give false alarms; these bounds don't. Pure functions of
counts.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from llmbench.score.binomial import normal_cdf, normal_quantile

LOOKS = (0.2, 0.4, 0.6, 0.8, 1.0)
"""Shares of the planned tasks at which one looks."""


@dataclass(frozen=True, slots=True)
class Look:
    """What was seen at one look: ``only_a`` and ``only_b`` count discordant pairs from the start."""

    share: float
    """Of the planned tasks that both arms did by then, from 0 to 1."""
    only_a: int
    only_b: int


def spent(share: float, level: float = 0.05) -> float:
    """Return how much of the level may be used up when ``share`` of the tasks is done.

    2 - 2Φ(z(1 - level/2) / √t): Lan & DeMets 1983, Biometrika 70:659-663, after O'Brien & Fleming. Almost
    nothing is spent early, so that the last look decides nearly as a fixed test would.
    """
    if share <= 0:
        return 0.0
    return 2 - 2 * normal_cdf(normal_quantile(1 - level / 2) / math.sqrt(min(share, 1.0)))


def bounds(looks: Sequence[Look], level: float = 0.05) -> list[int | None]:
    """Return for each look the lead, ``abs(only_a - only_b)``, from which on one arm is better.

    Given how many discordant pairs there were at each look, their split is that of a fair coin if the arms
    are equally good. All paths of that coin are counted that crossed no earlier bound; a bound is the
    smallest lead that keeps what was crossed so far within what may be spent. None where no lead can be that
    surprising yet.
    """
    alive: dict[int, float] = {0: 1.0}
    used, before, found = 0.0, 0, []
    for look in looks:
        pairs = look.only_a + look.only_b
        alive = _walked(alive, pairs - before)
        before = pairs
        bound, crossed = _smallest(alive, spent(look.share, level) - used)
        used += crossed
        if bound is not None:
            alive = {lead: chance for lead, chance in alive.items() if abs(lead) < bound}
        found.append(bound)
    return found


def _walked(alive: Mapping[int, float], steps: int) -> dict[int, float]:
    """Return the chances of all leads after ``steps`` more throws of a fair coin."""
    heads = [math.comb(steps, k) / 2**steps for k in range(steps + 1)]
    reached: dict[int, float] = {}
    for lead, chance in alive.items():
        for k, share in enumerate(heads):
            place = lead + 2 * k - steps
            reached[place] = reached.get(place, 0.0) + chance * share
    return reached


def _smallest(alive: Mapping[int, float], allowed: float) -> tuple[int | None, float]:
    """Return the smallest lead beyond which at most ``allowed`` of the paths are, and how many these are."""
    bound, crossed = None, 0.0
    for lead in sorted({abs(lead) for lead in alive}, reverse=True):
        more = sum(alive.get(side, 0.0) for side in {lead, -lead})
        if not lead or crossed + more > allowed:
            break
        bound, crossed = lead, crossed + more
    return bound, crossed


@dataclass(frozen=True, slots=True)
class Standing:
    """What the looks so far say."""

    look: int
    """From 1."""
    better: str
    """``a``, ``b``, or empty while it is not clear."""
    hopeless: bool = False
    """No course of the remaining tasks can make it clear any more."""


def standing(looks: Sequence[Look], remaining: int, level: float = 0.05) -> Standing:
    """Say what the last of the looks shows.

    Args:
        looks: all looks so far, each but the last without a clear answer.
        remaining: tasks that are still to be done.
        level: the chance of a false alarm that one allows, over all looks.
    """
    last, bound = looks[-1], bounds(looks, level)[-1]
    lead = last.only_a - last.only_b
    if bound is not None and abs(lead) >= bound:
        return Standing(len(looks), "a" if lead > 0 else "b")
    return Standing(len(looks), "", hopeless=not _reachable(looks, remaining, level))


def _reachable(looks: Sequence[Look], remaining: int, level: float) -> bool:
    """Say whether the leading arm would be called better if it alone passed as many of the remaining as helps
    most."""
    if not remaining:
        return False
    last = looks[-1]
    high, low = max(last.only_a, last.only_b), min(last.only_a, last.only_b)
    end = Look(1.0, high + remaining, low)
    bound = bounds([*looks, end], level)[-1]
    return bound is not None and end.only_a - end.only_b >= bound


def e_value(only_a: int, only_b: int) -> float:
    """Return the evidence that one arm is better, which may be looked at after every task, for ever.

    2^(b + c)·B(1 + b, 1 + c), Robbins' mixture with a uniform prior; one stops at 1/level (Howard et al.
    2021, Annals of Statistics 49:1055-1080).
    """
    n = only_a + only_b
    return math.exp(n * math.log(2) - math.log(n + 1) - math.log(math.comb(n, only_a)))
