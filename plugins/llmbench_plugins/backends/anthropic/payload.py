"""Requests as the Messages API wants them: turns that alternate, blocks that are never empty."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from llmbench.api import Message, Request, Sampling, ToolCall, ToolSpec
from llmbench_plugins.backends.anthropic.memory import Blocks

Recall = Callable[[Message], Blocks]
_CHOICES = {"auto": "auto", "required": "any", "none": "none"}
_CACHED = {"type": "ephemeral"}


def payload_of(request: Request, *, model: str, stream: bool, cache: bool, recall: Recall) -> dict[str, Any]:
    """Return the body of ``POST /messages``, without what it says of thinking.

    Args:
        request: what is asked.
        model: the id that is sent.
        stream: ask for a stream.
        cache: have a prompt with tools cached.
        recall: gives the blocks of an earlier answer that must go back unchanged.
    """
    system = "\n\n".join(message.content for message in request.messages if message.role == "system")
    payload: dict[str, Any] = {
        "model": model,
        "max_tokens": request.max_tokens,
        "messages": _turns(request.messages, recall),
        **dict(_sampling(request.sampling)),
    }
    if system.strip():
        payload["system"] = system
    if request.tools:
        payload["tools"] = [_tool(tool) for tool in request.tools]
        payload["tool_choice"] = {"type": _CHOICES[request.tool_choice]}
        if cache and request.prompt_cache:
            payload["cache_control"] = _CACHED
    if stream:
        payload["stream"] = True
    return payload


def _turns(messages: Iterable[Message], recall: Recall) -> list[dict[str, Any]]:
    """Return the messages, those of one side that follow each other as one: results stand in one turn."""
    turns: list[dict[str, Any]] = []
    for message in messages:
        if message.role == "system":
            continue
        role = "assistant" if message.role == "assistant" else "user"
        blocks = list(_blocks(message, recall))
        if not blocks:
            continue
        if turns and turns[-1]["role"] == role:
            turns[-1]["content"].extend(blocks)
        else:
            turns.append({"role": role, "content": blocks})
    return turns


def _blocks(message: Message, recall: Recall) -> Iterator[Mapping[str, Any]]:
    if message.role == "tool":
        yield {"type": "tool_result", "tool_use_id": message.tool_call_id, "content": message.content}
        return
    kept = recall(message) if message.role == "assistant" else ()
    if kept:
        yield from _kept(message, kept)
        return
    if message.content.strip():
        yield {"type": "text", "text": message.content}
    yield from map(_call, message.tool_calls)


def _kept(message: Message, blocks: Blocks) -> Iterator[Mapping[str, Any]]:
    """Yield an answer as it came; the arguments of calls as they were read, for not all of them are JSON."""
    calls = {call.id: call for call in message.tool_calls}
    for block in blocks:
        if block.get("type") == "tool_use":
            if call := calls.get(str(block.get("id"))):
                yield {**block, **_call(call)}
        elif block.get("type") != "text" or str(block.get("text")).strip():
            yield block


def _call(call: ToolCall) -> Mapping[str, Any]:
    return {"type": "tool_use", "id": call.id, "name": call.name, "input": dict(call.arguments)}


def _tool(tool: ToolSpec) -> Mapping[str, Any]:
    return {"name": tool.name, "description": tool.description, "input_schema": tool.parameters}


def _sampling(sampling: Sampling) -> Iterator[tuple[str, Any]]:
    if sampling.temperature is not None:
        yield "temperature", sampling.temperature
    # All of it is the default: beside a temperature, models since Claude 4.5 would refuse even that.
    if sampling.top_p is not None and sampling.top_p < 1:
        yield "top_p", sampling.top_p
    if sampling.top_k is not None:
        yield "top_k", sampling.top_k
    if sampling.stop:
        yield "stop_sequences", sampling.stop
