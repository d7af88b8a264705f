"""A part of a dataset that stands for the whole, and fits into some hours."""

import random
from collections import Counter
from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st

from llmbench.api import Task
from llmbench.runner.plan import Item
from llmbench.runner.subset import TRIAL, evenly, strata, within

TASKS = [
    Task(
        id=f"{language}/{number}",
        instructions="",
        starter={},
        editable=("x.py",),
        about={"difficulty": "hard" if number % 4 == 0 else "easy"},
    )
    for language, count in (("python", 80), ("go", 40), ("rust", 40))
    for number in range(count)
]


@dataclass
class Known:
    """Foresees so many samples in an hour."""

    an_hour: int | None

    def told(self, samples: int) -> str:
        return ""

    def fitting(self, hours: float, samples: int) -> int | None:
        return None if self.an_hour is None else min(int(hours * self.an_hour), samples)

    def look_again(self) -> None: ...

    def error_bar(self, tasks: int) -> str:
        return f"±{tasks} points"


def test_each_stratum_has_its_share() -> None:
    assert strata(TASKS) == 6
    drawn = Counter(task.id.split("/")[0] for task in evenly(TASKS, 40, 0))
    assert drawn == {"python": 20, "go": 10, "rust": 10}
    hard = sum(task.about["difficulty"] == "hard" for task in evenly(TASKS, 40, 0))
    assert abs(hard - 10) <= 2


@given(count=st.integers(0, 170), more=st.integers(0, 20), seed=st.integers(0, 9))
def test_more_keep_those_of_fewer_in_the_datasets_order(count: int, more: int, seed: int) -> None:
    few, many = evenly(TASKS, count, seed), evenly(TASKS, count + more, seed)
    assert len(few) == min(count, len(TASKS))
    assert {task.id for task in few} <= {task.id for task in many}
    assert many == [task for task in TASKS if task in many]


@given(count=st.integers(1, 160))
def test_no_stratum_is_off_by_more_than_one(count: int) -> None:
    drawn = Counter(task.id.split("/")[0] for task in evenly(TASKS, count, 1))
    for language, whole in (("python", 80), ("go", 40), ("rust", 40)):
        # Two strata a language: each may be rounded.
        assert abs(drawn[language] - count * whole / 160) <= 2


def test_another_seed_draws_others_and_the_order_of_the_dataset_draws_none() -> None:
    shuffled = random.Random(1).sample(TASKS, len(TASKS))  # noqa: S311 - an order, no key
    assert {task.id for task in evenly(shuffled, 20, 0)} == {task.id for task in evenly(TASKS, 20, 0)}
    assert evenly(TASKS, 20, 1) != evenly(TASKS, 20, 2)


def test_what_fits_is_drawn_beside_what_is_made() -> None:
    todo = [Item(task, sample) for sample in range(2) for task in TASKS[10:]]
    cut = within(1.0, TASKS, todo, Known(60), 0)
    assert len(cut.tasks) == 10 + 30
    assert list(cut.tasks[:10]) == TASKS[:10]
    assert cut.told == (
        "budget.hours: 40 tasks of 160 fit into 1 h, drawn evenly from 6 groups by the seed; the score "
        "will be known to ±40 points"
    )
    assert not cut.is_trial


def test_where_all_fit_nothing_is_said() -> None:
    todo = [Item(task, 0) for task in TASKS]
    cut = within(8.0, TASKS, todo, Known(60), 0)
    assert (cut.tasks, cut.told) == (TASKS, "")


def test_one_task_is_asked_at_least() -> None:
    todo = [Item(task, 0) for task in TASKS]
    assert len(within(0.001, TASKS, todo, Known(60), 0).tasks) == 1


def test_where_nothing_is_known_a_few_are_tried_first() -> None:
    todo = [Item(task, 0) for task in TASKS]
    cut = within(8.0, TASKS, todo, Known(None), 0)
    assert (len(cut.tasks), cut.is_trial) == (TRIAL, True)
    assert "how fast this model is here is not known: 5 tasks are asked first" in cut.told
