"""Selecting tasks and planning samples."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmbench.api import Outcome, Task, Usage
from llmbench.errors import BudgetError, UsageError
from llmbench.records.record import Record, SampleTiming, UsageTotal
from llmbench.runner.budget import BudgetMeter
from llmbench.runner.plan import out_of_tokens, pending, planned, select
from llmbench.runner.spec import Budget, Selection
from llmbench.runner.standing import Standing
from llmbench.testing.runs import MadeSample

NAMES = ("python/leap", "python/two_fer", "rust/leap", "HumanEval/3", "HumanEval/33")
TASKS = [Task(id=name, instructions="", starter={}, editable=("a",)) for name in NAMES]


def chosen(selection: Selection, seed: int = 0) -> list[str]:
    return [task.id for task in select(TASKS, selection, seed)]


def record(task: Task, sample: int, outcome: Outcome = Outcome.PASSED, tokens: int = 0) -> Record:
    return Record(
        task=task.id,
        sample=sample,
        outcome=outcome,
        score=0.0,
        tries=(),
        usage=UsageTotal(prompt_tokens=tokens),
        timing=SampleTiming(),
        task_digest=task.digest,
    )


@pytest.mark.parametrize(
    ("names", "found"),
    [
        (("leap",), ["python/leap", "rust/leap"]),
        (("python/leap",), ["python/leap"]),
        (("HumanEval/3",), ["HumanEval/3"]),
        (("3", "two_fer"), ["python/two_fer", "HumanEval/3"]),
        (("python/*",), ["python/leap", "python/two_fer"]),
    ],
)
def test_tasks_by_name(names: tuple[str, ...], found: list[str]) -> None:
    assert chosen(Selection(tasks=names)) == found


def test_a_filter_is_a_regular_expression() -> None:
    assert chosen(Selection(filter="^python/.*r$")) == ["python/two_fer"]


@pytest.mark.parametrize(
    ("selection", "words"),
    [
        (Selection(tasks=("leep",)), "no task 'leep'; did you mean 'leap'"),
        (Selection(filter="["), "expected a regular expression, got '\\['"),
        (Selection(filter="cobol"), "no task's id contains 'cobol'"),
    ],
)
def test_what_fits_nothing_is_named(selection: Selection, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        chosen(selection)


def standing(*records: Record) -> Standing:
    """Return where a run with these records stands."""
    found = Standing(Path("nowhere"), keeps_spent=True)
    for one in records:
        found.add(one)
    return found


@given(st.integers(1, 6), st.integers(1, 6), st.integers())
def test_a_larger_limit_keeps_what_a_smaller_one_chose(one: int, other: int, seed: int) -> None:
    small, large = sorted((one, other))
    few, many = chosen(Selection(limit=small), seed), chosen(Selection(limit=large), seed)
    assert set(few) <= set(many)
    assert len(few) == min(small, len(NAMES))
    assert many == [name for name in NAMES if name in many]


def test_seeds_draw_differently() -> None:
    assert len({tuple(chosen(Selection(limit=2), seed)) for seed in range(20)}) > 1


def test_all_tasks_come_before_second_samples() -> None:
    plan = [(item.task.id, item.sample) for item in pending(planned(TASKS[:2], 2, Selection()), standing())]
    assert plan == [("python/leap", 0), ("python/two_fer", 0), ("python/leap", 1), ("python/two_fer", 1)]


def test_only_graded_samples_of_unchanged_tasks_are_done() -> None:
    first, second, third = TASKS[:3]
    stale = Task(id=third.id, instructions="as it was", starter={}, editable=("a",))
    found = standing(record(first, 0), record(second, 0, Outcome.INFRA_ERROR), record(stale, 0))
    left = pending(planned(TASKS[:3], 1, Selection()), found)
    assert [item.task.id for item in left] == [second.id, third.id]


def test_budgets_count_what_earlier_commands_used() -> None:
    known = standing(record(TASKS[0], 0, tokens=60))
    meter = BudgetMeter(Budget(tokens=100), tokens=known.tokens)
    meter.check()
    meter.add(Usage(prompt_tokens=30, completion_tokens=10))
    with pytest.raises(BudgetError, match=r"budget\.tokens: 100 of 100 used"):
        meter.check()


def test_cost_and_hours() -> None:
    meter = BudgetMeter(Budget(cost_usd=0.5))
    meter.add(Usage(cost_usd=0.6))
    with pytest.raises(BudgetError, match=r"budget\.cost_usd"):
        meter.check()
    with pytest.raises(BudgetError, match=r"budget\.hours"):
        BudgetMeter(Budget(hours=1e-12)).check()
    BudgetMeter(Budget()).check()


def test_a_limit_of_the_agents_own_is_no_lack_of_tokens() -> None:
    task = Task(id="t", instructions="", starter={}, editable=("a",))
    made = MadeSample(task="t", outcome=Outcome.BUDGET_EXHAUSTED).record()
    spent = replace(made, task_digest=task.digest)
    ended = replace(spent, tries=(replace(spent.tries[0], notes={"cut_short": "budget_exhausted"}),))
    assert [item.task for item in out_of_tokens([(task, 0)], standing(spent))] == [task]
    assert list(out_of_tokens([(task, 0)], standing(ended))) == []
