"""The conversation of an agent with its model, in a form that both ways of writing calls can tell."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from llmbench.api import ToolCall

KEPT_CHARS = 160
"""What stays of each end of an old result."""


@dataclass(frozen=True, slots=True)
class Result:
    """What a call brought."""

    call: ToolCall
    text: str

    @property
    def shortened(self) -> "Result":
        """The same with only its ends, where that saves anything."""
        left_out = len(self.text) - 2 * KEPT_CHARS
        if left_out < KEPT_CHARS:
            return self
        head, tail = self.text[:KEPT_CHARS], self.text[-KEPT_CHARS:]
        note = (
            f"[… {left_out} characters of this old result were left out to save room; call again if needed …]"
        )
        return Result(self.call, f"{head}\n{note}\n{tail}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """An answer of the model, what its calls brought, and what the agent says to it besides."""

    content: str
    reasoning: str = ""
    results: tuple[Result, ...] = ()
    said: str = ""
    """Complaints, reminders, and the feedback of tests before a further try."""


@dataclass(slots=True)
class History:
    """All of a conversation. Old results are shortened from the beginning, never the newest ones."""

    system: str
    task: str
    exchanges: list[Exchange] = field(default_factory=list)
    shortened: int = 0
    """How many exchanges, from the first, are told with their results shortened."""

    def told(self) -> Iterator[Exchange]:
        """Yield the exchanges as the model is to see them."""
        for number, exchange in enumerate(self.exchanges):
            results = exchange.results
            if number < self.shortened:
                results = tuple(result.shortened for result in results)
            yield Exchange(
                content=exchange.content,
                reasoning=exchange.reasoning,
                results=results,
                said=exchange.said,
            )

    def shorten(self, characters: int) -> int:
        """Shorten as many old results as save so many characters, or all; return how many were saved.

        More are shortened at once than need be: each time, a server has to read the whole prompt anew.
        """
        saved = 0
        while self.shortened < len(self.exchanges) - 1 and saved < characters:
            results = self.exchanges[self.shortened].results
            saved += sum(len(result.text) - len(result.shortened.text) for result in results)
            self.shortened += 1
        return saved
