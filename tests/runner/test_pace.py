"""How long a run still takes, from what it has made."""

import random
from dataclasses import replace

import pytest

from llmbench.api import Outcome
from llmbench.records.record import UsageTotal
from llmbench.runner.pace import Pace
from llmbench.testing.runs import MadeSample

_RECORD = MadeSample(task="python/leap").record()


class Clock:
    def __init__(self) -> None:
        self.at = 1000.0

    def __call__(self) -> float:
        return self.at


def test_nothing_is_known_before_the_first_and_nothing_left_after_the_last() -> None:
    clock = Clock()
    pace = Pace(clock)
    assert pace.elapsed_s == 0
    pace.begin(2)
    assert pace.left() is None
    clock.at += 10
    pace.finished(_RECORD)
    left = pace.left()
    assert left is not None
    assert left.likely_s == pytest.approx(10)
    assert left.low_s < 10 < left.high_s
    pace.finished(_RECORD)
    assert pace.left() is None
    assert (pace.done, pace.outcomes[Outcome.PASSED], pace.elapsed_s) == (2, 2, 10)


def test_what_one_sample_does_not_tell_the_sum_does_not_either() -> None:
    pace = Pace()
    pace.begin(3)
    pace.finished(_RECORD)
    pace.finished(replace(_RECORD, usage=UsageTotal()))  # nothing was asked for it
    assert (pace.used.prompt_tokens, pace.used.completion_tokens, pace.used.cost_usd) == (180, 60, None)
    pace.finished(replace(_RECORD, usage=UsageTotal(completions=1, prompt_tokens=5)))
    assert (pace.used.prompt_tokens, pace.used.completion_tokens) == (185, None)


def test_equal_samples_leave_no_doubt() -> None:
    clock = Clock()
    pace = Pace(clock)
    pace.begin(10)
    for _ in range(5):
        clock.at += 3
        pace.finished(_RECORD)
    left = pace.left()
    assert left is not None
    assert (left.low_s, left.likely_s, left.high_s) == pytest.approx((15, 15, 15))


@pytest.mark.parametrize(("made", "total"), [(3, 10), (5, 80), (20, 80), (40, 80)])
@pytest.mark.parametrize("draw", ["expovariate", "lognormvariate", "uniform"])
def test_the_range_holds_in_four_cases_of_five(draw: str, made: int, total: int) -> None:
    dice = random.Random(7)  # noqa: S311 - times of samples, not keys
    arguments = {"expovariate": (1.0,), "lognormvariate": (0.0, 1.0), "uniform": (1.0, 1.1)}[draw]
    held = 0
    for _ in range(400):
        gaps = [getattr(dice, draw)(*arguments) for _ in range(total)]
        clock = Clock()
        pace = Pace(clock)
        pace.begin(total)
        for gap in gaps[:made]:
            clock.at += gap
            pace.finished(_RECORD)
        left = pace.left()
        assert left is not None
        held += left.low_s <= sum(gaps[made:]) <= left.high_s
    assert held >= 0.79 * 400, held
