"""What the ways of speaking to a model have in common, from the server's side."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import msgspec

from llmbench.api import Completion, Message, ToolCall, ToolSpec
from llmbench.errors import LlmbenchError

ToolChoice = Literal["auto", "required", "none"]


class AskedError(LlmbenchError):
    """A request of the agent that can't be understood."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One question of an outside agent, in our terms."""

    messages: tuple[Message, ...]
    tools: tuple[ToolSpec, ...] = ()
    tool_choice: ToolChoice = "auto"
    max_tokens: int | None = None
    stream: bool = False
    not_honoured: tuple[str, ...] = ()
    """Fields that say something of their own where the run's settings count, such as a temperature."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """One way of speaking to a model over HTTP."""

    path: str
    read: Callable[[Mapping[str, Any]], Asked]
    body: Callable[[Completion, int, str], dict[str, Any]]
    """The answer, for one that is not streamed; with its number and the model's name."""
    events: Callable[[Completion, int, str], Iterator[bytes]]
    """The answer as the events of a stream, which all come at once."""
    error: Callable[[str, str], dict[str, Any]]
    """What is sent for a code and a message."""
    failure: Callable[[str], bytes]
    """The event that ends a stream for want of an answer."""
    alive: bytes = b": waiting for the model\n\n"
    """Sent while the model works."""


def event(data: Mapping[str, Any], name: str = "") -> bytes:
    """Return one event of a stream."""
    head = f"event: {name}\n".encode() if name else b""
    return head + b"data: " + msgspec.json.encode(data) + b"\n\n"


def unknown(body: Mapping[str, Any], understood: tuple[str, ...]) -> tuple[str, ...]:
    """Return the fields that carry something and are not understood."""
    return tuple(sorted(name for name, value in body.items() if name not in understood and value is not None))


def text_of(content: Any) -> str:
    """Return the text of a message, whole or in parts; pictures and sounds are no text.

    Raises:
        AskedError: it is something else.
    """
    if content is None:
        return ""
    if isinstance(content, str):
        return content
    if not isinstance(content, list):
        raise AskedError("messages: content: expected text, or a list of parts")
    for part in content:
        if not isinstance(part, Mapping) or not isinstance(part.get("text"), str):
            kind = part.get("type") if isinstance(part, Mapping) else type(part).__name__
            raise AskedError(f"messages: content: parts of kind '{kind}' are not supported; only text is")
    return "".join(part["text"] for part in content)


def call_of(number: str, name: Any, raw: str) -> ToolCall:
    """Return a call that an agent sends back as part of the history.

    Raises:
        AskedError: it has no name.
    """
    if not isinstance(name, str) or not name:
        raise AskedError("messages: expected calls of tools with a name")
    try:
        arguments = msgspec.json.decode(raw)
    except msgspec.DecodeError:
        arguments = None
    return ToolCall(id=number, name=name, arguments=arguments if isinstance(arguments, dict) else {}, raw=raw)


def raw_of(call: ToolCall) -> str:
    """Return a call's arguments as the model wrote them."""
    return call.raw or msgspec.json.encode(call.arguments).decode()


def spec_of(name: Any, description: Any, parameters: Any) -> ToolSpec:
    """Return a tool that an agent offers.

    Raises:
        AskedError: it has no name.
    """
    if not isinstance(name, str) or not name:
        raise AskedError("tools: expected functions with a name")
    schema = parameters if isinstance(parameters, Mapping) else {"type": "object", "properties": {}}
    return ToolSpec(name=name, description=str(description or ""), parameters=schema)


def joined(messages: list[Message]) -> tuple[Message, ...]:
    """Return messages as templates want them: turns, and one system message, which comes first."""
    found: list[Message] = []
    for given in messages:
        last = found[-1] if found else None
        is_late = given.role == "system" and last is not None and last.role != "system"
        message = Message("user", given.content) if is_late else given
        if last is None or message.role != last.role or message.role == "tool":
            found.append(message)
            continue
        content = "\n\n".join(part for part in (last.content, message.content) if part)
        found[-1] = Message(last.role, content, tool_calls=(*last.tool_calls, *message.tool_calls))
    return tuple(found)
