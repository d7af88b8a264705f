"""The group-sequential sign test: spending, bounds by enumeration, false alarms."""

from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from llmbench.score.paired import mcnemar
from llmbench.score.sequential import LOOKS, Look, bounds, e_value, spent, standing

LEVEL = 0.05
STEPS = st.lists(st.integers(0, 6), min_size=2, max_size=3)


@pytest.mark.parametrize(
    ("share", "expected"),
    # As gsDesign's sfLDOF spends a two-sided level of 5 %.
    [(0.2, 0.0000117), (0.4, 0.0019419), (0.6, 0.0113964), (0.8, 0.0284296), (1.0, 0.05), (0.0, 0.0)],
)
def test_what_is_spent_has_known_values(share: float, expected: float) -> None:
    assert spent(share, LEVEL) == pytest.approx(expected, abs=5e-7)


@settings(max_examples=40, deadline=None)
@given(STEPS)
def test_no_more_paths_cross_the_bounds_than_may(steps: list[int]) -> None:
    """Every course of a fair coin is walked: bounds depend on the number of throws only."""
    looks = [Look((place + 1) / len(steps), sum(steps[: place + 1]), 0) for place in range(len(steps))]
    limits, crossed = bounds(looks, 0.4), [0] * len(steps)
    for course in product((1, -1), repeat=sum(steps)):
        for place, (look, limit) in enumerate(zip(looks, limits, strict=True)):
            lead = sum(course[: look.only_a + look.only_b])
            if limit is not None and abs(lead) >= limit:
                crossed[place] += 1
                break
    for place, look in enumerate(looks):
        assert sum(crossed[: place + 1]) / 2 ** sum(steps) <= spent(look.share, 0.4) + 1e-9


@given(st.integers(0, 40), st.integers(0, 40))
def test_one_look_at_the_end_is_the_exact_test(b: int, c: int) -> None:
    found = standing([Look(1.0, b, c)], remaining=0)
    assert bool(found.better) == (mcnemar(b, c).exact <= LEVEL)


def test_it_stops_early_where_it_is_clear_and_where_it_cannot_become_clear() -> None:
    assert standing([Look(0.4, 14, 0)], remaining=98).better == "a"
    assert standing([Look(0.4, 0, 14)], remaining=98).better == "b"
    assert standing([Look(0.4, 3, 2)], remaining=98) == standing([Look(0.4, 2, 3)], remaining=98)
    assert not standing([Look(0.4, 3, 2)], remaining=98).hopeless
    assert standing([Look(0.8, 9, 9)], remaining=3).hopeless


@pytest.mark.parametrize(("a", "b", "expected"), [(8, 0, 28.444), (1, 7, 3.5556), (0, 0, 1.0)])
def test_evidence_has_known_values(a: int, b: int, expected: float) -> None:
    assert e_value(a, b) == pytest.approx(expected, abs=1e-3)


def test_the_first_win_by_evidence_is_eight_to_none() -> None:
    assert next(n for n in range(1, 12) if e_value(n, 0) >= 1 / LEVEL) == 8


def test_looks_end_at_all_tasks() -> None:
    assert LOOKS[-1] == 1.0
    assert list(LOOKS) == sorted(LOOKS)
