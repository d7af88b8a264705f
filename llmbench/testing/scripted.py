"""ScriptedBackend: answers written beforehand, for tests of what stands in front of a backend."""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from types import TracebackType
from typing import Any, Self

import msgspec

from llmbench.api import (
    Backend,
    Completion,
    Context,
    Finish,
    ModelProfile,
    NoOptions,
    Request,
    Timing,
    ToolCall,
    Usage,
)
from llmbench.errors import BackendError

Reply = str | Completion | BaseException
Replying = Callable[[Request], Reply]


class ScriptedBackend(Backend):
    """Answers from a list (one a request, in order) or from a function of the request.

    An exception as a reply is raised. ``requests`` keeps what was asked, ``entered`` and ``left`` count.
    """

    def __init__(
        self,
        replies: Iterable[Reply] | Replying,
        *,
        context: Context,
        model: ModelProfile | None = None,
        capacity: int = 4,
        delay_s: float = 0.0,
    ) -> None:
        super().__init__(NoOptions(), model or ModelProfile(name="scripted", trusted=True), context)
        self._reply = replies if callable(replies) else _in_order(replies)
        self._capacity = capacity
        self._delay_s = delay_s
        self.requests: list[Request] = []
        self.entered = 0
        self.left = 0
        self.in_flight = 0
        self.most_in_flight = 0

    async def __aenter__(self) -> Self:
        self.entered += 1
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.left += 1

    async def complete(self, request: Request) -> Completion:
        """Give the next reply, or raise it."""
        self.requests.append(request)
        self.in_flight += 1
        self.most_in_flight = max(self.most_in_flight, self.in_flight)
        try:
            await asyncio.sleep(self._delay_s)
            reply = self._reply(request)
        finally:
            self.in_flight -= 1
        if isinstance(reply, BaseException):
            raise reply
        return reply if isinstance(reply, Completion) else completion(reply)

    async def describe(self) -> Mapping[str, Any]:
        """Say that nothing real is behind it."""
        return {"server": "scripted"}

    @property
    def capacity(self) -> int:
        """How many requests at once, as it was told."""
        return self._capacity


def completion(content: str, *, finish: Finish = Finish.STOP, reasoning: str = "") -> Completion:
    """Return a completion with counts of words as its usage."""
    usage = Usage(prompt_tokens=10, completion_tokens=len(content.split()))
    return Completion(
        content=content, finish=finish, reasoning=reasoning, usage=usage, timing=Timing(wall_s=0.001)
    )


def calling(*calls: tuple[str, Mapping[str, Any]], content: str = "", prompt_tokens: int = 10) -> Completion:
    """Return a completion that calls tools, each given by its name and its arguments."""
    made = tuple(
        ToolCall(
            id=f"call_{number}",
            name=name,
            arguments=arguments,
            raw=msgspec.json.encode(arguments).decode(),
        )
        for number, (name, arguments) in enumerate(calls)
    )
    usage = Usage(prompt_tokens=prompt_tokens, completion_tokens=5 * len(calls))
    return Completion(
        content=content,
        finish=Finish.TOOL_CALLS,
        tool_calls=made,
        usage=usage,
        timing=Timing(wall_s=0.001),
    )


def _in_order(replies: Iterable[Reply]) -> Replying:
    remaining = iter(replies)

    def reply(request: Request) -> Reply:
        try:
            return next(remaining)
        except StopIteration:
            raise BackendError("the script holds no further reply") from None

    return reply
