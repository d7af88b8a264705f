"""pass@k and its interval, against published values, enumeration and simulation."""

import random
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest, sem

from llmbench.score.passk import Count, clopper_pearson_end, interval_95, mean_pass_at_k, pass_at_k, wilson

COUNTS = st.integers(1, 8).flatmap(lambda n: st.builds(Count, st.just(n), st.integers(0, n)))


@pytest.mark.parametrize(
    ("n", "passed", "k", "expected"),
    [
        (10, 3, 5, 0.916667),
        (200, 1, 100, 0.5),
        (1, 1, 1, 1.0),
        (1, 0, 1, 0.0),
        (5, 2, 1, 0.4),
        (5, 2, 2, 0.7),
        (5, 2, 4, 1.0),
        (200, 10, 100, 0.9992),
    ],
)
def test_known_values(n: int, passed: int, k: int, expected: float) -> None:
    assert pass_at_k(n, passed, k) == pytest.approx(expected, abs=1e-4)


@given(COUNTS, st.data())
def test_it_is_the_share_of_draws_with_a_pass(count: Count, data: st.DataObject) -> None:
    k = data.draw(st.integers(1, count.n))
    draws = list(combinations([True] * count.passed + [False] * (count.n - count.passed), k))
    assert pass_at_k(count.n, count.passed, k) == pytest.approx(sum(map(any, draws)) / len(draws))


@pytest.mark.parametrize(("n", "passed", "k"), [(3, 1, 4), (3, 4, 1), (3, -1, 1), (3, 1, 0)])
def test_impossible_counts_are_refused(n: int, passed: int, k: int) -> None:
    with pytest.raises(ValueError, match="expected"):
        pass_at_k(n, passed, k)


def test_the_mean_leaves_out_tasks_with_too_few_samples() -> None:
    counts = [Count(4, 2), Count(1, 1), Count(0, 0)]
    assert mean_pass_at_k(counts, 1) == pytest.approx(0.75)
    assert mean_pass_at_k(counts, 2) == pytest.approx(pass_at_k(4, 2, 2))
    assert mean_pass_at_k(counts, 5) is None


