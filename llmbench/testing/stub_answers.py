"""What the stub server sends: an answer, cut into pieces, as the bodies of the protocol."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the stub sends to one request; the defaults are a friendly server."""

    content: str = "ok"
    reasoning: str = ""
    reasoning_key: str = "reasoning_content"
    tool_calls: Sequence[Mapping[str, Any]] = ()
    """As in the protocol: ``{"id": …, "type": "function", "function": {"name": …, "arguments": "{}"}}``."""
    tool_deltas: Sequence[Mapping[str, Any]] | None = None
    """Pieces of tool calls in a stream; by default each call in one piece."""
    finish: str | None = None
    """By default ``stop``, ``tool_calls``, or ``length`` where ``max_tokens`` cut the content."""
    usage: Mapping[str, Any] | None = field(default_factory=dict)
    """Laid over the real counts; None leaves usage out."""
    extra: Mapping[str, Any] = field(default_factory=dict)
    """Further fields beside ``choices``, for instance ``timings``."""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    error: Any = None
    """Sent instead of an answer: as the body's ``error`` with ``status``, which may be 200."""
    body: bytes | None = None
    """Sent as it is, instead of everything else."""
    content_type: str = "application/json"
    """Of ``body``."""
    delay_s: float = 0.0
    """Before the first byte."""
    piece_delay_s: float = 0.0
    """Before each piece of a stream."""
    comments: bool = False
    """Send an SSE comment before each piece."""
    plain: bool = False
    """Ignore that a stream was asked for."""
    break_after: int | None = None
    """Cut the connection after so many pieces of a stream (at its end at the latest), or before answering."""
    error_after: int | None = None
    """Send ``error`` as an event after so many pieces of a stream."""
    done: bool = True
    """End a stream with ``[DONE]``."""


def pieces_of(answer: Answer, body: Mapping[str, Any]) -> tuple[list[str], str]:
    """Return the content in pieces of a word each, no more than allowed, and the finish reason."""
    allowed = body.get("max_tokens") or body.get("max_completion_tokens")
    pieces = re.findall(r"\s*\S+\s*\Z|\s*\S+|\s+", answer.content)
    if allowed is not None and len(pieces) > allowed:
        return pieces[:allowed], answer.finish or "length"
    return pieces, answer.finish or ("tool_calls" if answer.tool_calls else "stop")


def top_of(answer: Answer, body: Mapping[str, Any], prompt: int, generated: int) -> dict[str, Any]:
    """Return what stands beside ``choices``."""
    top = {"id": "stub-1", "model": body.get("model"), "created": 0, **answer.extra}
    if answer.usage is not None:
        counts = {"prompt_tokens": prompt, "completion_tokens": generated, "total_tokens": prompt + generated}
        top["usage"] = {**counts, **answer.usage}
    return top


def plain_body(answer: Answer, pieces: list[str], finish: str, top: Mapping[str, Any]) -> dict[str, Any]:
    """Return the whole answer as one object."""
    message: dict[str, Any] = {"role": "assistant", "content": "".join(pieces)}
    if answer.reasoning:
        message[answer.reasoning_key] = answer.reasoning
    if answer.tool_calls:
        message["tool_calls"] = answer.tool_calls
    choice = {"index": 0, "message": message, "finish_reason": finish}
    return {**top, "object": "chat.completion", "choices": [choice]}


def deltas_of(answer: Answer, pieces: Iterable[str]) -> Iterator[Mapping[str, Any]]:
    """Yield the deltas of a stream."""
    yield {"role": "assistant", "content": None}
    for number, word in enumerate(answer.reasoning.split(" ") if answer.reasoning else ()):
        yield {answer.reasoning_key: f" {word}" if number else word}
    for piece in pieces:
        yield {"content": piece}
    calls = [{"index": number, **call} for number, call in enumerate(answer.tool_calls)]
    for call in calls if answer.tool_deltas is None else answer.tool_deltas:
        yield {"tool_calls": [call]}


def overflow_error(words: int, context: int) -> dict[str, Any]:
    """Return llama.cpp's complaint about a prompt that is too long."""
    return {
        "code": 400,
        "message": "the request exceeds the available context size",
        "type": "exceed_context_size_error",
        "n_prompt_tokens": words,
        "n_ctx": context,
    }
