"""What profiles that are made on the fly have in common: a context that fits most machines, and thinking."""

from llmbench.api import Reasoning

CONTEXT = 16384
"""Tokens, as in the profiles that ship: what a model was trained for seldom fits the memory."""
ANSWER_TOKENS = 4096
_LEAST_ANSWER = 256
_THINKS = ("enable_thinking", "<think>", "reasoning_effort")


def context_for(trained: int | None) -> int:
    """Return the tokens of context to load for a model that was trained for so many."""
    return min(CONTEXT, trained or CONTEXT)


def reasoning_for(template: str, context: int) -> Reasoning:
    """Return how a model thinks as its chat template tells, with budgets that fit the context."""
    answer = min(ANSWER_TOKENS, max(_LEAST_ANSWER, context // 4))
    if not any(word in template for word in _THINKS):
        return Reasoning(answer_tokens=answer)
    return Reasoning(style="separate", enabled=True, think_tokens=context // 2, answer_tokens=answer)
