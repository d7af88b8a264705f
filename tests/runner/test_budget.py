"""Budgets of runs that cost money: what requests under way may cost is held back, and estimated before."""

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest

from llmbench.api import Message, Prices, Request, Usage
from llmbench.errors import BudgetError
from llmbench.runner.budget import BudgetMeter
from llmbench.runner.estimate import most_usd_of
from llmbench.runner.spec import Budget
from llmbench.testing.openrouter_stub import OpenRouterStub, StubOffer
from llmbench.testing.stub_answers import Answer

PRICES = Prices(prompt_usd=0.0, completion_usd=0.01)
TEN_TOKENS = Request(messages=(Message("user", "Hi"),), max_tokens=10)
"""Costs ten cents at most."""


def _spend(meter: BudgetMeter, costs: Sequence[float | None]) -> tuple[list[Any], int]:
    """Send so many requests at once; return how each ended, and how many were under way at most."""
    most = under_way = 0

    async def ask(cost: float | None) -> None:
        nonlocal most, under_way
        async with meter.held_back(TEN_TOKENS):
            under_way += 1
            most = max(most, under_way)
            await asyncio.sleep(0.001)
            under_way -= 1
            meter.add(Usage(prompt_tokens=1, completion_tokens=2, cost_usd=cost))

    async def all_at_once() -> list[Any]:
        asked = asyncio.gather(*map(ask, costs), return_exceptions=True)
        return await asyncio.wait_for(asked, 10)

    return asyncio.run(all_at_once()), most


def test_the_worst_case_counts_prompt_answer_and_request() -> None:
    prices = Prices(prompt_usd=0.001, completion_usd=0.01, request_usd=0.5)
    assert most_usd_of(prices, TEN_TOKENS) == pytest.approx(0.5 + 0.001 + 0.1)


def test_many_at_once_do_not_overdraw_the_budget() -> None:
    meter = BudgetMeter(Budget(cost_usd=0.35), prices=PRICES)
    ended, most = _spend(meter, [0.1] * 8)
    assert most == 3, "a fourth might cost more than is left"
    assert sum(end is None for end in ended) == 3
    assert all(isinstance(end, BudgetError) for end in ended if end is not None)


def test_what_turned_out_cheaper_is_given_back() -> None:
    ended, most = _spend(BudgetMeter(Budget(cost_usd=0.25), prices=PRICES), [0.01] * 8)
    assert ended == [None] * 8
    assert most == 2


def test_a_request_that_fails_gives_back_what_was_held() -> None:
    meter = BudgetMeter(Budget(cost_usd=0.1), prices=PRICES)

    async def fail() -> None:
        async with meter.held_back(TEN_TOKENS):
            raise ZeroDivisionError

    for _ in range(3):
        with pytest.raises(ZeroDivisionError):
            asyncio.run(fail())


def test_a_single_answer_that_may_cost_too_much_says_what_to_do() -> None:
    (end,), _ = _spend(BudgetMeter(Budget(cost_usd=0.05), prices=PRICES), [0.01])
    assert "0.0000 of 0.05 used, and the next answer may cost 0.1000" in str(end)
    assert "answer_tokens" in str(end)


def test_without_prices_nothing_is_held_back() -> None:
    ended, most = _spend(BudgetMeter(Budget(cost_usd=0.05)), [0.01] * 4)
    assert (ended, most) == ([None] * 4, 4)


def test_a_cost_that_is_not_told_is_made_from_the_prices() -> None:
    meter = BudgetMeter(Budget(cost_usd=0.1), prices=PRICES)
    meter.add(Usage(prompt_tokens=1, completion_tokens=10))
    with pytest.raises(BudgetError, match=r"0\.1000 of 0\.1 used"):
        meter.check()


@pytest.fixture
def paid(run: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Run with ``backend=openrouter`` at a stub."""
    monkeypatch.setenv("OPENROUTER_API_KEY", "sk-or-test")

    def paid(stub: OpenRouterStub, *words: str) -> Any:
        slug = "model.sources={openrouter:{slug:maker/model}}"
        return run("backend=openrouter", f"backend.url={stub.url}", slug, "backend.retries=0", *words)

    return paid


DEAR = [
    StubOffer(tag="a", provider="A", prompt="0", completion="0.00001", context_length=100_000),
]


def test_a_dry_run_says_what_it_would_cost_and_asks_nothing(run: Any, paid: Any) -> None:
    with OpenRouterStub(offers=DEAR) as stub:
        paid(stub, "limit=2", "samples=3", "dry_run=true", "model.reasoning.answer_tokens=1000")
        assert stub.requests == []
    shown = " ".join(run.screen.getvalue().split())
    assert "at most $0.06 for 6 samples, at $0 a million tokens in and $10 out" in shown


def test_a_run_out_of_money_skips_the_rest_and_resumes(run: Any, paid: Any) -> None:
    answer = Answer(content="no code here", usage={"cost": 0.02})
    with OpenRouterStub(answer, offers=DEAR) as stub:
        words = ("limit=3", "model.reasoning.answer_tokens=1000", "backend.concurrency=1")
        first = paid(stub, *words, "budget.cost_usd=0.025")
        ended = [record.outcome for record in run.records(first).values()]
        assert sorted(ended) == ["failed", "skipped", "skipped"]
        second = paid(stub, *words, "budget.cost_usd=1")
        assert second.folder == first.folder
        assert {record.outcome for record in run.records(second).values()} == {"failed"}
        assert all(record.usage.cost_usd == 0.02 for record in run.records(second).values())
        assert {name for record in run.records(second).values() for name in record.providers} == {"A"}
