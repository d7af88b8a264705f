"""OpenAI's responses from the server's side, as Codex speaks. Nothing is stored: a request holds it all."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from llmbench.api import Completion, Finish, Message, ToolSpec
from llmbench_plugins.agents.cli.chat import error
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

_UNDERSTOOD = (
    *("input", "instructions", "model", "stream", "store", "tools", "tool_choice", "max_output_tokens"),
    *("include", "parallel_tool_calls", "prompt_cache_key", "client_metadata", "metadata", "user"),
)
_CHOICES: Mapping[str, ToolChoice] = {"auto": "auto", "required": "required", "none": "none"}
_PASSED_OVER = ("reasoning", "item_reference")


def asked_of(body: Mapping[str, Any]) -> Asked:
    """Understand a request.

    Raises:
        AskedError: it is not what it should be, or leans on an earlier one.
    """
    if body.get("previous_response_id"):
        raise AskedError("previous_response_id: nothing is stored here; send the whole input")
    given = body.get("input")
    items = [{"type": "message", "role": "user", "content": given}] if isinstance(given, str) else given
    if not isinstance(items, list) or not items:
        raise AskedError("input: expected text, or a list that is not empty")
    first = [Message("system", str(body["instructions"]))] if body.get("instructions") else []
    offered = [tool for tool in body.get("tools") or () if isinstance(tool, Mapping)]
    limit, choice = body.get("max_output_tokens"), body.get("tool_choice")
    return Asked(
        messages=joined([*first, *_messages(items)]),
        tools=tuple(_tool(tool) for tool in offered if tool.get("type") == "function"),
        tool_choice="required" if isinstance(choice, Mapping) else _CHOICES.get(str(choice), "auto"),
        max_tokens=limit if isinstance(limit, int) and limit > 0 else None,
        stream=bool(body.get("stream")),
        not_honoured=(*unknown(body, _UNDERSTOOD), *_other_tools(offered)),
    )


def _messages(items: Sequence[Any]) -> Iterator[Message]:
    for item in items:
        kind = item.get("type", "message") if isinstance(item, Mapping) else None
        if kind == "message":
            yield _message(item)
        elif kind == "function_call":
            call = call_of(str(item.get("call_id")), item.get("name"), str(item.get("arguments") or "{}"))
            yield Message("assistant", "", tool_calls=(call,))
        elif kind == "function_call_output":
            yield Message("tool", text_of(item.get("output")), tool_call_id=str(item.get("call_id")))
        elif kind not in _PASSED_OVER:
            raise AskedError(f"input: items of kind '{kind}' are not supported")


def _message(item: Mapping[str, Any]) -> Message:
    role = item.get("role")
    content = text_of(item.get("content"))
    if role in ("system", "developer"):
        return Message("system", content)
    if role not in ("user", "assistant"):
        raise AskedError(f"input: unknown role '{role}'")
    return Message("user" if role == "user" else "assistant", content)


def _tool(tool: Mapping[str, Any]) -> ToolSpec:
    return spec_of(tool.get("name"), tool.get("description"), tool.get("parameters"))


def _other_tools(tools: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Yield the tools that a server of OpenAI's would run itself: there are none of them here."""
    yield from sorted({f"tools.{tool.get('type')}" for tool in tools if tool.get("type") != "function"})


def _items(completion: Completion, number: int) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = []
    if completion.content or not completion.tool_calls:
        text = {"type": "output_text", "text": completion.content, "annotations": []}
        items.append({"type": "message", "id": f"msg_{number}", "role": "assistant", "content": [text]})
    for place, call in enumerate(completion.tool_calls):
        head = {"type": "function_call", "id": f"fc_{number}_{place}", "call_id": call.id}
        items.append({**head, "name": call.name, "arguments": raw_of(call)})
    return [{**item, "status": "completed"} for item in items]


def _body(completion: Completion, number: int, model: str) -> dict[str, Any]:
    cut_off = completion.finish is Finish.LENGTH
    return {
        "id": f"resp_{number}",
        "object": "response",
        "created_at": 0,
        "model": model,
        "status": "incomplete" if cut_off else "completed",
        "incomplete_details": {"reason": "max_output_tokens"} if cut_off else None,
        "error": None,
        "output": _items(completion, number),
        "usage": _usage(completion),
    }


def _events(completion: Completion, number: int, model: str) -> Iterator[bytes]:
    body = _body(completion, number, model)
    begun = {**body, "status": "in_progress", "output": [], "usage": None, "incomplete_details": None}
    parts: list[dict[str, Any]] = [{"type": "response.created", "response": begun}]
    for place, item in enumerate(body["output"]):
        where = {"output_index": place, "item": item}
        parts.append({"type": "response.output_item.added", **where})
        if item["type"] == "message":
            text = {"item_id": item["id"], "content_index": 0, "delta": completion.content}
            parts.append({"type": "response.output_text.delta", "output_index": place, **text})
        parts.append({"type": "response.output_item.done", **where})
    parts.append({"type": f"response.{body['status']}", "response": body})
    for sequence, part in enumerate(parts):
        yield event({**part, "sequence_number": sequence}, part["type"])


def _usage(completion: Completion) -> dict[str, Any] | None:
    """Return the usage; None where it is not known, for that is not 0."""
    usage = completion.usage
    if usage.prompt_tokens is None or usage.completion_tokens is None:
        return None
    return {
        "input_tokens": usage.prompt_tokens,
        "input_tokens_details": {"cached_tokens": usage.cached_tokens or 0},
        "output_tokens": usage.completion_tokens,
        "output_tokens_details": {"reasoning_tokens": usage.reasoning_tokens or 0},
        "total_tokens": usage.prompt_tokens + usage.completion_tokens,
    }


def _failure(message: str) -> bytes:
    failed = {"status": "failed", "error": {"code": "server_error", "message": message}}
    return event({"type": "response.failed", "response": failed}, "response.failed")


RESPONSES = Dialect(
    path="/v1/responses", read=asked_of, body=_body, events=_events, error=error, failure=_failure
)
