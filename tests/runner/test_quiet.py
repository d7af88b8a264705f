"""Quiet hours: which moments lie in them, since when, and who may overrule them."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmbench.records.control import FILE, Control
from llmbench.runner.gate import Gate
from llmbench.runner.quiet import QuietHours, quiet_hours

BERLIN = ZoneInfo("Europe/Berlin")


@dataclass
class Wall:
    """A clock on a wall, set by hand."""

    now: datetime

    def __call__(self) -> datetime:
        return self.now


def on(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 3, day, hour, minute, tzinfo=BERLIN)


minutes = st.times().map(lambda at: at.replace(second=0, microsecond=0))


@given(start=minutes, end=minutes)
def test_what_is_written_is_read(start: time, end: time) -> None:
    if start != end:
        assert quiet_hours(str(QuietHours(start, end))) == QuietHours(start, end)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "8-18",
        "08:00",
        "08:00-18:00-20:00",
        "25:00-26:00",
        "08:60-09:00",
        "08:00-08:00",
        "nightly",
        "٠8:00-18:00",
    ],
)
def test_what_is_no_span_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"expected two different times of day, such as 08:00-18:00 .* got"):
        quiet_hours(text)


@pytest.mark.parametrize(
    ("hours", "now", "began"),
    [
        ("08:00-18:00", on(3, 7, 59), None),
        ("08:00-18:00", on(3, 8), on(3, 8)),
        ("08:00-18:00", on(3, 17, 59), on(3, 8)),
        ("08:00-18:00", on(3, 18), None),
        ("22:00-06:30", on(3, 23), on(3, 22)),
        ("22:00-06:30", on(3, 6, 29), on(2, 22)),
        ("22:00-06:30", on(3, 6, 30), None),
        ("22:00-06:30", on(1, 0), datetime(2026, 2, 28, 22, tzinfo=BERLIN)),
        # The night of 29 March has no hour from two to three.
        ("01:00-04:00", on(29, 3, 30), on(29, 1)),
        ("22:00-02:30", on(29, 3), None),
    ],
)
def test_when_it_is_quiet(hours: str, now: datetime, began: datetime | None) -> None:
    assert quiet_hours(hours).began(now) == began


moments = st.floats(0, 365 * 86400).map(lambda s: datetime.fromtimestamp(1767225600 + s, BERLIN))


@given(start=minutes, end=minutes, now=moments)
def test_a_day_is_quiet_or_the_other_way_round(start: time, end: time, now: datetime) -> None:
    if start == end:
        return
    began, other = QuietHours(start, end).began(now), QuietHours(end, start).began(now)
    assert (began is None) != (other is None)
    last = began or other
    assert last is not None
    assert last <= now < last + timedelta(days=1), "by the clock on the wall"


Wishing = Callable[[str, datetime], None]


@pytest.fixture
def wishes(tmp_path: Path) -> Wishing:
    def wish(state: str, at: datetime) -> None:
        told = {"state": state, "by": "somebody", "at": at.astimezone(UTC).isoformat()}
        data = msgspec.json.encode(msgspec.convert(told, Control))
        (tmp_path / FILE).write_bytes(data)

    return wish


def test_somebody_may_overrule_them_until_they_begin_again(tmp_path: Path, wishes: Wishing) -> None:
    wall = Wall(on(3, 9))
    gate = Gate(tmp_path, quiet_hours("08:00-18:00"), wall)

    def why() -> str:
        gate.look()
        return gate.why

    assert why() == "paused by quiet_hours until 18:00"
    wishes("running", on(3, 7))
    assert why(), "that was said before they began"
    wishes("running", on(3, 9))
    assert why() == ""
    wall.now = on(3, 20)
    assert why() == ""
    wishes("paused", on(3, 20))
    assert why() == "paused by somebody"
    wishes("running", on(3, 21))
    assert why() == ""
    wall.now = on(4, 8)
    assert why() == "paused by quiet_hours until 18:00"
