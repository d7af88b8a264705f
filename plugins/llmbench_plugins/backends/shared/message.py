"""What a message or a delta of a foreign server says: text and thinking, in whatever shape it comes."""

from collections.abc import Iterator, Mapping
from typing import Any

REASONING_KEYS = ("reasoning_content", "reasoning", "thinking", "reasoning_text", "thought")
_THOUGHTS = ("thinking", "reasoning", "reasoning_content", "thought")
"""Keys and types of parts that are thinking."""
_TEXTS = ("text", "content", "value", "output_text", "summary")


def parts_of(content: object) -> tuple[str, str]:
    """Return text and thinking of a message's content: a text, null, a part, or a list of parts."""
    if isinstance(content, str):
        return content, ""
    text: list[str] = []
    thought: list[str] = []
    for said, is_thought in _parts(content):
        (thought if is_thought else text).append(said)
    return "".join(text), "".join(thought)


def reasoning_of(message: Mapping[str, Any]) -> str:
    """Return the reasoning that a message or delta carries in a field of its own."""
    for key in REASONING_KEYS:
        if (value := message.get(key)) and (said := _all_of(value)):
            return said
    details = message.get("reasoning_details")
    return _all_of(details) if details else ""


def _all_of(value: object) -> str:
    return value if isinstance(value, str) else "".join(said for said, _ in _parts(value))


def _parts(content: object, *, is_thought: bool = False) -> Iterator[tuple[str, bool]]:
    """Yield each text in a content, and whether it is thinking; what is neither text nor part is left out."""
    if isinstance(content, str):
        yield content, is_thought
    elif isinstance(content, list):
        for part in content:
            yield from _parts(part, is_thought=is_thought)
    elif isinstance(content, Mapping):
        thinks = is_thought or any(
            name in str(content.get("type")) for name in ("think", "reason", "thought")
        )
        key = next((key for key in _THOUGHTS if content.get(key)), None)
        if key is not None:
            yield from _parts(content[key], is_thought=True)
            return
        key = next((key for key in _TEXTS if content.get(key)), None)
        yield from _parts(content.get(key or ""), is_thought=thinks)
    elif isinstance(content, int | float) and not isinstance(content, bool):
        yield str(content), is_thought
