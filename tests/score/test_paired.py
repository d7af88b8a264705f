"""Comparison of two arms, against published values and the libraries of the field."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.contingency_tables import mcnemar as statsmodels_mcnemar
from statsmodels.stats.multitest import multipletests

from llmbench.score.paired import (
    Pairs,
    holm,
    mcnemar,
    pairs_needed,
    probability_better,
    smallest_shown,
    tango,
)

CELLS = st.integers(0, 200)
SHARES = st.floats(0.01, 1.0)


@pytest.mark.parametrize(
    ("b", "c", "exact", "mid_p"),
    [
        (6, 0, 0.03125, 0.015625),
        (8, 1, 0.039063, 0.021484),
        (12, 4, 0.076813, 0.049042),
        (7, 1, 0.0703, 0.0391),
        (0, 0, 1.0, 1.0),
        (5, 5, 1.0, 1.0),
    ],
)
def test_mcnemar_has_known_values(b: int, c: int, exact: float, mid_p: float) -> None:
    found = mcnemar(b, c)
    assert found.exact == pytest.approx(exact, abs=5e-5)
    assert found.mid_p == pytest.approx(mid_p, abs=5e-5)


@given(CELLS, CELLS)
def test_mcnemar_agrees_with_statsmodels_and_scipy(b: int, c: int) -> None:
    found = mcnemar(b, c)
    if b + c:
        theirs = statsmodels_mcnemar([[0, b], [c, 0]], exact=True).pvalue
        assert found.exact == pytest.approx(theirs, abs=1e-12)
        assert found.mid_p == pytest.approx(
            2 * stats.binom.cdf(min(b, c), b + c, 0.5) - stats.binom.pmf(min(b, c), b + c, 0.5), abs=1e-12
        )
    assert found == mcnemar(c, b)
    assert 0 < found.mid_p <= found.exact <= 1


def test_mcnemar_stands_many_pairs() -> None:
    assert mcnemar(5_300, 4_700).exact == pytest.approx(stats.binomtest(4_700, 10_000).pvalue)


def test_counts_below_zero_are_refused() -> None:
    with pytest.raises(ValueError, match="expected counts"):
        mcnemar(-1, 2)


@pytest.mark.parametrize(
    ("cells", "low", "high"),
    [
        # As PropCIs::scoreci.mp and ratesci of R give them.
        ((1, 1, 7, 12), -0.5172, -0.0260),
        ((100, 20, 8, 36), 0.0106, 0.1399),
        ((150, 0, 0, 14), -0.0229, 0.0229),
    ],
)
def test_tango_has_known_values(cells: tuple[int, int, int, int], low: float, high: float) -> None:
    found = tango(Pairs(*cells))
    assert (round(found.low, 4), round(found.high, 4)) == (low, high)


@given(CELLS, CELLS, CELLS, CELLS)
def test_tangos_interval_holds_the_difference_and_mirrors(a: int, b: int, c: int, d: int) -> None:
    pairs, mirrored = Pairs(a, b, c, d), Pairs(a, c, b, d)
    found, other = tango(pairs), tango(mirrored)
    assert -1 <= found.low <= pairs.difference <= found.high <= 1
    assert (found.low, found.high) == pytest.approx((-other.high, -other.low), abs=1e-9)
    if pairs.total:
        assert found.low < found.high


@given(st.integers(0, 60), st.integers(0, 60), st.integers(1, 200))
def test_tango_and_mcnemars_score_test_agree_on_zero(b: int, c: int, rest: int) -> None:
    """The interval leaves 0 out exactly where the uncorrected score test rejects equality."""
    found = tango(Pairs(rest, b, c, 0))
    z = (b - c) / math.sqrt(b + c) if b + c else 0.0
    limit = stats.norm.ppf(0.975)
    if abs(abs(z) - limit) > 1e-6:
        assert (found.low > 0 or found.high < 0) == (abs(z) > limit)


@pytest.mark.parametrize(("a", "b", "expected"), [(7, 1, 0.98046875), (20, 10, 0.964622), (0, 0, 0.5)])
def test_the_probability_has_known_values(a: int, b: int, expected: float) -> None:
    assert probability_better(a, b) == pytest.approx(expected, abs=1e-6)


@given(CELLS, CELLS)
def test_the_probability_is_a_tail_of_beta(a: int, b: int) -> None:
    assert probability_better(a, b) == pytest.approx(stats.beta.sf(0.5, a + 1, b + 1), abs=1e-9)


def test_holm_has_known_values() -> None:
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])


@given(st.lists(st.floats(0, 1), min_size=1, max_size=12))
def test_holm_agrees_with_statsmodels(values: list[float]) -> None:
    assert holm(values) == pytest.approx(list(multipletests(values, method="holm")[1]))


@pytest.mark.parametrize(
    ("discordant", "difference", "expected"),
    [(0.2, 0.03, 1742), (0.2, 0.05, 626), (0.2, 0.10, 155), (0.1, 0.03, 870), (0.1, 0.05, 312)],
)
def test_the_number_of_pairs_has_known_values(discordant: float, difference: float, expected: int) -> None:
    assert pairs_needed(discordant, difference) == expected
    assert pairs_needed(discordant, -difference) == expected


@pytest.mark.parametrize(("discordant", "difference"), [(0.1, 0.0), (0.1, 0.2), (1.2, 0.1), (0.0, 0.0)])
def test_impossible_shares_are_refused(discordant: float, difference: float) -> None:
    with pytest.raises(ValueError, match="expected"):
        pairs_needed(discordant, difference)


@given(SHARES, st.integers(1, 5_000))
def test_the_smallest_difference_needs_these_pairs_and_a_smaller_one_more(share: float, pairs: int) -> None:
    found = smallest_shown(share, pairs)
    if found is None:
        assert pairs_needed(share, share) > pairs
    else:
        assert pairs_needed(share, found) <= pairs
        assert pairs_needed(share, found * 0.99) >= pairs


def test_164_tasks_cannot_show_three_points() -> None:
    found = smallest_shown(0.2, 164)
    assert found is not None
    assert round(found, 3) == 0.097
    assert smallest_shown(0.0, 164) is None
