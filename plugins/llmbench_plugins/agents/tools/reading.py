"""Reads calls that a model wrote as text. It forgives what models do: other words for the tags of
``text``, a missing end, an argument's name as its tag, JSON in place of arguments.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from llmbench.api import Tool, ToolCall
from llmbench_plugins.agents.tools.checking import find
from llmbench_plugins.agents.tools.values import typed

_DECODER = json.JSONDecoder()

_CALL_WORDS = "call|tool_call|tool|invoke|function"
_ARG_WORDS = "arg|argument|parameter|param"
_NAMED = r"(?:\s+|\s*[:=]\s*)(?:name\s*=\s*)?[\"']?(?P<name>[A-Za-z_][\w.-]*)[\"']?\s*>"
_CALL = re.compile(rf"<(?:{_CALL_WORDS}){_NAMED}")
_BARE_CALL = re.compile(r"<(?:tool_call|tool_use|function_call|call)>\s*(?=[\[{])")
_CALL_END = re.compile(rf"\s*</(?:{_CALL_WORDS}|tool_use|function_call)\s*>")
_ARG = re.compile(rf"\s*<(?:{_ARG_WORDS}){_NAMED}")
_ARG_END = re.compile(rf"</(?:{_ARG_WORDS})\s*>")
_RESULT = re.compile(r"^[ \t]*<(?:result|tool_response|tool_result)\b", re.MULTILINE)
_JSON_FENCE = re.compile(r"^```(?:json|tool_call)?\s*\n(?P<body>\s*[\[{].*?)^```", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class Found:
    """The calls of an answer."""

    calls: tuple[ToolCall, ...]
    unfinished: str = ""
    """The name of a last call that ends in the middle; it is not among the calls."""
    invented: bool = False
    """The answer goes on with results that the model made up; nothing after them was read."""


def calls_in(content: str, tools: Mapping[str, Tool]) -> Found:
    """Return the calls that a text holds."""
    made_up = _RESULT.search(content)
    own = content[: made_up.start()] if made_up else content
    calls: list[ToolCall] = []
    unfinished = ""
    for name, arguments, complete in _scan(own, tools):
        if complete:
            calls.append(_call(len(calls), name, arguments, tools))
        else:
            unfinished = name or "a tool"
    return Found(tuple(calls), unfinished, invented=bool(made_up and calls))


def _call(number: int, name: str, arguments: Mapping[str, Any], tools: Mapping[str, Tool]) -> ToolCall:
    tool = find(name, tools)
    return ToolCall(id=f"call_{number}", name=name, arguments=typed(arguments, tool) if tool else arguments)


def _scan(content: str, tools: Mapping[str, Tool]) -> Iterator[tuple[str, dict[str, Any], bool]]:
    """Yield name, arguments and whether it is complete, for each call in turn."""
    at = 0
    found_any = False
    while found := _first(content, at):
        found_any = True
        if found.re is _BARE_CALL:
            calls, at = _json_calls(content, found.end())
            yield from calls
        else:
            name = found["name"]
            arguments, at, complete = _body(content, found.end(), _argument_tags(find(name, tools)))
            yield name, arguments, complete
    if not found_any:
        yield from _loose_json(content)


def _first(content: str, at: int) -> re.Match[str] | None:
    found = [match for match in (_CALL.search(content, at), _BARE_CALL.search(content, at)) if match]
    return min(found, key=re.Match.start) if found else None


def _argument_tags(tool: Tool | None) -> re.Pattern[str] | None:
    """Return what finds an argument whose own name is its tag: ``<path>leap.py</path>``."""
    if tool is None:
        return None
    names = [*tool.spec.parameters.get("properties", {}), *tool.argument_aliases]
    return re.compile(rf"\s*<(?P<name>{'|'.join(map(re.escape, names))})\s*>") if names else None


def _body(content: str, at: int, tags: re.Pattern[str] | None) -> tuple[dict[str, Any], int, bool]:
    """Return the arguments that begin at ``at``, where they end, and whether the call has an end."""
    arguments: dict[str, Any] = {}
    while True:
        if end := _CALL_END.match(content, at):
            return arguments, end.end(), True
        by_tag = tags.match(content, at) if tags else None
        opening = _ARG.match(content, at) or by_tag
        if opening:
            ending = re.compile(rf"</{opening['name']}\s*>") if opening is by_tag else _ARG_END
            value, at, whole = _value(content, opening.end(), ending, tags)
            arguments[opening["name"]] = value
            if not whole:
                return arguments, at, False
            continue
        decoded, after = _json_at(content, at)
        if isinstance(decoded, dict):
            inner = decoded.get("arguments", decoded)
            arguments.update(inner if isinstance(inner, dict) else decoded)
            at = after
            continue
        following = _next_part(content, at, tags)
        if following is None:
            return arguments, len(content), False
        at = following


def _value(
    content: str, start: int, ending: re.Pattern[str], tags: re.Pattern[str] | None
) -> tuple[str, int, bool]:
    """Return an argument's text, where it ends, and whether it does.

    The same words may stand in code: an end counts where another part, the call's end or nothing follows.
    """
    for end in ending.finditer(content, start):
        after = end.end()
        rest = content[after:].strip()
        if not rest or _ARG.match(content, after) or _CALL_END.match(content, after):
            return _trimmed(content[start : end.start()]), after, True
        if (tags and tags.match(content, after)) or _CALL.match(content, after + _blank(content, after)):
            return _trimmed(content[start : end.start()]), after, True
    # Its end is missing: the call's own will do.
    if end_of_call := _CALL_END.search(content, start):
        return _trimmed(content[start : end_of_call.start()]), end_of_call.start(), True
    return _trimmed(content[start:]), len(content), False


def _blank(content: str, at: int) -> int:
    return len(content) - at - len(content[at:].lstrip())


def _trimmed(text: str) -> str:
    """Take away the line breaks beside the tags, the blanks around a single line, and a fence around all."""
    opened = re.match(r"[ \t]*\r?\n", text)
    if opened is None and "\n" not in text:
        return text.strip()
    inner = re.sub(r"\r?\n[ \t]*\Z", "", text[opened.end() :] if opened else text)
    fenced = re.fullmatch(r"```[\w+-]*\r?\n(?P<body>.*?)\r?\n```\s*", inner, re.DOTALL)
    return fenced["body"] if fenced and "```" not in fenced["body"] else inner


def _next_part(content: str, at: int, tags: re.Pattern[str] | None) -> int | None:
    """Return where the next argument or the call's end begins, past words that belong to neither."""
    patterns = [_ARG, _CALL_END, *([tags] if tags else [])]
    found = [match.start() for pattern in patterns if (match := pattern.search(content, at))]
    another = _CALL.search(content, at)
    if another and (not found or another.start() < min(found)):
        return None
    return min(found) if found else None


