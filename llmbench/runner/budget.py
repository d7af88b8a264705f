"""What a run may use. It is checked before a request is sent: a soft stop, never a cut answer."""

import time
from collections.abc import Iterable

from llmbench.api import Usage
from llmbench.errors import BudgetError
from llmbench.records.record import Record
from llmbench.runner.spec import Budget


class BudgetMeter:
    """Counts what the run has used: tokens and cost since its beginning, hours since this command began."""

    def __init__(self, budget: Budget, earlier: Iterable[Record] = ()) -> None:
        self._budget = budget
        self._started = time.monotonic()
        self._tokens = 0
        self._cost = 0.0
        for record in earlier:
            used = record.usage
            self._tokens += (used.prompt_tokens or 0) + (used.completion_tokens or 0)
            self._cost += used.cost_usd or 0.0

    def add(self, usage: Usage) -> None:
        """Count one completion."""
        self._tokens += (usage.prompt_tokens or 0) + (usage.completion_tokens or 0)
        self._cost += usage.cost_usd or 0.0

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
