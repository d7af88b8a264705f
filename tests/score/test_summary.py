"""The summary is a pure function of manifest and journal: what counts, what does not, what is unknown."""

import re
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from llmbench.api import Outcome, SelfTest
from llmbench.records.manifest import Session
from llmbench.records.record import Record, SampleTiming, UsageTotal
from llmbench.report.facts import facts
from llmbench.report.repeats import agreement_text
from llmbench.score.summary import Summary, score_of, summarize

P, F, B = Outcome.PASSED, Outcome.FAILED, Outcome.BUDGET_EXHAUSTED


def summary_of(make: Any, records: list[Record], **manifest: Any) -> Summary:
    manifest.setdefault("tasks", len({record.task for record in records}))
    return summarize(make.manifest(**manifest), {record.key: record for record in records})


def test_infra_errors_and_skipped_samples_are_outside_the_denominator(make: Any) -> None:
    outcomes = (P, F, Outcome.INFRA_ERROR, Outcome.SKIPPED)
    found = summary_of(make, [make.record(f"t{n}", outcome) for n, outcome in enumerate(outcomes)], tasks=5)
    assert (found.graded, found.planned) == (2, 5)
    assert found.score.pass_at_1 == 0.5
    assert found.outcomes == {"passed": 1, "failed": 1, "infra_error": 1, "skipped": 1, "not run": 1}


def test_the_bounds_are_those_of_the_samples_that_a_limit_ended(make: Any) -> None:
    outcomes = (P, P, F, B, Outcome.TIMEOUT, Outcome.TAMPERED)
    found = summary_of(make, [make.record(f"t{n}", outcome) for n, outcome in enumerate(outcomes)])
    assert found.score.bounds is not None
    assert (found.score.bounds.low, found.score.bounds.high) == pytest.approx((2 / 6, 4 / 6))
    assert found.score.censored == 2


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(outcomes=st.lists(st.sampled_from(list(Outcome)), min_size=1, max_size=30))
def test_the_bounds_hold_the_score(make: Any, outcomes: list[Outcome]) -> None:
    found = summary_of(make, [make.record(f"t{n}", outcome) for n, outcome in enumerate(outcomes)])
    assert found.graded == sum(outcome.graded for outcome in outcomes)
    assert sum(found.outcomes.values()) == found.planned
    if found.score.pass_at_1 is None:
        assert found.graded == 0
        return
    assert found.score.bounds is not None
    assert found.score.bounds.low <= found.score.pass_at_1 <= found.score.bounds.high
    assert (found.score.bounds.low == found.score.bounds.high) is (found.score.censored == 0)


def test_a_pass_at_the_second_try_is_no_pass_at_1(make: Any) -> None:
    found = summary_of(make, [make.record("t0", F, P), make.record("t1", P)], tries=2)
    assert found.score.pass_at_1 == 0.5
    assert found.score.by_try == (0.5, 1.0)


def test_several_samples_give_pass_at_k(make: Any) -> None:
    records = [make.record("t0", P if n == 0 else F, sample=n) for n in range(4)]
    found = summary_of(make, records, samples=4)
    assert found.score.pass_at_1 == 0.25
    assert found.score.pass_at_k == pytest.approx({"2": 0.5, "4": 1.0})


@pytest.mark.parametrize(
    "self_test", [None, SelfTest(passed=False, checked=("t0",), problems=("t0: the reference failed",))]
)
def test_there_is_no_score_without_a_passed_self_test(make: Any, self_test: SelfTest | None) -> None:
    found = summary_of(make, [make.record()], self_test=self_test)
    assert found.score.pass_at_1 is None
    assert found.score.interval_95 is None
    assert found.score.by_try == ()
    assert found.graded == 1


def test_records_outside_the_plan_or_of_changed_tasks_do_not_count(make: Any) -> None:
    records = [make.record("t0"), make.record("t0", sample=1), make.record("elsewhere")]
    found = summary_of(make, [*records, make.record("t1", task_digest="older")], tasks=2)
    assert (found.graded, found.planned) == (1, 2)
    assert found.outcomes == {"passed": 1, "not run": 1}


def test_a_total_is_unknown_where_a_part_is(make: Any) -> None:
    unknown = make.record("t1", usage=UsageTotal(completions=1, prompt_tokens=10))
    found = summary_of(make, [make.record("t0"), unknown])
    assert found.prompt_tokens == 20
    assert found.completion_tokens is None
    assert found.cost_usd is None


def test_samples_without_a_completion_do_not_make_a_total_unknown(make: Any) -> None:
    broken = make.record("t1", Outcome.INFRA_ERROR, usage=UsageTotal())
    assert summary_of(make, [make.record("t0"), broken]).completion_tokens == 5


def test_speeds_are_medians_of_what_is_known(make: Any) -> None:
    speeds = (10.0, 20.0, 90.0, None)
    records = [
        make.record(f"t{n}", timing=SampleTiming(decode_tokens_per_s=speed)) for n, speed in enumerate(speeds)
    ]
    found = summary_of(make, records)
    assert found.speed.decode_tokens_per_s == 20.0
    assert summary_of(make, records[:2]).speed.decode_tokens_per_s == 15.0
    assert found.speed.ttft_s is None


def test_wall_time_adds_up_sessions_and_a_killed_one_lasts_to_its_last_sample(make: Any) -> None:
    def at(minute: int) -> str:
        return f"2026-03-01T20:{minute:02}:00.000+00:00"

    sessions = (Session(started=at(0)), Session(started=at(30), ended=at(34)), Session(started=at(50)))
    times = (at(2), at(5), at(31))
    records = [make.record(f"t{n}", timing=SampleTiming(finished_at=time)) for n, time in enumerate(times)]
    assert summary_of(make, records, sessions=sessions).wall_s == (5 + 4 + 0) * 60


