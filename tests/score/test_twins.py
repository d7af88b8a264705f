"""Originals against twins: paired by task, with an interval that is that of the literature."""

from dataclasses import replace
from typing import Any

import pytest

from llmbench.api import Outcome
from llmbench.records.manifest import Manifest, Plan
from llmbench.score.paired import Pairs, tango
from llmbench.score.passk import Interval
from llmbench.score.rates import bootstrap_95
from llmbench.score.trust import Level, twin_tasks
from llmbench.score.twins import Gap, are_twins, difference_interval, gap_finding, twin_gap

PASSED, FAILED = Outcome.PASSED, Outcome.FAILED


def test_several_samples_a_task_give_an_interval_over_tasks() -> None:
    pairs = [(1.0, 0.5), (0.5, 0.5), (1.0, 0.0), (0.0, 0.0), (0.5, 0.0)] * 8
    found = difference_interval(pairs)
    assert found == bootstrap_95([one - other for one, other in pairs])
    assert difference_interval([(0.5, 0.25)]) == Interval(-1.0, 1.0)


def run(
    make: Any, twin: int, *outcomes: Outcome, digest: str = "d", **config: object
) -> tuple[Manifest, list[Any]]:
    tasks = tuple(f"t{number}" for number in range(len(outcomes)))
    manifest = make.manifest(tasks=len(tasks))
    plan = Plan(tasks=tasks, digests=(digest,) * len(tasks), samples=1, tries=1)
    settings = {"dataset": {"name": "catalog", "twin": twin}, "samples": 1, **config}
    records = [
        make.record(task, outcome, task_digest=digest) for task, outcome in zip(tasks, outcomes, strict=True)
    ]
    return replace(manifest, plan=plan, config=settings, run_id=f"run{twin}"), records


def gap_of(make: Any, original: list[Outcome], twin: list[Outcome]) -> Gap | None:
    return twin_gap(*run(make, 0, *original), *run(make, 2, *twin, digest="e"))


def test_the_gap_is_that_of_tasks_graded_in_both(make: Any) -> None:
    original = [PASSED] * 14 + [FAILED, Outcome.INFRA_ERROR]
    gap = gap_of(make, original, [FAILED] * 11 + [PASSED] * 5)
    assert gap is not None
    assert (gap.tasks, gap.alike, gap.twin, gap.original_run, gap.twin_run) == (15, 0, 2, "run0", "run2")
    assert (gap.original_pass_at_1, gap.twin_pass_at_1) == (pytest.approx(14 / 15), pytest.approx(4 / 15))
    assert gap.gap == pytest.approx(10 / 15)
    assert gap.interval_95 == tango(Pairs(3, 11, 1, 0))
    finding = gap_finding(gap)
    assert finding.level is Level.AMBER
    assert "gap +66.7 points" in finding.text


def test_a_gap_that_may_be_chance_is_no_caution(make: Any) -> None:
    gap = gap_of(make, [PASSED, PASSED, FAILED], [PASSED, FAILED, FAILED])
    assert gap is not None
    assert gap_finding(gap).level is Level.GREEN


def test_tasks_that_are_the_same_in_both_are_left_out(make: Any) -> None:
    original, records = run(make, 0, PASSED, PASSED)
    twin, twin_records = run(make, 1, PASSED, FAILED, digest="d")
    assert twin_gap(original, records, twin, twin_records) is None
    half = replace(twin, plan=replace(twin.plan, digests=("d", "e")))
    gap = twin_gap(original, records, half, twin_records)
    assert gap is not None
    assert (gap.tasks, gap.alike, gap.gap) == (1, 1, 1.0)


def test_only_runs_that_ask_in_the_same_way_are_a_pair(make: Any) -> None:
    original, twin = run(make, 0, PASSED)[0], run(make, 1, PASSED)[0]
    assert are_twins(original, twin)
    assert not are_twins(twin, original)
    assert not are_twins(original, original)
    assert not are_twins(original, run(make, 1, PASSED, sampling={"temperature": 1})[0])
    assert not are_twins(original, replace(twin, names={**twin.names, "model": "another"}))
    assert not are_twins(
        original, replace(twin, config={**twin.config, "dataset": {"name": "other", "twin": 1}})
    )


def test_a_run_of_twins_says_which_tasks_are_none(make: Any) -> None:
    twin, records = run(make, 1, PASSED, PASSED, PASSED)
    about = ({"renamed": {"a": "b"}}, {"renamed": {}}, {"renamed": {"a": "b"}})
    twin = replace(twin, plan=replace(twin.plan, about=about))
    finding = twin_tasks(twin, records, 3)
    assert finding is not None
    assert (finding.level, finding.text) == (
        Level.GREEN,
        "2 of 3 tasks have other names; as the original asks them: t1",
    )
    none = replace(twin, plan=replace(twin.plan, about=({}, {}, {})))
    assert getattr(twin_tasks(none, records, 3), "level", None) is Level.AMBER
    assert twin_tasks(run(make, 0, PASSED)[0], records, 3) is None
