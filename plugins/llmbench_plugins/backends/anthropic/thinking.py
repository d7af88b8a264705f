"""Thinking in the words of the Messages API: a budget, or the model's own measure with an effort."""

from collections.abc import Iterator, Mapping
from typing import Any

from llmbench.api import Reasoning, Request, Wish
from llmbench.errors import UsageError
from llmbench_plugins.backends.anthropic.claude import Claude

LEAST_BUDGET = 1024
_ROOM = 16
"""Tokens for an answer beside a budget, where all that is asked is whether there is one."""


def thinking_of(reasoning: Reasoning, claude: Claude) -> Mapping[str, Any]:
    """Return the fields that say whether and how much to think; none of them leaves it to the model."""
    if reasoning.style == "none":
        return {}
    if not reasoning.enabled:
        # Where thinking takes a budget, none is thought without one.
        return {"thinking": {"type": claude.rest}} if claude.adaptive else {}
    effort = {"output_config": {"effort": reasoning.level}} if reasoning.level else {}
    if has_budget(reasoning, claude):
        return {"thinking": {"type": "enabled", "budget_tokens": reasoning.think_tokens}, **effort}
    return {"thinking": {"type": "adaptive", "display": "summarized"}, **effort}


def has_budget(reasoning: Reasoning, claude: Claude) -> bool:
    """Say whether a number of tokens is sent: where the profile sets one and the model takes it."""
    own_measure = claude.adaptive and (reasoning.level is not None or not reasoning.think_tokens)
    return reasoning.style != "none" and reasoning.enabled and claude.budgets and not own_measure


def checked(reasoning: Reasoning, claude: Claude) -> None:
    """Make sure that the model takes the profile's limits.

    Raises:
        UsageError: its budget is too small, or its answers may be longer than the model's.
    """
    if has_budget(reasoning, claude) and reasoning.think_tokens < LEAST_BUDGET:
        raise UsageError(
            f"model.reasoning.think_tokens: '{claude.id}' takes budgets of {LEAST_BUDGET} tokens or more, "
            f"got {reasoning.think_tokens}; raise it, or set model.reasoning.enabled=false"
        )
    if claude.max_tokens and reasoning.max_tokens > claude.max_tokens:
        raise UsageError(
            f"model.reasoning: '{claude.id}' answers with at most {claude.max_tokens} tokens, thinking "
            f"included, got {reasoning.max_tokens}; lower model.reasoning.answer_tokens or think_tokens"
        )


def room_for(request: Request, claude: Claude) -> int:
    """Return how many tokens a request needs at least: its budget must be smaller than its limit."""
    if has_budget(request.reasoning, claude):
        return max(request.max_tokens, request.reasoning.think_tokens + _ROOM)
    return request.max_tokens


def unheard(wish: Wish, claude: Claude | None) -> Iterator[str]:
    """Yield what of an agent's wish would be refused or ignored, with the option to change."""
    reasoning = wish.reasoning
    thinks = reasoning.style != "none" and reasoning.enabled
    if wish.tools and wish.tool_choice == "required" and thinks:
        yield (
            "agent.tool_choice=required: Claude can't be forced to call tools while it thinks; set "
            "agent.tool_choice=auto and agent.min_tool_calls=1"
        )
    level, efforts = reasoning.level, claude.efforts if claude else None
    if claude and thinks and level and efforts is not None and level not in efforts:
        takes = f"only {', '.join(sorted(efforts))}" if efforts else "no level of effort"
        yield (
            f"model.reasoning.level={level}: '{claude.id}' takes {takes}; set model.reasoning.level=null "
            "and model.reasoning.think_tokens"
        )