def _json_at(content: str, at: int) -> tuple[Any, int]:
    """Return the JSON value that begins at ``at``, past blanks, and where it ends; None if none does."""
    at += _blank(content, at)
    if content[at : at + 1] not in ("{", "["):
        return None, at
    try:
        value, length = _DECODER.raw_decode(content[at:])
    except ValueError:
        return None, at
    return value, at + length


def _json_calls(content: str, at: int) -> tuple[list[tuple[str, dict[str, Any], bool]], int]:
    decoded, after = _json_at(content, at)
    if decoded is None:
        return [("", {}, False)], len(content)
    end = _CALL_END.match(content, after)
    return list(_as_calls(decoded)), end.end() if end else after


def _loose_json(content: str) -> Iterator[tuple[str, dict[str, Any], bool]]:
    """Yield calls from an answer that is, or holds in fences, nothing but JSON with a name and arguments."""
    bodies = [found["body"] for found in _JSON_FENCE.finditer(content)] or [content]
    for body in bodies:
        decoded, after = _json_at(body, 0)
        if decoded is not None and not body[after:].strip():
            yield from _as_calls(decoded)


def _as_calls(decoded: Any) -> Iterator[tuple[str, dict[str, Any], bool]]:
    for item in decoded if isinstance(decoded, list) else [decoded]:
        if not isinstance(item, dict):
            continue
        function = item.get("function")
        call = function if isinstance(function, dict) else item
        name = call.get("name") or call.get("tool")
        arguments = call.get("arguments", call.get("parameters", {}))
        if isinstance(name, str) and isinstance(arguments, dict):
            yield name, arguments, True
