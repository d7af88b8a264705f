"""The blocks of earlier answers: thinking is signed, and goes back unchanged with the results of tools."""

from collections.abc import Mapping, Sequence
from typing import Any

from llmbench.api import Completion, Message
from llmbench_plugins.backends.shared.foreign import entries

_REMEMBERED = 4096
_THOUGHTS = ("thinking", "redacted_thinking")
"""Types of blocks that are thinking, readable or not."""
Blocks = Sequence[Mapping[str, Any]]


class Memory:
    """Answers as the API sent them, by the calls in them, or by their text."""

    def __init__(self) -> None:
        self._blocks: dict[str, Blocks] = {}

    def remember(self, completion: Completion) -> None:
        """Keep the blocks of an answer that called tools, or thought; the oldest are forgotten."""
        blocks = entries(completion.raw.get("content"))
        thought = any(block.get("type") in _THOUGHTS for block in blocks)
        for key in [call.id for call in completion.tool_calls] or [completion.content] * thought:
            self._blocks[key] = blocks
        while len(self._blocks) > _REMEMBERED:
            self._blocks.pop(next(iter(self._blocks)))

    def recall(self, message: Message, *, keep: bool) -> Blocks:
        """Return the blocks of a message of ours: of one that called tools always, else only to ``keep``."""
        keys = [call.id for call in message.tool_calls] or ([message.content] if keep else [])
        return next((self._blocks[key] for key in keys if key in self._blocks), ())
