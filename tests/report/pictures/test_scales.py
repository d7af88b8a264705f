"""Axes hold their values and name a few round ones."""

from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from llmbench.report.pictures.labels import text_width
from llmbench.report.pictures.scales import bins, scale, step_for
from llmbench.report.pictures.units import (
    DOLLARS,
    JOULES,
    MEGABYTES,
    SECONDS,
    named_ticks,
    short,
    tick_words,
    unit_for,
)

AMOUNTS = st.lists(
    st.one_of(st.integers(0, 10**9).map(float), st.floats(1e-6, 1e12), st.just(0.0)), min_size=1, max_size=30
)
SHARES = st.lists(st.floats(0, 1), min_size=1, max_size=30)


@given(AMOUNTS, st.integers(3, 8))
@example([0.0, 0.0], 5)
@example([7.0], 5)
@example([0.3, 0.1], 5)
@example([1.0, 51.0], 5)
@example([1e-6, 1e12], 5)
def test_an_axis_holds_all_values_and_begins_and_ends_at_a_tick(values: list[float], most: int) -> None:
    axis = scale(values, 40, 460, most=most)
    assert axis.low <= min(values) * (1 + 1e-9)
    assert axis.high >= max(values) * (1 - 1e-9)
    assert (axis.ticks[0], axis.ticks[-1]) == (axis.low, axis.high)
    assert list(axis.ticks) == sorted(set(axis.ticks))
    assert 2 <= len(axis.ticks) <= most + 5


@given(AMOUNTS)
def test_places_are_inside_and_in_the_order_of_the_values(values: list[float]) -> None:
    axis = scale(values, 40, 460)
    places = [axis.place(value) for value in sorted(values)]
    assert places == sorted(places)
    assert all(40 <= place <= 460 for place in places)


@given(AMOUNTS)
@example([0.5, 0.5000001])
def test_no_two_ticks_are_written_alike(values: list[float]) -> None:
    axis = scale(values, 0, 1)
    words = tick_words(axis)
    written = [words(tick) for tick in axis.ticks]
    assert len(set(written)) == len(written)


@given(AMOUNTS)
def test_words_of_ticks_do_not_touch_each_other(values: list[float]) -> None:
    named = [tick for tick in named_ticks(scale(values, 40, 460, most=7), 480) if tick.text]
    ends = [
        (tick.middle - text_width(tick.text) / 2, tick.middle + text_width(tick.text) / 2) for tick in named
    ]
    assert all(right < left for (_, right), (left, _) in pairwise(ends))
    assert ends[-1][1] <= 480 + 0.1


@given(SHARES)
@example([5e-324])
@example([0.0, 1e-310])
@example([0.0, 2e-308])
def test_an_axis_of_shares_stays_between_0_and_1(values: list[float]) -> None:
    axis = scale(values, 300, 20, share=True)
    assert not axis.is_log
    assert axis.low >= 0
    assert axis.high <= 1 + 1e-12
    assert axis.place(axis.low) == 300
    assert axis.place(axis.high) == 20


@pytest.mark.parametrize(
    ("values", "is_log"),
    [([1, 50], False), ([1, 51], True), ([0, 5000], False), ([3, 3], False), ([0.001, 900], True)],
)
def test_a_wide_range_is_drawn_by_its_logarithm_unless_it_holds_0(values: list[float], is_log: bool) -> None:
    assert scale(values, 0, 1).is_log is is_log


def test_a_value_beyond_the_axis_stands_at_its_end() -> None:
    axis = scale([10, 20], 100, 200)
    assert (axis.place(0), axis.place(1e9)) == (100, 200)


def test_what_is_no_number_does_not_move_an_axis() -> None:
    assert scale([1, 2, float("nan"), float("inf")], 0, 1) == scale([1, 2], 0, 1)


@pytest.mark.parametrize(
    ("span", "most", "step"), [(10, 5, 2.0), (11, 5, 5.0), (1, 5, 0.2), (300, 6, 50.0), (0.07, 4, 0.02)]
)
def test_steps_are_1_2_or_5_times_a_power_of_ten(span: float, most: int, step: float) -> None:
    factor, exponent = step_for(span, most)
    assert factor * 10.0**exponent == pytest.approx(step)


@given(AMOUNTS, st.integers(2, 20))
def test_every_value_is_in_a_bin(values: list[float], most: int) -> None:
    edges = bins(values, most)
    assert all(low < high for low, high in pairwise(edges))
    assert edges[0] <= min(values) * (1 + 1e-9)
    assert edges[-1] >= max(values) * (1 - 1e-9)
    assert len(edges) - 1 <= most + 5


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (0.00012345, "0.000123"),
        (1.5, "1.5"),
        (42.46, "42.5"),
        (99.96, "100"),
        (1234.5, "1\u202f234"),
        (1e12, "1e+12"),
    ],
)
def test_numbers_are_short(value: float, text: str) -> None:
    assert short(value) == text


def test_the_unit_suits_the_largest_value() -> None:
    assert unit_for(SECONDS, 0.5).name == "ms"
    assert unit_for(SECONDS, 100).name == "s"
    assert unit_for(SECONDS, 1000).name == "min"
    assert unit_for(MEGABYTES, 20_000).name == "GB"
    assert unit_for(JOULES, 900).name == "J"
    assert unit_for(DOLLARS, 0).name == "$"
