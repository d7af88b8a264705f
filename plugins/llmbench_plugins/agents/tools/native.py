"""Calls as the server parses them: the tools go along with the request, the calls come as data."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import msgspec

from llmbench.api import Completion, Finish, Message, Tool, ToolCall
from llmbench_plugins.agents.tools.checking import Mistake, find
from llmbench_plugins.agents.tools.history import Exchange, History, Result
from llmbench_plugins.agents.tools.reading import calls_in

NAME = "native"


@dataclass(frozen=True, slots=True)
class Read:
    """What an answer asks for."""

    calls: tuple[ToolCall, ...]
    mistake: Mistake | None = None
    """Why there are none, where something is wrong."""
    text: str = ""
    """What the model is told of that."""
    invented: bool = False
    """The answer holds results that the model made up; what follows them was not read."""


def read(completion: Completion, tools: Mapping[str, Tool]) -> Read:
    """Return the calls of an answer, or the sign that some were lost on the way."""
    if completion.tool_calls:
        return Read(_distinct(completion.tool_calls))
    if completion.finish is Finish.TOOL_CALLS:
        told = (
            "a tool call of yours could not be read and was dropped; write it again, shorter if it was long"
        )
        return Read((), Mistake.DROPPED, told)
    meant = [call for call in calls_in(completion.content, tools).calls if find(call.name, tools)]
    if meant:
        told = (
            f"your call of {meant[0].name} came as text and was not done; call tools in your own form for it"
        )
        return Read((), Mistake.AS_TEXT, told)
    return Read(())


def messages(history: History) -> Iterator[Message]:
    """Yield a conversation as a server wants it that parses calls."""
    if history.system:
        yield Message("system", history.system)
    yield Message("user", history.task)
    for exchange in history.told():
        yield from _exchange(exchange)


def _exchange(exchange: Exchange) -> Iterator[Message]:
    calls = tuple(_sendable(result.call) for result in exchange.results)
    content = exchange.content or ("" if calls else "(no answer)")
    yield Message("assistant", content, reasoning=exchange.reasoning, tool_calls=calls)
    for result in exchange.results:
        yield _result(result)
    if exchange.said:
        yield Message("user", exchange.said)


def _result(result: Result) -> Message:
    return Message("tool", result.text, tool_call_id=result.call.id)


def _sendable(call: ToolCall) -> ToolCall:
    """Return a call that a server's chat template can be trusted with: it parses what it is sent."""
    raw = "" if call.problem else call.raw or msgspec.json.encode(call.arguments).decode()
    return replace(call, name=call.name or "unnamed", raw=raw or "{}", problem="")


def _distinct(calls: tuple[ToolCall, ...]) -> tuple[ToolCall, ...]:
    """Give every call an id of its own: some servers number all calls of an answer alike."""
    if len({call.id for call in calls}) == len(calls):
        return calls
    return tuple(replace(call, id=f"{call.id}_{number}") for number, call in enumerate(calls))
