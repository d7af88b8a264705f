"""What samples will take, from others: on runs as they are recorded, and within ranges that hold."""

import heapq
import random
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from llmbench.api import Outcome
from llmbench.records.manifest import Session
from llmbench.records.monitors import MonitorSession, Stretch, WatchedSession
from llmbench.records.record import Record, SampleTiming, UsageTotal
from llmbench.score.forecast import OTHER, SAME, Observed, fitting, forecast, observe, together
from llmbench.testing.runs import MadeSample

_START = 1_772_000_000.0
_STARTING_S = 12.0


def moment(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds")


def record(number: int, seconds: float, ended: float) -> Record:
    timing = SampleTiming(generation_s=0.9 * seconds, grading_s=0.1 * seconds, finished_at=moment(ended))
    tokens = round(40 * seconds)
    usage = UsageTotal(completions=1, prompt_tokens=200, completion_tokens=tokens, cost_usd=tokens / 1e6)
    made = MadeSample(task=f"t/{number}").record()
    return replace(made, timing=timing, usage=usage)


def made_run(dice: random.Random, samples: int, workers: int, spread: float) -> tuple[Session, list[Record]]:
    """Make samples of differing length side by side, on a machine that is not equally fast each day."""
    day = dice.lognormvariate(0, 0.05)
    free = [_START + _STARTING_S] * workers
    records = []
    for number in range(samples):
        seconds = max(day * 20 * dice.lognormvariate(0, spread), 0.5)
        ended = heapq.heappop(free) + seconds
        heapq.heappush(free, ended)
        records.append(record(number, seconds, ended))
    return Session(started=moment(_START), ended=moment(max(free) + 1)), records


def known(session: Session, records: list[Record]) -> Observed:
    found = observe([session], records)
    assert found is not None
    return found


@pytest.mark.parametrize("spread", [0.3, 1.0])
@pytest.mark.parametrize("workers", [1, 4])
@pytest.mark.parametrize(("before", "then"), [(5, 20), (20, 164), (164, 30)])
def test_the_real_time_lies_in_the_range_in_four_cases_of_five(
    before: int, then: int, workers: int, spread: float
) -> None:
    dice = random.Random(f"{before} {then} {workers} {spread}")  # noqa: S311 - lengths of answers, not keys
    times = tokens = 0
    for _ in range(200):
        expected = forecast(known(*made_run(dice, before, workers, spread)), then, SAME)
        _, records = made_run(dice, then, workers, spread)
        ends = [datetime.fromisoformat(one.timing.finished_at).timestamp() for one in records]
        took, used = max(ends) - _START, sum(one.usage.completion_tokens or 0 for one in records)
        times += expected.time_s.low <= took <= expected.time_s.high
        assert expected.completion_tokens is not None
        tokens += expected.completion_tokens.low <= used <= expected.completion_tokens.high
    assert times >= 160, times
    assert tokens >= 160, tokens


def test_equal_samples_leave_the_doubt_of_another_day_alone() -> None:
    records = [record(number, 10, _START + _STARTING_S + 10 * (number + 1)) for number in range(8)]
    found = known(Session(started=moment(_START)), records)
    assert (found.side_by_side, found.starting_s) == pytest.approx((1, _STARTING_S))
    expected = forecast(found, 100, 0.0)
    span = expected.time_s
    assert (span.low, span.likely, span.high) == pytest.approx((1008, 1012, 1018)), "a start differs"
    assert expected.cost_usd is not None
    assert expected.cost_usd.likely == pytest.approx(0.04)
    assert expected.energy_j is None
    wider = forecast(found, 100, OTHER).time_s
    assert wider.high > 2 * expected.time_s.high > 4 * wider.low


def test_samples_side_by_side_take_their_share() -> None:
    records = [record(number, 10, _START + 10 * (number // 4 + 1)) for number in range(8)]
    found = known(Session(started=moment(_START)), records)
    assert 4 <= found.side_by_side < 5, "the last of them leave places empty"
    assert forecast(found, 400, 0.0).time_s.likely == pytest.approx(900, rel=0.12)
    assert forecast(found, 1, 0.0).time_s.likely == pytest.approx(10), "one alone has nobody beside it"


def test_what_was_not_measured_stays_unknown() -> None:
    records = [record(number, 10, _START + 10 * (number + 1)) for number in range(3)]
    records[1] = replace(records[1], usage=replace(records[1].usage, cost_usd=None))
    expected = forecast(known(Session(started=moment(_START)), records), 5, SAME)
    assert expected.cost_usd is None
    assert expected.completion_tokens is not None


def test_energy_is_that_of_all_gpus_by_sample() -> None:
    records = [record(number, 10, _START + 10 * (number + 1)) for number in range(4)]
    head = MonitorSession(started=moment(_START), interval_s=1, is_local=True, monitors={})
    stretches = tuple(
        Stretch(ended=moment(_START), seconds=10, readings=4, answering=4, mean={}, energy_j=500.0)
        for _ in range(4)
    )
    found = observe(
        [Session(started=moment(_START))], records, [WatchedSession(head=head, stretches=stretches)]
    )
    assert found is not None
    energy = forecast(found, 10, 0.0).energy_j
    assert energy is not None
    assert energy.likely == pytest.approx(5000)


def test_only_what_was_asked_tells_something() -> None:
    session = Session(started=moment(_START))
    broken = replace(record(0, 10, _START + 10), outcome=Outcome.INFRA_ERROR)
    silent = replace(record(1, 10, _START + 10), usage=UsageTotal())
    again = replace(record(2, 10, _START + 10), regraded=True)
    before = record(3, 10, _START - 50)
    assert observe([session], [broken, silent, again, before]) is None
    assert observe([], []) is None


def test_runs_together_are_one_with_more_samples() -> None:
    dice = random.Random(3)  # noqa: S311 - likewise
    one, other = (known(*made_run(dice, 10, 2, 0.5)) for _ in range(2))
    both = together([one, other])
    assert (len(both.samples), both.runs) == (20, 2)
    assert both.side_by_side == pytest.approx((one.side_by_side + other.side_by_side) / 2)
    assert both.energy_j is None


def test_as_many_fit_as_are_made_in_time() -> None:
    dice = random.Random(5)  # noqa: S311 - likewise
    found = known(*made_run(dice, 40, 2, 0.8))
    many = fitting(found, 0.5, 1000, SAME)
    assert 50 < many < 200
    assert forecast(found, many, SAME).time_s.high <= 1800 < forecast(found, many + 1, SAME).time_s.high
    assert fitting(found, 0.5, 10, SAME) == 10
    assert fitting(found, 0.0001, 10, SAME) == 0
