"""Pareto front: the runs that no other one dominates."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Point:
    """Two figures of one run."""

    gain: float
    """More is better."""
    price: float
    """Less is better; of what is better when there is more of it, the negative."""


def pareto_front(points: Sequence[Point]) -> list[int]:
    """Return the places of the points that are not dominated, from the lowest price to the highest.

    A point is dominated where another one is as good in both figures and better in one. Points that are
    equal do not dominate each other. Sorted once: O(n log n).
    """
    order = sorted(range(len(points)), key=lambda place: (points[place].price, -points[place].gain))
    front: list[int] = []
    for place in order:
        last = points[front[-1]] if front else None
        if last is None or points[place].gain > last.gain or points[place] == last:
            front.append(place)
    return front
