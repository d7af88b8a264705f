"""The events of a Messages stream as chunks of OpenAI's: all answers are put together in one place."""

from collections.abc import Mapping
from typing import Any

from llmbench_plugins.backends.shared.foreign import NotJson, count, dumps, entries, loads, mapping, section

Chunk = Mapping[str, Any]
_GROWING = ("text", "thinking", "signature", "data")


class Events:
    """Translates one answer; what Anthropic calls it is kept as ``content``, block by block."""

    def __init__(self) -> None:
        self._blocks: dict[int, dict[str, Any]] = {}
        self._written: dict[int, str] = {}
        """The arguments of calls, as far as they have come."""
        self._usage: dict[str, Any] = {}

    def __call__(self, event: Chunk) -> Chunk:
        """Return an event, or a whole message, as a chunk; what says nothing becomes an empty one."""
        kind = event.get("type")
        if kind == "message_start":
            message = section(event, "message")
            self._count(message)
            return {"id": message.get("id"), "model": message.get("model"), "usage": self._usage}
        if kind == "content_block_start":
            return self._begin(_index(event), section(event, "content_block"))
        if kind == "content_block_delta":
            return self._grow(_index(event), section(event, "delta"))
        if kind == "message_delta":
            self._count(event)
            return self._end(section(event, "delta"))
        return _whole(event) if kind == "message" else {}

    def _count(self, told: Chunk) -> None:
        """Take in counts: those of the end are the totals, and hold only what has changed."""
        usage = section(told, "usage")
        self._usage = {**self._usage, **{key: value for key, value in usage.items() if value is not None}}

    def _begin(self, index: int, block: Chunk) -> Chunk:
        self._blocks[index] = dict(block)
        if block.get("type") == "tool_use":
            self._written[index] = ""
            # Placeholders of arguments: the real ones come in pieces.
            given = mapping(block.get("input"))
            function = {"name": block.get("name"), **({"arguments": dumps(given)} if given else {})}
            return _delta({"tool_calls": [{"index": index, "id": block.get("id"), "function": function}]})
        return _delta({"content": block.get("text"), "reasoning_content": block.get("thinking")})

    def _grow(self, index: int, delta: Chunk) -> Chunk:
        block = self._blocks.setdefault(index, {"type": "text"})
        for key in _GROWING:
            if isinstance(piece := delta.get(key), str):
                block[key] = f"{block.get(key) or ''}{piece}"
        if isinstance(written := delta.get("partial_json"), str):
            self._written[index] = self._written.get(index, "") + written
            return _delta({"tool_calls": [{"index": index, "function": {"arguments": written}}]})
        return _delta({"content": delta.get("text"), "reasoning_content": delta.get("thinking")})

    def _end(self, delta: Chunk) -> Chunk:
        for index, written in self._written.items():
            if written:
                self._blocks[index]["input"] = _arguments(written)
        top = {"usage": self._usage, "stop_details": delta.get("stop_details")}
        if delta.get("stop_reason"):
            top["content"] = [block for _, block in sorted(self._blocks.items())]
        return {**top, "choices": [{"delta": {}, "finish_reason": delta.get("stop_reason")}]}


def _index(event: Chunk) -> int:
    return count(event.get("index")) or 0


def _delta(delta: Chunk) -> Chunk:
    return {"choices": [{"delta": {key: value for key, value in delta.items() if value}}]}


def _arguments(written: str) -> Mapping[str, Any]:
    try:
        return mapping(loads(written))
    except NotJson:
        return {}


def _whole(message: Chunk) -> Chunk:
    """Return a plain answer as a plain answer of OpenAI's, with its own words beside it."""
    blocks = entries(message.get("content"))
    calls = [
        {
            "id": block.get("id"),
            "function": {"name": block.get("name"), "arguments": block.get("input") or {}},
        }
        for block in blocks
        if block.get("type") == "tool_use"
    ]
    answer = {
        "role": "assistant",
        "content": _all(blocks, "text"),
        "reasoning_content": _all(blocks, "thinking"),
        **({"tool_calls": calls} if calls else {}),
    }
    choice = {"index": 0, "message": answer, "finish_reason": message.get("stop_reason")}
    return {**message, "choices": [choice]}


def _all(blocks: list[Chunk], key: str) -> str:
    return "".join(str(block.get(key) or "") for block in blocks if block.get("type") == key)
