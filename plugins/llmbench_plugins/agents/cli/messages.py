"""Anthropic's messages from the server's side, as Claude Code speaks."""

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from llmbench.api import Completion, Finish, Message
from llmbench_plugins.agents.cli.dialect import (
    Asked,
    AskedError,
    Dialect,
    ToolChoice,
    call_of,
    event,
    joined,
    raw_of,
    spec_of,
    text_of,
    unknown,
)

_UNDERSTOOD = ("messages", "system", "model", "stream", "tools", "tool_choice", "max_tokens", "metadata")
_CHOICES: Mapping[str, ToolChoice] = {"auto": "auto", "any": "required", "tool": "required", "none": "none"}
_STOPS = {Finish.LENGTH: "max_tokens", Finish.TOOL_CALLS: "tool_use", Finish.CONTENT_FILTER: "refusal"}
_THOUGHTS = ("thinking", "redacted_thinking")


def asked_of(body: Mapping[str, Any]) -> Asked:
    """Understand a request.

    Raises:
        AskedError: it is not what it should be.
    """
    messages = body.get("messages")
    if not isinstance(messages, list) or not messages:
        raise AskedError("messages: expected a list that is not empty")
    system = text_of(body.get("system"))
    first = [Message("system", system)] if system else []
    offered = [tool for tool in body.get("tools") or () if isinstance(tool, Mapping)]
    # A tool with a type and no schema is one that Anthropic's servers would run themselves.
    ours = [tool for tool in offered if "input_schema" in tool]
    choice, limit = body.get("tool_choice"), body.get("max_tokens")
    others = sorted({f"tools.{tool.get('type')}" for tool in offered if "input_schema" not in tool})
    return Asked(
        messages=joined([*first, *(part for message in messages for part in _messages(message))]),
        tools=tuple(spec_of(t.get("name"), t.get("description"), t["input_schema"]) for t in ours),
        tool_choice=_CHOICES.get(str(choice.get("type")), "auto") if isinstance(choice, Mapping) else "auto",
        max_tokens=limit if isinstance(limit, int) and limit > 0 else None,
        stream=bool(body.get("stream")),
        not_honoured=(*unknown(body, _UNDERSTOOD), *others),
    )


def _messages(message: Any) -> Iterator[Message]:
    """Yield one message as ours: a user's message may hold results of tools, which are messages here."""
    role = message.get("role") if isinstance(message, Mapping) else None
    if role not in ("user", "assistant", "system"):
        raise AskedError(f"messages: unknown role '{role}'")
    content = message.get("content")
    blocks = [{"type": "text", "text": content}] if isinstance(content, str) else content
    if not isinstance(blocks, list):
        raise AskedError("messages: content: expected text, or a list of blocks")
    for block in blocks:
        kind = block.get("type") if isinstance(block, Mapping) else None
        if kind == "tool_use":
            raw = msgspec.json.encode(block.get("input") or {}).decode()
            call = call_of(str(block.get("id")), block.get("name"), raw)
            yield Message("assistant", "", tool_calls=(call,))
        elif kind == "tool_result":
            yield Message("tool", text_of(block.get("content")), tool_call_id=str(block.get("tool_use_id")))
        elif kind not in _THOUGHTS:
            yield Message(role, text_of([block]))


def _body(completion: Completion, number: int, model: str) -> dict[str, Any]:
    return {
        **_head(number, model),
        "content": [*_blocks(completion)],
        "stop_reason": _stop(completion),
        "stop_sequence": None,
        "usage": _usage(completion),
    }


def _blocks(completion: Completion) -> Iterator[dict[str, Any]]:
    if completion.content or not completion.tool_calls:
        yield {"type": "text", "text": completion.content}
    for call in completion.tool_calls:
        yield {"type": "tool_use", "id": call.id, "name": call.name, "input": dict(call.arguments)}


def _events(completion: Completion, number: int, model: str) -> Iterator[bytes]:
    usage = _usage(completion)
    begun = {
        **_head(number, model),
        "content": [],
        "stop_reason": None,
        "stop_sequence": None,
        "usage": usage,
    }
    yield _named({"type": "message_start", "message": begun})
    raws = [raw_of(call) for call in completion.tool_calls]
    for place, block in enumerate(_blocks(completion)):
        if block["type"] == "text":
            empty: dict[str, Any] = {"type": "text", "text": ""}
            delta = {"type": "text_delta", "text": block["text"]}
        else:
            empty = {**block, "input": {}}
            delta = {"type": "input_json_delta", "partial_json": raws.pop(0)}
        yield _named({"type": "content_block_start", "index": place, "content_block": empty})
        yield _named({"type": "content_block_delta", "index": place, "delta": delta})
        yield _named({"type": "content_block_stop", "index": place})
    stop = {"stop_reason": _stop(completion), "stop_sequence": None}
    yield _named({"type": "message_delta", "delta": stop, "usage": usage})
    yield _named({"type": "message_stop"})


def _stop(completion: Completion) -> str:
    return "tool_use" if completion.tool_calls else _STOPS.get(completion.finish, "end_turn")


def _head(number: int, model: str) -> dict[str, Any]:
    return {"id": f"msg_{number}", "type": "message", "role": "assistant", "model": model}


def _usage(completion: Completion) -> dict[str, int]:
    # The form demands numbers: what is not known is 0 for the agent alone, and stays unknown in the record.
    usage = completion.usage
    return {"input_tokens": usage.prompt_tokens or 0, "output_tokens": usage.completion_tokens or 0}


def _named(data: dict[str, Any]) -> bytes:
    return event(data, data["type"])


def _error(code: str, message: str) -> dict[str, Any]:
    kinds = {"invalid_api_key": "authentication_error", "server_error": "api_error"}
    return {"type": "error", "error": {"type": kinds.get(code, "invalid_request_error"), "message": message}}


MESSAGES = Dialect(
    path="/v1/messages",
    read=asked_of,
    body=_body,
    events=_events,
    error=_error,
    failure=lambda message: event(_error("server_error", message), "error"),
    alive=event({"type": "ping"}, "ping"),
)
