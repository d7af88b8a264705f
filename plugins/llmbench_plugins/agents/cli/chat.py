"""OpenAI's chat completions from the server's side, as aider, opencode and most others speak."""

from collections.abc import Iterator, Mapping
from typing import Any

from llmbench.api import Completion, Message, ToolCall, ToolSpec
from llmbench.api.completion import Role
from llmbench_plugins.agents.cli.dialect import (
    Asked,
    AskedError,
    Dialect,
    ToolChoice,
    call_of,
    event,
    raw_of,
    spec_of,
    text_of,
    unknown,
)

_LIMITS = ("max_completion_tokens", "max_tokens")
_UNDERSTOOD = ("messages", "model", "stream", "stream_options", "tools", "tool_choice", "n", *_LIMITS)
_ROLES: Mapping[str, Role] = {
    "system": "system",
    "developer": "system",
    "user": "user",
    "assistant": "assistant",
    "tool": "tool",
    "function": "tool",
}
_CHOICES: Mapping[str, ToolChoice] = {"auto": "auto", "required": "required", "none": "none"}


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
    return Asked(
        messages=tuple(_message(message) for message in messages),
        tools=tuple(_tool(tool) for tool in body.get("tools") or ()),
        tool_choice=_choice(body.get("tool_choice")),
        max_tokens=min(limits) if limits else None,
        stream=bool(body.get("stream")),
        not_honoured=unknown(body, _UNDERSTOOD),
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
        text_of(message.get("content")),
        reasoning=str(message.get("reasoning_content") or ""),
        tool_calls=tuple(_call(call, number) for number, call in enumerate(calls)),
        tool_call_id=str(message.get("tool_call_id") or ""),
    )


def _call(call: Any, number: int) -> ToolCall:
    function = call.get("function") if isinstance(call, Mapping) else None
    if not isinstance(function, Mapping):
        raise AskedError("messages: tool_calls: expected functions with a name")
    raw = str(function.get("arguments") or "{}")
    return call_of(str(call.get("id") or f"call_{number}"), function.get("name"), raw)


def _tool(tool: Any) -> ToolSpec:
    function = tool.get("function") if isinstance(tool, Mapping) else None
    if not isinstance(function, Mapping):
        raise AskedError("tools: expected functions with a name")
    return spec_of(function.get("name"), function.get("description"), function.get("parameters"))


def _choice(choice: Any) -> ToolChoice:
    # One function by name can't be demanded of every backend; any function can.
    return "required" if isinstance(choice, Mapping) else _CHOICES.get(str(choice), "auto")


def _body(completion: Completion, number: int, model: str) -> dict[str, Any]:
    choice = {"index": 0, "message": _said(completion), "finish_reason": str(completion.finish)}
    return {**_head(number, model), "object": "chat.completion", "choices": [choice], **_usage(completion)}


def _events(completion: Completion, number: int, model: str) -> Iterator[bytes]:
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


def error(code: str, message: str) -> dict[str, Any]:
    """Return what OpenAI's servers send instead of an answer."""
    return {"error": {"message": message, "type": code, "code": code, "param": None}}


def _head(number: int, model: str) -> dict[str, Any]:
    return {"id": f"llmbench-{number}", "created": 0, "model": model}


def _said(completion: Completion) -> dict[str, Any]:
    said: dict[str, Any] = {"role": "assistant", "content": completion.content}
    if completion.reasoning:
        said["reasoning_content"] = completion.reasoning
    if completion.tool_calls:
        said["tool_calls"] = [
            {"id": call.id, "type": "function", "function": {"name": call.name, "arguments": raw_of(call)}}
            for call in completion.tool_calls
        ]
    return said


def _usage(completion: Completion) -> dict[str, Any]:
    """Return the usage as far as it is known: unknown tokens are left out, for they are not 0."""
    usage = completion.usage
    if usage.prompt_tokens is None or usage.completion_tokens is None:
        return {}
    counts = {"prompt_tokens": usage.prompt_tokens, "completion_tokens": usage.completion_tokens}
    return {"usage": {**counts, "total_tokens": sum(counts.values())}}


CHAT = Dialect(
    path="/v1/chat/completions",
    read=asked_of,
    body=_body,
    events=_events,
    error=error,
    failure=lambda message: event(error("server_error", message)),
)
