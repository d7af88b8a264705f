"""OpenRouter's own fields of a request: routing, reasoning, and reasoning handed back in tool loops."""

from collections.abc import Mapping
from typing import Any

from llmbench.api import Completion, Message, Reasoning, Request
from llmbench_plugins.backends.shared.foreign import entries, listed, section
from llmbench_plugins.backends.shared.payload import payload_of

_REMEMBERED = 4096


def reasoning_of(reasoning: Reasoning) -> Mapping[str, Any] | None:
    """Return the field ``reasoning``, or None to leave it out.

    An effort is a share of ``max_tokens``; only a number of tokens keeps the answer's budget whole.
    """
    if reasoning.style == "none":
        return None
    if not reasoning.enabled:
        return {"effort": "none"}
    if reasoning.level:
        return {"effort": reasoning.level}
    return {"max_tokens": reasoning.think_tokens} if reasoning.think_tokens else {"enabled": True}


class Memory:
    """The blocks of reasoning of earlier answers, which providers want back unchanged."""

    def __init__(self) -> None:
        self._details: dict[tuple[str, tuple[str, ...]], Any] = {}

    def remember(self, completion: Completion) -> None:
        """Keep the blocks of an answer; the oldest are forgotten."""
        choice = next(iter(listed(completion.raw, "choices")), {})
        details = entries(section(choice, "message").get("reasoning_details"))
        if details:
            ids = tuple(call.id for call in completion.tool_calls)
            self._details[completion.content, ids] = details
            while len(self._details) > _REMEMBERED:
                self._details.pop(next(iter(self._details)))

    def messages(self, request: Request) -> list[Mapping[str, Any]]:
        """Return the messages of a request, with the reasoning that belongs to them."""
        plain = payload_of(request, model="", stream=False)["messages"]
        return [self._with_reasoning(*pair) for pair in zip(plain, request.messages, strict=True)]

    def _with_reasoning(self, told: dict[str, Any], message: Message) -> Mapping[str, Any]:
        thought = told.pop("reasoning_content", None)
        if thought is None:
            return told
        details = self._details.get((message.content, tuple(call.id for call in message.tool_calls)))
        # Words alone, after a restart: better than nothing.
        return {**told, "reasoning_details": details} if details else {**told, "reasoning": thought}
