"""Groups of tasks: a language's own score, tries, times and tokens."""

from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from scipy.stats import binomtest

from llmbench.api import Outcome
from llmbench.records.record import Record, SampleTiming, UsageTotal
from llmbench.report.groups import group_rows, groups_table
from llmbench.score.groups import groups_by_facts, groups_of
from llmbench.score.passk import Count, Interval, interval_95

PASSED, FAILED, INFRA = Outcome.PASSED, Outcome.FAILED, Outcome.INFRA_ERROR


@pytest.fixture
def record(make: Any) -> Callable[..., Record]:
    return make.record  # type: ignore[no-any-return]


def test_each_language_has_its_own_shares_by_try(record: Callable[..., Record]) -> None:
    records = [
        record("python/a", PASSED),
        record("python/b", FAILED, PASSED),
        record("python/c", FAILED, FAILED),
        record("rust/a", FAILED, FAILED),
    ]
    found = groups_of(records, tries=2)
    assert list(found) == ["python", "rust"]
    assert found["python"].by_try == (pytest.approx(1 / 3), pytest.approx(2 / 3))
    assert found["rust"].by_try == (0.0, 0.0)
    assert (found["python"].tasks, found["python"].graded) == (3, 3)
    # Wilson's on three tasks, and the exact one on a single task that did not pass.
    assert found["python"].interval_95 == interval_95([Count(1, 1), Count(1, 0), Count(1, 0)])
    assert found["rust"].interval_95 == Interval(0.0, pytest.approx(0.975))


def test_times_are_medians_and_tokens_add_up(record: Callable[..., Record]) -> None:
    took = [SampleTiming(generation_s=seconds, grading_s=1.0) for seconds in (1.0, 2.0, 60.0)]
    records = [record(f"go/{number}", timing=timing) for number, timing in enumerate(took)]
    found = groups_of([*records, record("cpp/a")], tries=1)
    assert found["go"].sample_s == 3.0
    assert found["go"].completion_tokens == 15


def test_what_was_not_graded_is_in_no_share(record: Callable[..., Record]) -> None:
    records = [record("go/a", PASSED), record("go/b", INFRA), record("cpp/a", INFRA)]
    found = groups_of(records, tries=1)
    assert found["go"].by_try == (1.0,)
    assert found["go"].graded == 1
    assert (found["cpp"].by_try, found["cpp"].interval_95) == ((), None)
    assert "none graded" in dict(group_rows(found))["· cpp"]


def test_tokens_that_one_completion_does_not_tell_are_not_told(record: Callable[..., Record]) -> None:
    unknown = record("go/a", usage=UsageTotal(completions=1))
    found = groups_of([unknown, record("go/b"), record("cpp/a")], tries=1)
    assert found["go"].completion_tokens is None
    assert "not measured" in groups_table(found)


@pytest.mark.parametrize("names", [("t0", "t1"), ("HumanEval/0", "HumanEval/1"), ()])
def test_there_is_no_table_of_one_group(record: Callable[..., Record], names: tuple[str, ...]) -> None:
    found = groups_of([record(name) for name in names], tries=1)
    assert found == {}
    assert groups_table(found) == ""


def test_the_table_has_a_column_a_try(record: Callable[..., Record]) -> None:
    records = [record("go/a", FAILED, PASSED), record("cpp/a", PASSED)]
    lines = groups_table(groups_of(records, tries=2)).splitlines()
    assert lines[0].split(" | ")[3:5] == ["pass@1", "within 2 tries"]
    assert "| cpp | 1 | 1 | 100.0 % | 100.0 % |" in lines[2]
    assert "| go | 1 | 1 | 0.0 % | 100.0 % |" in lines[3]


def test_groups_are_plain_data(record: Callable[..., Record]) -> None:
    found = groups_of([record("go/a"), record("cpp/a")], tries=1)
    assert msgspec.json.decode(msgspec.json.encode(found))["go"]["tasks"] == 1


ABOUT = {
    "go/a": {"difficulty": "hard", "kind": "repair", "tags": ["time", "text"]},
    "go/b": {"difficulty": "easy", "kind": "repair", "tags": ["time", "all"]},
    "rust/c": {"difficulty": "hard", "kind": "repair", "tags": ["text", "all", "time"]},
    "rust/d": {},
}


def test_tasks_are_grouped_by_what_is_said_of_them(record: Callable[..., Record]) -> None:
    records = [record("go/a", PASSED), record("go/b", PASSED), record("rust/c", FAILED), record("rust/d")]
    found = groups_by_facts(records, ABOUT, tries=1)
    # Of one kind only, there is nothing to compare.
    assert list(found) == ["difficulty", "tag"]
    assert list(found["difficulty"]) == ["easy", "hard"]
    assert found["difficulty"]["hard"].by_try == (0.5,)
    # Of tags, those of one task alone or of all say nothing.
    assert {name: group.tasks for name, group in found["tag"].items()} == {"all": 2, "text": 2, "time": 3}
    assert list(groups_by_facts(records[:3], ABOUT, tries=1)["tag"]) == ["all", "text"]
    assert groups_by_facts(records, {}, tries=1) == {}


def test_each_group_has_the_interval_of_its_own_tasks(record: Callable[..., Record]) -> None:
    records = [record(f"go/{n}", PASSED if n < 8 else FAILED) for n in range(10)]
    records += [record(f"cpp/{n}", PASSED) for n in range(3)]
    found = groups_of(records, tries=1)
    wilson, exact = binomtest(8, 10).proportion_ci(method="wilson"), binomtest(3, 3).proportion_ci()
    assert found["go"].interval_95 is not None
    assert found["cpp"].interval_95 is not None
    assert (found["go"].interval_95.low, found["go"].interval_95.high) == pytest.approx(
        (wilson.low, wilson.high)
    )
    assert (found["cpp"].interval_95.low, found["cpp"].interval_95.high) == pytest.approx((exact.low, 1.0))
    rows = dict(group_rows(found))
    assert rows["· go"] == "80.0 % [49.0–94.3] of 10 tasks"
    assert "| 80.0 % | 49.0–94.3 |" in groups_table(found)


def test_several_samples_a_task_do_not_narrow_what_they_agree_on(record: Callable[..., Record]) -> None:
    records = [
        record(f"go/{n}", PASSED if n < 8 else FAILED, sample=sample)
        for n in range(10)
        for sample in range(5)
    ]
    found = groups_of([*records, record("cpp/a", FAILED)], tries=1)["go"]
    assert found.interval_95 is not None
    assert found.interval_95.high - found.interval_95.low == pytest.approx(0.943 - 0.490, abs=0.05)
    assert dict(group_rows({"go": found}))["· go"].endswith("of 10 tasks, 50 samples")


def test_small_groups_are_said_to_be_wide(record: Callable[..., Record]) -> None:
    big = [record(f"go/{n}") for n in range(20)]
    small = [record(f"{name}/{n}") for name in ("cpp", "rust") for n in range(3)]
    assert "2 of 3 groups have fewer than 20 tasks" in groups_table(groups_of([*big, *small], tries=1))
    assert "each of 2 groups has fewer than 20 tasks" in dict(group_rows(groups_of(small, tries=1)))[""]
    other = [record(f"cpp/{n}") for n in range(20)]
    assert "fewer than" not in groups_table(groups_of([*big, *other], tries=1))