@pytest.mark.parametrize(
    ("passed", "n", "low", "high"),
    [
        (15, 148, 0.0624, 0.1605),  # Newcombe 1998, Statistics in Medicine 17, table I, method 3
        (81, 263, 0.2553, 0.3662),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_wilson_agrees_with_published_intervals(passed: int, n: int, low: float, high: float) -> None:
    found = wilson(passed / n, n)
    assert (round(found.low, 4), round(found.high, 4)) == (low, high)


@given(st.lists(COUNTS, min_size=1, max_size=30))
def test_the_interval_holds_the_score_and_stays_within_0_and_1(counts: list[Count]) -> None:
    found = interval_95(counts)
    mean = mean_pass_at_k(counts, 1)
    assert found is not None
    assert mean is not None
    assert 0.0 <= found.low <= mean + 1e-12
    assert mean - 1e-12 <= found.high <= 1.0


@given(st.lists(COUNTS, min_size=2, max_size=20), st.randoms())
def test_the_order_of_tasks_does_not_matter(counts: list[Count], shuffler: random.Random) -> None:
    shuffled = list(counts)
    shuffler.shuffle(shuffled)
    one, other = interval_95(counts), interval_95(shuffled)
    assert one is not None
    assert other is not None
    assert (one.low, one.high) == pytest.approx((other.low, other.high))


def test_one_sample_a_task_gives_wilsons_own_interval() -> None:
    assert interval_95([Count(1, 1)] * 8 + [Count(1, 0)] * 2) == wilson(0.8, 10)


def test_nothing_graded_has_no_interval() -> None:
    assert interval_95([]) is None
    assert interval_95([Count(0, 0)]) is None


def test_samples_that_agree_within_a_task_tell_no_more_than_one() -> None:
    alike = interval_95([Count(10, 10)] * 8 + [Count(10, 0)] * 2)
    single = interval_95([Count(1, 1)] * 8 + [Count(1, 0)] * 2)
    assert alike is not None
    assert single is not None
    assert (alike.low, alike.high) == pytest.approx((single.low, single.high), abs=0.02)


@pytest.mark.parametrize(
    ("tasks", "samples", "spread"), [(40, 5, 0.3), (40, 1, 0.3), (25, 4, 2.0), (100, 3, 0.1)]
)
def test_the_interval_covers_the_truth_about_19_times_in_20(tasks: int, samples: int, spread: float) -> None:
    """Tasks are drawn from a Beta distribution (mean 0.7), samples from each task's own rate."""
    chance = random.Random(f"{tasks}-{samples}-{spread}")  # noqa: S311 - a simulation
    covered, rounds = 0, 600
    for _ in range(rounds):
        rates = [chance.betavariate(0.7 * spread, 0.3 * spread) for _ in range(tasks)]
        counts = [Count(samples, sum(chance.random() < rate for _ in range(samples))) for rate in rates]
        found = interval_95(counts)
        assert found is not None
        covered += found.low <= 0.7 <= found.high
    assert 0.92 <= covered / rounds <= 0.985


@given(st.lists(COUNTS, min_size=1, max_size=30), st.integers(1, 4))
def test_the_interval_of_pass_at_k_holds_it(counts: list[Count], k: int) -> None:
    found, mean = interval_95(counts, k), mean_pass_at_k(counts, k)
    assert (found is None) == (mean is None)
    if found is not None and mean is not None:
        assert 0.0 <= found.low <= mean + 1e-12
        assert mean - 1e-12 <= found.high <= 1.0


def test_pass_at_k_is_never_a_binomial_on_all_samples() -> None:
    """Ten samples that always agree tell of a task what one does: the interval is that of the tasks."""
    alike = [Count(10, 10)] * 6 + [Count(10, 0)] * 4
    found, tasks = interval_95(alike, 5), binomtest(6, 10).proportion_ci(method="wilson")
    assert found is not None
    assert (found.low, found.high) == pytest.approx((tasks.low, tasks.high), abs=0.02)


def test_with_many_tasks_it_is_the_spread_over_tasks_divided_by_their_number() -> None:
    chance = random.Random(5)  # noqa: S311 - a simulation
    counts = [Count(8, sum(chance.random() < 0.3 for _ in range(8))) for _ in range(500)]
    values = [pass_at_k(count.n, count.passed, 4) for count in counts]
    found = interval_95(counts, 4)
    assert found is not None
    assert (found.high - found.low) / 2 == pytest.approx(1.959964 * sem(values), rel=0.02)


@pytest.mark.parametrize("n", [1, 5, 20, 164])
def test_where_all_or_none_pass_it_is_the_exact_interval(n: int) -> None:
    none, every = binomtest(0, n).proportion_ci(), binomtest(n, n).proportion_ci()
    assert interval_95([Count(4, 0)] * n, 2) == clopper_pearson_end(False, n)
    assert clopper_pearson_end(False, n).high == pytest.approx(none.high)
    assert clopper_pearson_end(True, n).low == pytest.approx(every.low)


@pytest.mark.parametrize(
    ("tasks", "samples", "k", "spread"), [(40, 4, 2, 2.0), (60, 8, 4, 0.5), (100, 4, 4, 1.0)]
)
def test_the_interval_of_pass_at_k_covers_the_truth(tasks: int, samples: int, k: int, spread: float) -> None:
    """Tasks are drawn from a Beta distribution (mean 0.4); what k samples of them hold follows exactly."""
    a, b = 0.4 * spread, 0.6 * spread
    missed = 1.0
    for step in range(k):
        missed *= (b + step) / (a + b + step)
    chance = random.Random(f"{tasks}-{samples}-{k}")  # noqa: S311 - a simulation
    covered, rounds = 0, 600
    for _ in range(rounds):
        rates = [chance.betavariate(a, b) for _ in range(tasks)]
        counts = [Count(samples, sum(chance.random() < rate for _ in range(samples))) for rate in rates]
        found = interval_95(counts, k)
        assert found is not None
        covered += found.low <= 1 - missed <= found.high
    assert 0.92 <= covered / rounds <= 0.985
