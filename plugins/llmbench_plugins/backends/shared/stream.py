"""Server-sent events of a chat completion, merged into the shape of a plain answer and timed on the way."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any

import httpx
import msgspec

from llmbench.api import Timing
from llmbench.errors import BackendError
from llmbench_plugins.backends.shared.answer import parts_of, reasoning_of, split_thinking
from llmbench_plugins.backends.shared.faults import BrokenOffError, BusyError, error_of, fault_in

_DONE = b"[DONE]"
_END_S = 1.0


@dataclass(slots=True)
class Merged:
    """What has come of a stream so far."""

    started: float
    """``perf_counter`` when the request was sent."""
    top: dict[str, Any] = field(default_factory=dict)
    """Fields beside ``choices``: the last chunk that has one wins."""
    content: list[str] = field(default_factory=list)
    reasoning: list[str] = field(default_factory=list)
    details: list[dict[str, Any]] = field(default_factory=list)
    """Reasoning as OpenRouter wants it back: each block whole, signature included."""
    calls: list[dict[str, Any]] = field(default_factory=list)
    call_indices: list[object] = field(default_factory=list)
    marks: list[tuple[float, int]] = field(default_factory=list)
    """When each piece of content came, and how many characters there were then."""
    characters: int = 0
    first: float | None = None
    first_call: float | None = None
    finish: str | None = None
    done: bool = False

    def add(self, chunk: Mapping[str, Any]) -> None:
        """Take in one chunk."""
        for key, value in chunk.items():
            if key != "choices" and value is not None:
                self.top[key] = value
        choices = chunk.get("choices")
        if not choices:
            return
        choice = choices[0]
        self.finish = choice.get("finish_reason") or self.finish
        delta = choice.get("delta") or choice.get("message")
        if delta:
            self._add_delta(delta)

    def body(self) -> dict[str, Any]:
        """Return all of it as one plain answer."""
        message: dict[str, Any] = {"role": "assistant", "content": "".join(self.content)}
        if self.reasoning:
            message["reasoning_content"] = "".join(self.reasoning)
        if self.details:
            message["reasoning_details"] = self.details
        if self.calls:
            message["tool_calls"] = self.calls
        return {**self.top, "choices": [{"index": 0, "message": message, "finish_reason": self.finish}]}

    def timing(self, *, thinks: bool) -> Timing:
        """Return what was measured; inline thinking is not yet an answer."""
        answer_at = 0 if self.reasoning else split_thinking("".join(self.content), thinks=thinks).answer_at
        at = next((when for when, length in self.marks if length > answer_at), None)
        answers = [when for when in (at, self.first_call) if when is not None]
        return Timing(
            wall_s=perf_counter() - self.started,
            ttft_s=None if self.first is None else self.first - self.started,
            first_answer_s=min(answers) - self.started if answers else None,
        )

    def _add_delta(self, delta: Mapping[str, Any]) -> None:
        text, thought = parts_of(delta.get("content"))
        thought = reasoning_of(delta) or thought
        for detail in delta.get("reasoning_details") or ():
            self._add_detail(detail)
        calls = delta.get("tool_calls")
        if not (text or thought or calls):
            return
        now = perf_counter()
        self.first = now if self.first is None else self.first
        if thought:
            self.reasoning.append(thought)
        if text:
            self.content.append(text)
            self.characters += len(text)
            self.marks.append((now, self.characters))
        for call in calls or ():
            self.first_call = now if self.first_call is None else self.first_call
            self._add_call(call)

    def _add_detail(self, piece: Mapping[str, Any]) -> None:
        """Continue the last block of reasoning, or begin one."""
        last = self.details[-1] if self.details else {}
        if not last or any(last.get(key) != piece.get(key) for key in ("type", "index")):
            self.details.append(dict(piece))
            return
        for key, value in piece.items():
            grows = key in ("text", "summary", "data") and isinstance(value, str)
            last[key] = f"{last.get(key) or ''}{value}" if grows else value or last.get(key)

    def _add_call(self, piece: Mapping[str, Any]) -> None:
        """Continue a call or begin one: some servers number them all 0, some not at all."""
        index, function = piece.get("index"), piece.get("function") or {}
        position = self._position(index, piece.get("id"), function.get("name"))
        if position is None:
            self.call_indices.append(index)
            self.calls.append({"id": "", "type": "function", "function": {"name": "", "arguments": ""}})
            position = -1
        call = self.calls[position]
        call["id"] = piece.get("id") or call["id"]
        call["function"]["name"] = function.get("name") or call["function"]["name"]
        arguments = function.get("arguments")
        if isinstance(arguments, str) and isinstance(call["function"]["arguments"], str):
            call["function"]["arguments"] += arguments
        elif arguments is not None:
            call["function"]["arguments"] = arguments

    def _position(self, index: object, call_id: object, name: object) -> int | None:
        if not self.calls:
            return None
        if index is None:
            return None if name else len(self.calls) - 1
        for position in reversed(range(len(self.calls))):
            if self.call_indices[position] == index:
                known = self.calls[position]["id"]
                return None if name and call_id and known and call_id != known else position
        return None


async def read_stream(response: httpx.Response, started: float, url: str) -> Merged:
    """Read a stream to its end.

    Raises:
        BrokenOffError: it broke off or holds something that is no JSON; ``raw`` keeps what had come.
        BackendError: the server reported an error in it.
    """
    merged = Merged(started=started)
    rest = b""
    try:
        pieces = response.aiter_raw()
        async for piece in pieces:
            *lines, rest = (rest + piece).split(b"\n")
            _take(lines, merged, url)
            if merged.done:
                await _reach_end(pieces)
                break
        _take([rest], merged, url)
    except httpx.ReadTimeout:
        raise
    except httpx.TransportError as error:
        if merged.finish is None:
            raise _broken(merged, str(error) or type(error).__name__) from None
    if merged.finish is None and not merged.done:
        raise _broken(merged, "it ended without a finish reason")
    return merged


def _take(lines: Iterable[bytes], merged: Merged, url: str) -> None:
    """Take in the data among the lines; comments and other fields are left out."""
    for line in lines:
        if not line.startswith(b"data:"):
            continue
        data = line[5:].strip()
        if data == _DONE:
            merged.done = True
        elif data:
            merged.add(_chunk(data, merged, url))


async def _reach_end(pieces: AsyncIterator[bytes]) -> None:
    """Read the little that follows ``[DONE]``: a connection that is left earlier can't be used again."""
    try:
        async with asyncio.timeout(_END_S):
            async for _ in pieces:
                pass
    except (TimeoutError, httpx.TransportError):
        return


def _chunk(data: bytes, merged: Merged, url: str) -> Mapping[str, Any]:
    try:
        chunk = msgspec.json.decode(data)
    except msgspec.DecodeError as error:
        raise _broken(merged, f"an event is no JSON ({error}): {data[:200]!r}") from None
    if not isinstance(chunk, dict):
        raise _broken(merged, f"an event is no object: {data[:200]!r}")
    if ("error" in chunk or "choices" in chunk) and (fault := fault_in(chunk)):
        reported = error_of(fault, url=url)
        # Once a part of the answer is here, asking again would draw another sample unseen.
        if isinstance(reported, BusyError) and merged.first is not None:
            raise BackendError(str(reported), raw=reported.raw)
        raise reported
    return chunk


def _broken(merged: Merged, why: str) -> BrokenOffError:
    pieces = len(merged.content) + len(merged.reasoning)
    raw = msgspec.json.encode(merged.body()).decode()
    return BrokenOffError(f"the stream broke off after {pieces} pieces: {why}", raw=raw)
