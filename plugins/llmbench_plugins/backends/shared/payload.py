"""Requests as OpenAI-compatible servers want them."""

from collections.abc import Iterator, Mapping
from typing import Any, Literal

import msgspec

from llmbench.api import Message, Request, Sampling, ToolCall, ToolSpec

MaxTokensKey = Literal["max_tokens", "max_completion_tokens"] | None


def payload_of(
    request: Request,
    *,
    model: str,
    stream: bool,
    max_tokens_key: MaxTokensKey = "max_tokens",
    repeat_penalty_key: str = "repetition_penalty",
) -> dict[str, Any]:
    """Return the body of ``POST /chat/completions``; settings that are None are left to the server."""
    payload: dict[str, Any] = {"model": model, "messages": [_message(m, request) for m in request.messages]}
    if max_tokens_key is not None:
        payload[max_tokens_key] = request.max_tokens
    payload.update(_sampling(request.sampling, repeat_penalty_key))
    if request.seed is not None:
        payload["seed"] = request.seed
    if request.tools:
        payload["tools"] = [_tool(tool) for tool in request.tools]
        payload["tool_choice"] = request.tool_choice
    if stream:
        payload["stream"] = True
        payload["stream_options"] = {"include_usage": True}
    return payload


def _sampling(sampling: Sampling, repeat_penalty_key: str) -> Iterator[tuple[str, Any]]:
    for key in ("temperature", "top_p", "top_k", "min_p", "presence_penalty", "frequency_penalty"):
        value = getattr(sampling, key)
        if value is not None:
            yield key, value
    if sampling.repeat_penalty is not None:
        yield repeat_penalty_key, sampling.repeat_penalty
    if sampling.stop:
        yield "stop", sampling.stop


def _message(message: Message, request: Request) -> Mapping[str, Any]:
    result: dict[str, Any] = {"role": message.role, "content": message.content}
    if message.reasoning and request.reasoning.keep:
        if request.reasoning.style == "inline":
            result["content"] = f"<think>{message.reasoning}</think>{message.content}"
        else:
            result["reasoning_content"] = message.reasoning
    if message.tool_calls:
        result["tool_calls"] = [_call(call) for call in message.tool_calls]
    if message.tool_call_id:
        result["tool_call_id"] = message.tool_call_id
    return result


def _call(call: ToolCall) -> Mapping[str, Any]:
    arguments = call.raw or msgspec.json.encode(call.arguments).decode()
    return {"id": call.id, "type": "function", "function": {"name": call.name, "arguments": arguments}}


def _tool(tool: ToolSpec) -> Mapping[str, Any]:
    function = {"name": tool.name, "description": tool.description, "parameters": tool.parameters}
    return {"type": "function", "function": function}
