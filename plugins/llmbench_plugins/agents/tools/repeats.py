"""Notices the same call on the same files again and again: a hint comes once, and then an end."""

from collections import Counter
from dataclasses import dataclass

import msgspec

from llmbench.api import Tool, ToolCall


@dataclass(frozen=True, slots=True)
class Seen:
    """What is known of a call."""

    repeated: bool
    """It was made before on the same files."""
    hint: str = ""
    """What to tell the model besides its result."""
    loops: bool = False
    """The hint was given, and here it is again."""


class Repeats:
    """Counts calls by tool, arguments and files, each once an answer."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._counts: Counter[str] = Counter()
        self._hinted: set[str] = set()
        self._in_answer: set[str] = set()

    def next_answer(self) -> None:
        """Begin to look at another answer of the model."""
        self._in_answer.clear()

    def look(self, tool: Tool, call: ToolCall, files: str) -> Seen:
        """Count a call; ``files`` is the digest of what it will find."""
        arguments = msgspec.json.encode(call.arguments, order="deterministic").decode()
        key = f"{tool.name} {arguments} {files}"
        repeated = key in self._counts
        if key not in self._in_answer:
            self._in_answer.add(key)
            self._counts[key] += 1
        count = self._counts[key]
        if key in self._hinted:
            return Seen(repeated, loops=count > self._most)
        if count < self._most:
            return Seen(repeated)
        self._hinted.add(key)
        return Seen(
            repeated,
            f"\n\nNote: you have made this very call {count} times on the same files, and it will bring the "
            "same again. Do something else, or end.",
        )
