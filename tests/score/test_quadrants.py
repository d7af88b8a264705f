"""The samples behind the four counts are those that were counted."""

from collections import Counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmbench.api import Outcome
from llmbench.errors import UsageError
from llmbench.score.comparison import compare
from llmbench.score.pairing import Arm
from llmbench.score.quadrants import QUADRANTS, held
from llmbench.testing.runs import MadeSample, RunRecipe

_OUTCOMES = st.sampled_from(
    [Outcome.PASSED, Outcome.FAILED, Outcome.TIMEOUT, Outcome.INFRA_ERROR, Outcome.SKIPPED]
)


@st.composite
def _arms(draw: Any) -> tuple[Arm, Arm]:
    tasks, samples = draw(st.integers(1, 5)), draw(st.integers(1, 3))
    keys = [(f"go/t{task}", sample) for task in range(tasks) for sample in range(samples)]
    arms = []
    for _ in "ab":
        made = [
            MadeSample(task=task, sample=sample, outcome=draw(_OUTCOMES), earlier=(draw(_OUTCOMES),))
            for task, sample in keys
            if draw(st.booleans())
        ]
        recipe = RunRecipe(made=made, samples=samples, tries=2, tasks=tuple(f"go/t{n}" for n in range(tasks)))
        arms.append(Arm(recipe.manifest(), [one.record() for one in made]))
    return arms[0], arms[1]


@given(_arms(), st.sampled_from([1, 2]))
def test_the_four_counts_are_of_these_samples(arms: tuple[Arm, Arm], tries: int) -> None:
    try:
        result = compare(*arms, tries=tries)
    except UsageError:
        with pytest.raises(UsageError):
            held(*arms, tries=tries)
        return
    found = held(*arms, tries=tries)
    graded = [one for one in found if one.quadrant]
    by_task = {one.a.task: one.quadrant for one in graded}
    counted = Counter(by_task.values() if result.method == "rates" else (one.quadrant for one in graded))
    assert [counted[name] for name in QUADRANTS] == [getattr(result.counts, name) for name in QUADRANTS]
    assert len(graded) == result.pairs
    assert len(found) - len(graded) == result.left_out.get("not graded in one of them", 0)
    assert [(one.a.task, one.a.sample) for one in found if one.is_flip] == [
        (flip.task, flip.sample) for flip in result.flips
    ]
