"""Per-task rates of two arms, against scipy and by simulation."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from llmbench.score.rates import bootstrap_95, sign_flip_p

QUARTERS = st.lists(st.sampled_from([-1.0, -0.5, -0.25, 0.0, 0.0, 0.25, 0.5, 1.0]), min_size=2, max_size=40)
UNEVEN = [0.5, 0.25, 0.25, 0.0, 0.0, 0.75, -0.25, 0.5, 0.0, 0.25, 0.0, 0.5] * 8


def test_the_bootstrap_agrees_with_scipys() -> None:
    theirs = stats.bootstrap(
        (np.array(UNEVEN),), np.mean, method="percentile", n_resamples=9999, random_state=1
    ).confidence_interval
    found = bootstrap_95(UNEVEN)
    assert found is not None
    assert (found.low, found.high) == pytest.approx((theirs.low, theirs.high), abs=0.01)


def test_sign_flips_agree_with_scipys() -> None:
    few = [0.5, 0.25, -0.25, 0.5, 0.0, 0.75, 0.25, -0.5, 0.5, 0.25]
    theirs = stats.permutation_test(
        (np.array(few),), np.mean, permutation_type="samples", n_resamples=np.inf
    ).pvalue
    assert sign_flip_p(few) == pytest.approx(theirs, abs=0.03)


@settings(max_examples=30, deadline=None)
@given(QUARTERS)
def test_the_same_differences_give_the_same_figures(differences: list[float]) -> None:
    assert bootstrap_95(differences) == bootstrap_95(list(differences))
    mirrored = [-value for value in differences]
    assert sign_flip_p(differences) == sign_flip_p(list(differences))
    assert sign_flip_p(differences) == pytest.approx(sign_flip_p(mirrored), abs=0.05)


@settings(max_examples=30, deadline=None)
@given(QUARTERS)
def test_the_interval_is_around_the_mean(differences: list[float]) -> None:
    found = bootstrap_95(differences)
    assert found is not None
    assert found.low - 1e-9 <= sum(differences) / len(differences) <= found.high + 1e-9


def test_one_task_has_no_interval_and_nothing_told_apart_is_no_evidence() -> None:
    assert bootstrap_95([0.5]) is None
    assert sign_flip_p([0.0, 0.0, 0.0]) == 1.0
    assert sign_flip_p([0.5] * 30) < 0.001
