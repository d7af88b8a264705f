"""Filters and orders of runs."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmbench.errors import UsageError
from llmbench.history.rows import RunRow
from llmbench.history.where import chosen, condition, ordered, since

NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)
SMALL = RunRow(
    id=1,
    place="",
    folder="catalog/small",
    stamp="",
    changed=0.0,
    model="Small-7B",
    ended="2026-11-26T00:00:00.000+00:00",
    pass_at_1=0.5,
    cost_usd=0.2,
    tests_shown=0,
)
LARGE = replace(
    SMALL, id=2, model="large", pass_at_1=0.75, cost_usd=None, ended="2026-11-01T00:00:00.000+00:00"
)
CONFIGS = {1: {"seed": 3, "model": {"reasoning": {"answer_tokens": 400}}}, 2: {"seed": None, "strict": True}}


@pytest.mark.parametrize(
    ("text", "models"),
    [
        ("model=small-7b", ["Small-7B"]),
        ("model=small*", ["Small-7B"]),
        ("model=x*,LARGE", ["large"]),
        ("model!=large", ["Small-7B"]),
        ("model!=x,y", ["Small-7B", "large"]),
        ("accuracy>=0.5", ["Small-7B", "large"]),
        ("pass_at_1 > 0.5", ["large"]),
        ("cost<1", ["Small-7B"]),  # what is not known is not less than anything
        ("cost=null", ["large"]),
        ("cost=0.20", ["Small-7B"]),
        ("seed=3", ["Small-7B"]),
        ("seed=null", ["large"]),
        ("strict=true", ["large"]),
        ("model.reasoning.answer_tokens<=400", ["Small-7B"]),
        ("tests_shown=0", ["Small-7B", "large"]),
    ],
)
def test_conditions(text: str, models: list[str]) -> None:
    found = chosen([SMALL, LARGE], [condition(text)], lambda: CONFIGS)
    assert [row.model for row in found] == models


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("glm", "expected KEY=VALUE"),
        ("=glm", "expected KEY=VALUE"),
        ("cost<cheap", "expected a number after <, got 'cheap'"),
    ],
)
def test_what_is_no_condition_is_refused(text: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        condition(text)


def test_a_key_that_no_run_has_is_named_with_what_there_is() -> None:
    with pytest.raises(UsageError, match="no run has it; did you mean 'model'\\? known: accuracy, agent"):
        chosen([SMALL], [condition("modle=x")], lambda: CONFIGS)


@given(st.text())
def test_every_text_is_a_condition_or_refused_in_one_line(text: str) -> None:
    try:
        found = condition(text)
    except UsageError:
        return
    assert found.key
    for value in (None, "", "x", 3, 0.5, True, [1]):
        assert found.holds(value) in (True, False)


@pytest.mark.parametrize(
    ("text", "models"),
    [("2d", ["Small-7B"]), ("5w", ["Small-7B", "large"]), ("2026-11-26", ["Small-7B"]), ("1h", [])],
)
def test_since(text: str, models: list[str]) -> None:
    found = chosen([SMALL, LARGE], [], dict, since(text, NOW))
    assert [row.model for row in found] == models


@pytest.mark.parametrize("text", ["yesterday", "3m", "999999w", "2026-13-01", ""])
def test_no_moment_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="expected a date such as 2026-11-01, or 12h, 7d, 4w"):
        since(text, NOW)


def test_orders_put_the_best_first_and_the_unknown_last() -> None:
    cheap = replace(SMALL, id=3, model="cheap", cost_usd=0.1, pass_at_1=None)
    rows = [LARGE, SMALL, cheap]
    assert [row.model for row in ordered(rows, "accuracy")] == ["large", "Small-7B", "cheap"]
    assert [row.model for row in ordered(rows, "cost")] == ["cheap", "Small-7B", "large"]
    assert [row.model for row in ordered(rows, "model")] == ["Small-7B", "cheap", "large"]
    assert [row.model for row in ordered(rows, "date")][-1] == "large"
    with pytest.raises(UsageError, match="did you mean 'accuracy'"):
        ordered(rows, "acuracy")
