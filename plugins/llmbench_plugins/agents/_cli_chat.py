"""OpenAI's chat completions from the server's side: what an outside agent asks, and how it is answered."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import msgspec

from llmbench.api import Completion, Message, ToolCall, ToolSpec
from llmbench.api.completion import Role
from llmbench.errors import LlmbenchError

ToolChoice = Literal["auto", "required", "none"]

_UNDERSTOOD = {"messages", "model", "stream", "stream_options", "tools", "tool_choice", "n"}
_LIMITS = ("max_completion_tokens", "max_tokens")
_ROLES: Mapping[str, Role] = {
    "system": "system",
    "developer": "system",
    "user": "user",
    "assistant": "assistant",
    "tool": "tool",
    "function": "tool",
}
_CHOICES: Mapping[str, ToolChoice] = {"auto": "auto", "required": "required", "none": "none"}


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


def asked_of(body: Mapping[str, Any]) -> Asked:
    """Understand a request.

    Raises:
        AskedError: it is not what it should be.
    """
    messages = body.get("messages")
    if not isinstance(messages, list) or not messages:
        raise AskedError("messages: expected a list that is not empty")
    if body.get("n") not in (None, 1):
        raise AskedError("n: one answer at a time")
    limits = [body[name] for name in _LIMITS if isinstance(body.get(name), int) and body[name] > 0]
    ignored = [
        name for name, value in body.items() if name not in (*_UNDERSTOOD, *_LIMITS) and value is not None
    ]
    return Asked(
        messages=tuple(_message(message) for message in messages),
        tools=tuple(_tool(tool) for tool in body.get("tools") or ()),
        tool_choice=_choice(body.get("tool_choice")),
        max_tokens=min(limits) if limits else None,
        stream=bool(body.get("stream")),
        not_honoured=tuple(sorted(ignored)),
    )


def _message(message: Any) -> Message:
    if not isinstance(message, Mapping):
        raise AskedError("messages: expected objects")
    role = _ROLES.get(str(message.get("role")))
    if role is None:
        raise AskedError(f"messages: unknown role '{message.get('role')}'")
    calls = message.get("tool_calls") or ()
    return Message(
        role,
        _text(message.get("content")),
        reasoning=str(message.get("reasoning_content") or ""),
        tool_calls=tuple(_call(call, number) for number, call in enumerate(calls)),
        tool_call_id=str(message.get("tool_call_id") or ""),
    )


def _text(content: Any) -> str:
    """Return the text of a message, whole or in parts; pictures and sounds are no text."""
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


def _call(call: Any, number: int) -> ToolCall:
    function = call.get("function") if isinstance(call, Mapping) else None
    if not isinstance(function, Mapping) or not function.get("name"):
        raise AskedError("messages: tool_calls: expected functions with a name")
    raw = str(function.get("arguments") or "{}")
    try:
        arguments = msgspec.json.decode(raw)
    except msgspec.DecodeError:
        arguments = None
    return ToolCall(
        id=str(call.get("id") or f"call_{number}"),
        name=str(function["name"]),
        arguments=arguments if isinstance(arguments, dict) else {},
        raw=raw,
    )


def _tool(tool: Any) -> ToolSpec:
    function = tool.get("function") if isinstance(tool, Mapping) else None
    if not isinstance(function, Mapping) or not function.get("name"):
        raise AskedError("tools: expected functions with a name")
    return ToolSpec(
        name=str(function["name"]),
        description=str(function.get("description") or ""),
        parameters=function.get("parameters") or {"type": "object", "properties": {}},
    )


def _choice(choice: Any) -> ToolChoice:
    # One function by name can't be demanded of every backend; any function can.
    return "required" if isinstance(choice, Mapping) else _CHOICES.get(str(choice), "auto")


def answer_body(completion: Completion, number: int, model: str) -> dict[str, Any]:
    """Return an answer that is not streamed."""
    choice = {"index": 0, "message": _said(completion), "finish_reason": str(completion.finish)}
    return {**_head(number, model), "object": "chat.completion", "choices": [choice], **_usage(completion)}


def answer_events(completion: Completion, number: int, model: str) -> Iterator[bytes]:
    """Yield an answer as the events of a stream, which all come at once."""
    head = {**_head(number, model), "object": "chat.completion.chunk"}
    said = _said(completion)
    for place, call in enumerate(said.get("tool_calls", ())):
        call["index"] = place
    for delta, finish in ((said, None), ({}, str(completion.finish))):
        choice = {"index": 0, "delta": delta, "finish_reason": finish}
        yield event({**head, "choices": [choice]})
    if usage := _usage(completion):
        yield event({**head, "choices": [], **usage})
    yield b"data: [DONE]\n\n"


def event(data: Mapping[str, Any]) -> bytes:
    """Return one event of a stream."""
    return b"data: " + msgspec.json.encode(data) + b"\n\n"


def _head(number: int, model: str) -> dict[str, Any]:
    return {"id": f"llmbench-{number}", "created": 0, "model": model}


def _said(completion: Completion) -> dict[str, Any]:
    said: dict[str, Any] = {"role": "assistant", "content": completion.content}
    if completion.reasoning:
        said["reasoning_content"] = completion.reasoning
    if completion.tool_calls:
        said["tool_calls"] = [
            {"id": call.id, "type": "function", "function": {"name": call.name, "arguments": _raw(call)}}
            for call in completion.tool_calls
        ]
    return said


def _raw(call: ToolCall) -> str:
    return call.raw or msgspec.json.encode(call.arguments).decode()


def _usage(completion: Completion) -> dict[str, Any]:
    """Return the usage as far as it is known: unknown tokens are left out, for they are not 0."""
    usage = completion.usage
    if usage.prompt_tokens is None or usage.completion_tokens is None:
        return {}
    counts = {"prompt_tokens": usage.prompt_tokens, "completion_tokens": usage.completion_tokens}
    return {"usage": {**counts, "total_tokens": sum(counts.values())}}
