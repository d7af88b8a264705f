"""How a figure of samples is spread."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmbench.score.spread import Spread, spread


@pytest.mark.parametrize(
    ("values", "found"),
    [
        ([7.0], Spread(1, 7, 7, 7, 7)),
        ([4.0, 1.0], Spread(2, 1, 2.5, 4, 4)),
        (list(range(1, 11)), Spread(10, 1, 5.5, 9, 10)),
        (list(range(1, 12)), Spread(11, 1, 6, 10, 11)),
        ([3.0, math.nan, math.inf, 5.0], Spread(2, 3, 4, 5, 5)),
    ],
)
def test_constructed_cases(values: list[float], found: Spread) -> None:
    assert spread(values) == found


def test_of_nothing_nothing_is_known() -> None:
    assert spread([math.nan]) is None


@given(st.lists(st.integers(0, 1000), min_size=1, max_size=200))
def test_nine_in_ten_do_not_exceed_the_90th_percentile(values: list[int]) -> None:
    found = spread(values)
    assert found is not None
    assert 10 * sum(value <= found.p90 for value in values) >= 9 * len(values)
    assert 10 * sum(value < found.p90 for value in values) < 9 * len(values)
