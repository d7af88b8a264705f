"""Keeps a conversation within the server's context: the limit is watched, old results make room."""

from collections.abc import Sequence

from llmbench.api import Completion, Message, ToolSpec
from llmbench_plugins.agents.tools.history import History

_CHARS_A_TOKEN = 3.0
"""Before anything was measured; code has few characters a token."""
_GOAL = 0.7
"""How full the context may be after shortening."""


class Room:
    """Measures how many characters this model's tokens have, and says when a prompt grows too long."""

    def __init__(self, limit: int | None, answer_tokens: int) -> None:
        self._limit = limit
        # An answer that may be as long as the whole context would leave no prompt at all.
        self._answer = min(answer_tokens, limit // 2) if limit else answer_tokens
        self._chars_a_token = _CHARS_A_TOKEN

    def make(self, history: History, messages: Sequence[Message], specs: Sequence[ToolSpec]) -> bool:
        """Shorten old results if the next prompt may not fit; say whether anything was shortened."""
        if self._limit is None:
            return False
        tokens = _characters(messages, specs) / self._chars_a_token
        if tokens + self._answer <= self._limit:
            return False
        goal = max(0.0, _GOAL * (self._limit - self._answer))
        return history.shorten(int((tokens - goal) * self._chars_a_token)) > 0

    def learn(self, messages: Sequence[Message], specs: Sequence[ToolSpec], completion: Completion) -> None:
        """Take the true length of a prompt into account."""
        counted = completion.usage.prompt_tokens
        if counted:
            self._chars_a_token = max(1.0, _characters(messages, specs) / counted)


def _characters(messages: Sequence[Message], specs: Sequence[ToolSpec]) -> int:
    calls = [call for message in messages for call in message.tool_calls]
    return (
        sum(len(message.content) + len(message.reasoning) for message in messages)
        + sum(len(call.name) + len(call.raw or str(call.arguments)) for call in calls)
        + sum(len(spec.name) + len(spec.description) + len(str(spec.parameters)) for spec in specs)
    )
