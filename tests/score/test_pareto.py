"""The Pareto front: what no other run dominates."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmbench.score.pareto import Point, pareto_front


def dominates(one: Point, other: Point) -> bool:
    better = one.gain > other.gain or one.price < other.price
    return one.gain >= other.gain and one.price <= other.price and better


@pytest.mark.parametrize(
    ("points", "front"),
    [
        ([], []),
        ([(0.5, 3)], [0]),
        ([(0.5, 3), (0.6, 2)], [1]),
        ([(0.5, 1), (0.6, 2), (0.55, 3)], [0, 1]),
        ([(0.5, 2), (0.7, 2)], [1]),  # at one price, the better one
        ([(0.5, 2), (0.5, 1)], [1]),  # as good, at the lower price
        ([(0.5, 2), (0.5, 2)], [0, 1]),  # equals do not dominate each other
        ([(0.9, -40), (0.8, -90), (0.7, -60)], [1, 0]),  # the price of speed is its negative
        ([(0.0, 0), (0.0, 0), (0.0, 1)], [0, 1]),
    ],
)
def test_constructed_cases(points: list[tuple[float, float]], front: list[int]) -> None:
    assert pareto_front([Point(*point) for point in points]) == front


@given(st.lists(st.builds(Point, st.integers(0, 6), st.integers(0, 6)), max_size=30))
def test_it_holds_exactly_what_nobody_dominates(points: list[Point]) -> None:
    undominated = {
        place for place, point in enumerate(points) if not any(dominates(other, point) for other in points)
    }
    front = pareto_front(points)
    assert set(front) == undominated
    assert [points[place].price for place in front] == sorted(points[place].price for place in front)