def test_parts_have_scores_of_their_own(make: Any) -> None:
    def graded(task: str, outcome: Outcome, parts: dict[str, str] | None) -> Record:
        record: Record = make.record(task, outcome)
        details = {} if parts is None else {"parts": parts}
        return replace(record, tries=(replace(record.tries[0], details=details),))

    records = [
        graded("t0", Outcome.PASSED, {"base": "pass", "plus": "pass"}),
        graded("t1", Outcome.FAILED, {"base": "pass", "plus": "fail"}),
        graded("t2", Outcome.FAILED, {"base": "fail", "plus": "not run"}),
        graded("t3", Outcome.BUDGET_EXHAUSTED, None),
    ]
    assert score_of(records, 1, 1).parts == {"base": 0.5, "plus": 0.25}
    assert score_of([make.record("t0")], 1, 1).parts == {}


def test_the_composite_is_a_mean_over_tasks_in_which_nothing_counts_as_nothing(make: Any) -> None:
    def graded(task: str, sample: int, composite: float | None) -> Record:
        record: Record = make.record(task, Outcome.FAILED, sample=sample)
        details = {} if composite is None else {"composite": composite}
        return replace(record, tries=(replace(record.tries[0], details=details),))

    records = [graded("t0", 0, 10.0), graded("t0", 1, 4.0), graded("t1", 0, None)]
    assert score_of(records, 1, 1).composite == 3.5
    assert score_of([make.record("t0")], 1, 1).composite is None


def answered(record: Record, sample: int, digest: str) -> Record:
    return replace(record, sample=sample, tries=(replace(record.tries[0], answer_digest=digest),))


def test_agreement_is_measured_over_pairs_of_repeats(make: Any) -> None:
    a, b = make.record("a", P), make.record("b", F)
    records = [answered(a, number, digest) for number, digest in enumerate("xxy")]
    records += [answered(b, number, "z") for number in range(2)]
    assert score_of(records, 3, 1).agreement == pytest.approx((1 / 3 + 1) / 2)
    assert score_of(records[:1], 1, 1).agreement is None
    assert score_of([replace(record, sample=n) for n, record in enumerate((a, a))], 2, 1).agreement is None


def test_repeats_agree_in_their_outcomes_more_often_than_to_the_letter(make: Any) -> None:
    passed, failed = make.record("a", P), make.record("a", F)
    records = [answered(passed, 0, "x"), answered(passed, 1, "y"), answered(failed, 2, "z")]
    records += [answered(make.record("b", F), number, "w") for number in range(2)]
    score = score_of(records, 3, 1)
    assert score.outcomes_agree == pytest.approx((1 / 3 + 1) / 2)
    assert score.agreement == pytest.approx((0 + 1) / 2)
    assert agreement_text(score) == (
        "50.0 % of repeated answers are the same to the letter, 66.7 % of outcomes are the same"
    )
    same = score_of(records[3:], 2, 1)
    assert "100.0 % of repeated answers are the same to the letter and count as one" in agreement_text(same)
    assert agreement_text(score_of(records[:1], 1, 1)) == ""


def test_pass_at_k_stands_with_its_interval_over_tasks(make: Any) -> None:
    records = [make.record(f"t{n}", P if n < 8 else F, sample=k) for n in range(10) for k in range(4)]
    found = summary_of(make, records, samples=4)
    assert found.score.pass_at_k == pytest.approx({"2": 0.8, "4": 0.8})
    narrow = found.score.pass_at_k_95["4"]
    assert (narrow.low, narrow.high) == pytest.approx((0.490, 0.943), abs=0.02), "forty samples of ten tasks"
    shown = {fact.label: fact.value for fact in facts(found)}
    assert re.fullmatch(r"80\.0 % \[\d+\.\d–9\d\.\d\], 95 % interval", shown["pass@4"])


def test_a_published_score_stands_beside_ones_own(make: Any) -> None:
    def summary(reference: Any, **dataset: Any) -> Summary:
        records = [make.record("t0"), make.record("t1", F)]
        manifest = replace(
            make.manifest(tasks=2, dataset=dataset),
            config={"model": {"reference": reference}},
            names={"dataset": "humanevalplus"},
        )
        return summarize(manifest, {record.key: record for record in records})

    figure = {"pass_at_1": 0.841, "source": "a report", "date": "2024-11"}
    known = summary({"humanevalplus": figure}).published
    assert known is not None
    assert (known.pass_at_1, known.source, known.date) == (0.841, "a report", "2024-11")
    shown = {fact.label: fact.value for fact in facts(summary({"humanevalplus": figure}))}
    assert shown["published"] == (
        "84.1 % (a report, 2024-11); here -34.1 points, 95 % interval -74.6 to +6.4, the published figure "
        "inside; not told there: sampler, way of asking, precision of the weights"
    )
    for none in ({}, {"humanevalplus": None}, None, {"exercism": figure}, {"humanevalplus": {"source": "x"}}):
        assert summary(none).published is None
    assert summary({"humanevalplus": figure}, tests_shown=True).published is None, "of another kind"


def test_pass_at_k_says_how_many_tasks_it_leaves_out(make: Any) -> None:
    records = [make.record(f"t{n}", P, sample=k) for n in range(4) for k in range(4 if n else 3)]
    score = summary_of(make, records, samples=4)
    assert score.score.pass_at_k_without == {"4": 1}
    shown = {fact.label: fact.value for fact in facts(score)}
    assert shown["pass@4"].endswith("; without 1 task of fewer than 4 graded samples")
    assert "without" not in shown["pass@2"]
