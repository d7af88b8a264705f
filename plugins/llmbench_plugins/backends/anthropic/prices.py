"""What Claude costs, for the API does not tell: a table of ours, with its source and date.

Source: https://platform.claude.com/docs/en/about-claude/pricing and the pages of the models beside it.
"""

import re
from dataclasses import dataclass

from llmbench.api import Prices, Usage

AS_OF = "2026-10"
_MILLION = 1e6
_CACHE_WRITE = 1.25
"""A prompt that is written into the cache for five minutes costs so much more."""
_SNAPSHOT = re.compile(r"-(?:\d{8}|latest)$")


@dataclass(frozen=True, slots=True)
class Price:
    """US dollars for a million tokens."""

    prompt: float
    completion: float
    cached: float
    """For what is read from the cache."""

    @property
    def a_token(self) -> Prices:
        """The price of one token, as the budget counts."""
        return Prices(prompt_usd=self.prompt / _MILLION, completion_usd=self.completion / _MILLION)


_OPUS_4 = Price(5.0, 25.0, 0.5)
_FABLE_5 = Price(10.0, 50.0, 1.0)
_PRICES = {
    "claude-fable-5-1": Price(10.0, 50.0, 0.25),
    "claude-fable-5": _FABLE_5,
    "claude-opus-5-5": Price(4.0, 20.0, 0.2),
    "claude-opus-5": _OPUS_4,
    "claude-opus-4-8": _OPUS_4,
    "claude-opus-4-7": _OPUS_4,
    "claude-opus-4-6": _OPUS_4,
    "claude-opus-4-5": _OPUS_4,
    "claude-sonnet-5-5": Price(2.0, 10.0, 0.1),
    "claude-sonnet-5": Price(2.0, 10.0, 0.2),
    "claude-sonnet-4-6": Price(3.0, 15.0, 0.3),
    "claude-sonnet-4-5": Price(3.0, 15.0, 0.3),
    "claude-haiku-5-5": Price(0.1, 0.5, 0.01),
    "claude-haiku-4-5": Price(1.0, 5.0, 0.1),
}
_LONG = {"claude-haiku-5-5": (100_000, 5.0)}
"""Beyond so many tokens of prompt, all tokens of a request cost so many times more."""


def price_of(model: str) -> Price | None:
    """Return what a model costs, by its id with or without the date of a snapshot; None where unknown."""
    return _PRICES.get(_bare(model))


def cost_of(model: str, usage: Usage, *, written: int) -> float | None:
    """Return what an answer cost in US dollars; ``written`` tokens of its prompt went into the cache."""
    price = price_of(model)
    if price is None or usage.prompt_tokens is None or usage.completion_tokens is None:
        return None
    read = usage.cached_tokens or 0
    fresh = usage.prompt_tokens - read - written
    million = (
        price.prompt * (fresh + _CACHE_WRITE * written)
        + price.cached * read
        + price.completion * usage.completion_tokens
    )
    return million / _MILLION * _factor(model, usage.prompt_tokens)


def _factor(model: str, prompt_tokens: int) -> float:
    most, factor = _LONG.get(_bare(model), (prompt_tokens, 1.0))
    return factor if prompt_tokens > most else 1.0


def _bare(model: str) -> str:
    return _SNAPSHOT.sub("", model)
