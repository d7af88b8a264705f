"""How fast samples are made, and how long the rest will take."""

import math
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from llmbench.api import Outcome
from llmbench.records.record import Record
from llmbench.records.status import Left, Used

N = TypeVar("N", int, float)
_SPEEDS = 20
_WIDTH, _FEW = 1.6, 2.0
"""Standard deviations to each side, more after few samples: four cases of five lie between."""
_MOST_DOUBT = 3.0


@dataclass(slots=True)
class Pace:
    """Counts the samples that are finished, and when."""

    clock: Callable[[], float] = time.monotonic
    total: int = 0
    again: bool = False
    """Whether they are asked once more."""
    outcomes: Counter[Outcome] = field(default_factory=Counter)
    used: Used = Used(prompt_tokens=0, completion_tokens=0, cost_usd=0.0)
    _began: float = 0.0
    _ended: float | None = None
    _last: float = 0.0
    _squares: float = 0.0
    """Of the times between one finished sample and the next, summed."""
    _speeds: list[float] = field(default_factory=list)

    def begin(self, total: int, *, again: bool = False) -> None:
        """Begin to make ``total`` samples."""
        self.total, self.again = total, again
        self.outcomes = Counter()
        self._began = self._last = self.clock()
        self._ended = None
        self._squares = 0.0

    def stop(self) -> None:
        """Let no more time go by until it begins again."""
        self._ended = self.clock()

    def finished(self, record: Record) -> None:
        """Count one finished sample."""
        at = self.clock()
        self._squares += (at - self._last) ** 2
        self._last = at
        self.outcomes[record.outcome] += 1
        if record.timing.decode_tokens_per_s is not None:
            self._speeds = [*self._speeds[1 - _SPEEDS :], record.timing.decode_tokens_per_s]
        if record.usage.completions:
            self.used = _sum(self.used, record)

    @property
    def done(self) -> int:
        """How many are finished."""
        return self.outcomes.total()

    @property
    def elapsed_s(self) -> float:
        """Seconds since they were begun."""
        ended = self.clock() if self._ended is None else self._ended
        return ended - self._began if self.total else 0.0

    @property
    def decode_tokens_per_s(self) -> float | None:
        """Mean speed of the last answers."""
        return sum(self._speeds) / len(self._speeds) if self._speeds else None

    def left(self) -> Left | None:
        """Return how long the rest will take; None before the first is finished, and after the last.

        The time from one finished sample to the next is taken as drawn anew each time: the range is that of
        a sum of so many draws, and of not knowing their mean any better. It reaches further up than down, as
        those times do.
        """
        done, rest = self.done, self.total - self.done
        if not done or rest <= 0 or self._ended is not None:
            return None
        mean = self.elapsed_s / done
        variance = max(self._squares - done * mean**2, 0.0) / (done - 1) if done > 1 else mean**2
        doubt = _WIDTH * (1 + _FEW / done) * math.sqrt(variance * (1 / rest + 1 / done)) / (mean or 1.0)
        likely, factor = mean * rest, math.exp(min(doubt, _MOST_DOUBT))
        return Left(likely_s=likely, low_s=likely / factor, high_s=likely * factor)


def _sum(used: Used, record: Record) -> Used:
    """Add what a sample used; what one does not tell, the sum does not either."""
    found = record.usage
    return Used(
        prompt_tokens=_plus(used.prompt_tokens, found.prompt_tokens),
        completion_tokens=_plus(used.completion_tokens, found.completion_tokens),
        cost_usd=_plus(used.cost_usd, found.cost_usd),
    )


def _plus(one: N | None, other: N | None) -> N | None:
    return None if one is None or other is None else one + other
