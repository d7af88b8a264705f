"""What a run may use. It is checked before a request is sent: a soft stop, never a cut answer."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from llmbench.api import Prices, Request, Usage
from llmbench.errors import BudgetError
from llmbench.runner.estimate import most_usd_of
from llmbench.runner.spec import Budget


class BudgetMeter:
    """Counts what the run has used: tokens and cost since its beginning, hours that this command has worked.

    Where prices are known, the cost of requests under way is held back: many at once can't overdraw it.
    """

    def __init__(
        self,
        budget: Budget,
        *,
        tokens: int = 0,
        cost_usd: float = 0.0,
        prices: Prices | None = None,
        worked_s: float = 0.0,
    ) -> None:
        """Begin to count.

        Args:
            budget: the limits.
            tokens: what earlier commands have used.
            cost_usd: likewise.
            prices: of the model, where they are known.
            worked_s: spent by this command already, before a pause.
        """
        self._budget = budget
        self._prices = prices
        self._held_back = 0.0
        self._under_way = 0
        self._one_ended = asyncio.Event()
        self._started = time.monotonic() - worked_s
        self._tokens = tokens
        self._cost = cost_usd

    def add(self, usage: Usage) -> None:
        """Count one completion; a cost that the server does not tell is made from the prices, if known."""
        prompt, completion = usage.prompt_tokens or 0, usage.completion_tokens or 0
        self._tokens += prompt + completion
        if usage.cost_usd is None and self._prices is not None:
            prices = self._prices
            self._cost += prices.request_usd + prices.prompt_usd * prompt + prices.completion_usd * completion
        self._cost += usage.cost_usd or 0.0

    @asynccontextmanager
    async def held_back(self, request: Request) -> AsyncIterator[None]:
        """Hold back what a request may cost at most, while it is under way.

        Most cost far less than they may: where too much is held back, this waits for others to end.

        Raises:
            BudgetError: the budget is spent, or what is left of it would not pay for this request.
        """
        most = 0.0 if self._prices is None else most_usd_of(self._prices, request)
        while self._lacks(most) and self._under_way:
            await self._one_ended.wait()
        self.check()
        if self._lacks(most):
            raise BudgetError(
                f"budget.cost_usd: {self._cost:.4f} of {self._budget.cost_usd} used, and the next answer may "
                f"cost {most:.4f} (lower model.reasoning.answer_tokens or think_tokens, or raise the budget)"
            )
        self._held_back += most
        self._under_way += 1
        try:
            yield
        finally:
            self._under_way -= 1
            self._held_back = self._held_back - most if self._under_way else 0.0
            self._one_ended.set()
            self._one_ended = asyncio.Event()

    def check(self) -> None:
        """Raise BudgetError if nothing more may be asked."""
        limits = self._budget
        hours = (time.monotonic() - self._started) / 3600
        if limits.tokens is not None and self._tokens >= limits.tokens:
            raise BudgetError(f"budget.tokens: {self._tokens} of {limits.tokens} used")
        if limits.cost_usd is not None and self._cost >= limits.cost_usd:
            raise BudgetError(f"budget.cost_usd: {self._cost:.4f} of {limits.cost_usd} used")
        if limits.hours is not None and hours >= limits.hours:
            raise BudgetError(f"budget.hours: {limits.hours:g} h are over")

    def _lacks(self, more: float) -> bool:
        """Say whether the budget would not pay for ``more`` beside what is used and held back."""
        limit = self._budget.cost_usd
        return limit is not None and more > 0 and self._cost + self._held_back + more > limit
