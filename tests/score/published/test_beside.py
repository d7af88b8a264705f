"""One's own score beside a published one: in the same metric, with one's own interval, shifted."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from llmbench.records.record import Record
from llmbench.report.published import in_words, published_rows
from llmbench.score.passk import wilson
from llmbench.score.published import Beside, foremost, published
from llmbench.score.summary import summarize

Found = Callable[..., list[Beside]]
NEXT = {"name": "qwen3-coder-next", "sources": {"default": {"repo": "Qwen/Qwen3-Coder-Next"}}}


def test_the_quantized_model_against_its_full_precision(found: Found) -> None:
    [beside] = found(145, model=NEXT, server={"quantization": "Q4_K_M"})
    assert beside.own == pytest.approx(145 / 164)
    assert beside.difference == pytest.approx(145 / 164 - 0.941)
    interval = wilson(145 / 164, 164)
    assert beside.difference_95 is not None
    assert beside.difference_95.low == pytest.approx(interval.low - 0.941)
    assert beside.difference_95.high == pytest.approx(interval.high - 0.941)
    assert in_words(beside) == (
        "94.1 % at FP16 (model card of Qwen/Qwen3-Coder-Next, 2026-02, at second hand); here at Q4_K_M "
        "-5.7 points to the full precision, 95 % interval -11.5 to -1.6, the published figure outside; "
        "no whole number of 164 tasks: a mean of several runs, or of another release; "
        "not told there: sampler, way of asking"
    )
    [better] = found(152, model=NEXT)
    assert (
        "here -1.4 points to the full precision, 95 % interval -6.5 to +1.7, the published figure inside"
        in (in_words(better))
    )


def test_each_metric_is_held_against_ones_own(found: Found) -> None:
    by_metric = {beside.metric: beside for beside in found(100) if beside.source == "EvalPlus leaderboard"}
    assert by_metric["pass@1"].own == pytest.approx(100 / 164)
    assert by_metric["pass@1 of base tests"].own == pytest.approx((100 + 32) / 164)
    assert by_metric["pass@1 of base tests"].share == 0.921


def test_where_tests_have_no_parts_there_is_no_base_score(run: Any) -> None:
    manifest, records = run()
    bare = [_without_parts(record) for record in records]
    by_metric = {beside.metric: beside for beside in published(manifest, bare)}
    assert by_metric["pass@1 of base tests"].own is None
    assert by_metric["pass@1"].own == pytest.approx(140 / 164)


def _without_parts(record: Record) -> Record:
    return replace(record, tries=tuple(replace(done, details={}) for done in record.tries))


def test_reports_show_what_can_be_compared_or_what_comes_nearest(found: Found) -> None:
    rows = [value for _, value in published_rows(found(140))]
    assert len(rows) == 4, "of each metric the board's figure and the report's"
    assert [value[:6] for value in rows] == ["87.2 %", "87.2 %", "pass@1", "pass@1"]
    warm = [value for _, value in published_rows(found(140, sampling={"temperature": 0.8}))]
    assert warm[1].startswith("pass@1 of base tests: 92.7 % (Qwen2.5-Coder technical report"), (
        "told no sampler"
    )
    [near] = [
        value
        for _, value in published_rows(
            found(140, model={"name": "WizardLM/WizardCoder-33B-V1.1"}, sampling={"temperature": 0.8})
        )
        if value.startswith("73.2 %")
    ]
    assert near == (
        "73.2 % (EvalPlus leaderboard, 2024-12-26); not comparable: greedy there, temperature 0.8 here "
        "(preset=evalplus-compat comes nearest)"
    )


def test_the_summary_names_the_foremost_that_is_comparable(run: Any) -> None:
    manifest, records = run()
    summary = summarize(manifest, {record.key: record for record in records})
    assert summary.published is not None
    assert summary.published == foremost(summary.published_figures)
    assert (summary.published.source, summary.published.pass_at_1) == ("EvalPlus leaderboard", 0.872)
    manifest, records = run(tasks=5)
    part = summarize(manifest, {record.key: record for record in records})
    assert part.published is None
    assert {text for beside in part.published_figures for text in beside.differs} == {
        "164 tasks there, 5 here"
    }


def test_no_figure_stands_beside_a_number_that_is_not_believed(run: Any) -> None:
    manifest, records = run()
    broken = replace(manifest, self_test=None)
    assert summarize(broken, {record.key: record for record in records}).published_figures == ()
