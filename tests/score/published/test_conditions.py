"""What differs is named, each thing by itself; only where nothing does are two numbers compared."""

from collections.abc import Callable
from typing import Any

import pytest

from llmbench.score.published import Beside

Found = Callable[..., list[Beside]]
BOARD = "EvalPlus leaderboard"


def plus(found: list[Beside], source: str = BOARD) -> Beside:
    [one] = [beside for beside in found if beside.source == source and beside.metric == "pass@1"]
    return one


def test_the_same_conditions_are_comparable(found: Found) -> None:
    beside = plus(found())
    assert (beside.differs, beside.share) == ((), 0.872)
    assert beside.commit == "87418456d3a8c2bc6265f24ff91d2dd0e7993f4b"
    assert beside.date == "2024-12-26"
    assert beside.unknown == ("precision of the weights",)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"tasks": 5}, "164 tasks there, 5 here"),
        ({"graded": 150}, "only 150 of 164 samples are graded here"),
        ({"facts": {"version": "v0.1.9"}}, "release v0.1.10 there, v0.1.9 here"),
        ({"facts": {"sha256": "5"}}, "release v0.1.10 there, an unknown one here"),
        ({"sampling": {"temperature": 0.8}}, "greedy there, temperature 0.8 here"),
        ({"sampling": {}}, "greedy there, temperature 0.7 here"),
        ({"server": {"extra_body": {"temperature": 0.3}}}, "greedy there, temperature 0.3 here"),
        ({"agent": "tools"}, "asked as by agent=prompt there, agent=tools here"),
        ({"agent": "cli (aider)"}, "asked as by agent=prompt there, agent=cli (aider) here"),
        ({"config": {"retry_budget": 4}}, "retry_budget null there, 4 here"),
    ],
)
def test_each_difference_is_named(found: Found, change: dict[str, Any], expected: str) -> None:
    beside = plus(found(**change))
    assert beside.differs == (expected,)
    assert (beside.difference, beside.difference_95) == (None, None)


def test_the_servers_own_sampler_is_compared_where_it_tells(found: Found) -> None:
    model = {"name": "Qwen2.5-Coder-32B-Instruct"}

    def differs(**server: Any) -> tuple[str, ...]:
        return plus(found(model=model, sampling={}, server=server)).differs

    assert differs() == ("greedy there, the server's own sampler here",)
    assert differs(sampler={"temperature": 0.8}) == ("greedy there, temperature 0.8 here",)
    assert differs(sampler={"temperature": 0.0}) == ()


def test_a_base_model_was_not_asked_in_a_chat(found: Found) -> None:
    beside = plus(found(model={"name": "meta-llama/Meta-Llama-3-8B"}))
    assert beside.differs == ("a text to go on with there, a chat here",)


AIDER = {
    "validator": {"rules": "aider"},
    "dataset": {"context_files": False, "edit_cargo_toml": False},
    "retry_budget": None,
}


def polyglot(found: Found, name: str, source: str, *, reasoning: Any = None, **change: Any) -> list[Beside]:
    model = {"name": name, "reasoning": reasoning or {"enabled": False}}
    whole = {"dataset": "exercism", "tasks": 225, "tries": 2, "config": AIDER, "facts": {"version": "7e06"}}
    every = found(model=model, **whole | change)
    return [beside for beside in every if beside.source == source]


def test_polyglot_by_its_preset(found: Found) -> None:
    board = polyglot(found, "Qwen/Qwen2.5-Coder-32B-Instruct", "Aider polyglot leaderboard")
    assert [(beside.metric, beside.share, beside.differs) for beside in board] == [
        ("pass@1", 0.049, ()),
        ("pass within 2 tries", 0.164, ()),
        ("pass@1", 0.044, ("edit format diff there, whole files here",)),
        ("pass within 2 tries", 0.08, ("edit format diff there, whole files here",)),
    ]


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"config": AIDER | {"validator": {"rules": "all"}}}, "validator.rules aider there, all here"),
        ({"config": {**AIDER, "dataset": {"context_files": True, "edit_cargo_toml": False}}},
         "dataset.context_files false there, true here"),
        ({"tries": 1}, "2 tries there, 1 here"),
        ({"tasks": 34}, "225 tasks there, 34 here"),
    ],
)  # fmt: skip
def test_polyglot_otherwise(found: Found, change: dict[str, Any], expected: str) -> None:
    board = polyglot(found, "Qwen/Qwen2.5-Coder-32B-Instruct", "Aider polyglot leaderboard", **change)
    whole = next(each for each in board if (each.share, each.metric) == (0.164, "pass within 2 tries"))
    assert whole.differs == (expected,)
    assert whole.preset == "aider-compat"


HIGH = {"enabled": True, "level": "high", "think_tokens": 8192}


@pytest.mark.parametrize(
    ("reasoning", "comparable"),
    [
        (HIGH, 0.444),
        (HIGH | {"level": "medium"}, 0.342),
        (HIGH | {"level": "low"}, 0.24),
        ({"enabled": False}, None),
    ],
)
def test_reasoning_effort(found: Found, reasoning: dict[str, Any], comparable: float | None) -> None:
    report = "gpt-oss model card, arXiv 2508.10925, table 3"
    figures = polyglot(found, "openai/gpt-oss-120b", report, reasoning=reasoning)
    assert len(figures) == 3
    assert [beside.share for beside in figures if not beside.differs] == ([comparable] if comparable else [])
    assert all(beside.second_hand for beside in figures)
    here = reasoning.get("level") or "off"
    assert figures[-1].differs == (f"reasoning {_effort(figures[-1])} there, {here} here",)


def _effort(beside: Beside) -> str | None:
    return beside.conditions.reasoning


def test_a_budget_of_thinking_is_an_effort_of_its_own(found: Found) -> None:
    given = {"enabled": True, "think_tokens": 32000}
    board = polyglot(found, "claude-opus-4-20250514", "Aider polyglot leaderboard", reasoning=given)
    by_effort = {beside.conditions.reasoning: beside.differs for beside in board}
    assert by_effort["32000 tokens"] == ("edit format diff there, whole files here",)
    assert by_effort["off"][1] == "reasoning off there, 32000 tokens here"


def test_what_was_not_published_is_said(found: Found) -> None:
    card = plus(
        found(model={"name": "openai/gpt-oss-120b", "reasoning": HIGH}), "model card of openai/gpt-oss-120b"
    )
    assert (card.share, card.date, card.second_hand, card.differs) == (0.883, "2026-02", True, ())
    assert card.unknown == ("sampler", "way of asking", "reasoning", "precision of the weights")
