"""Calls as plain text, for models and servers whose own form of calls can't be relied on.

A call is a tag, and so is each argument. What stands between an argument's tags is taken as it is, so that
code needs no escapes and may have any number of lines::

    <call name="write">
    <arg name="path">leap.py</arg>
    <arg name="content">
    def is_leap(year):
        return year % 4 == 0
    </arg>
    </call>
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec

from llmbench.api import Completion, Finish, Message, Tool, ToolSpec
from llmbench_plugins.agents.tools.checking import Mistake
from llmbench_plugins.agents.tools.history import Exchange, History
from llmbench_plugins.agents.tools.native import Read
from llmbench_plugins.agents.tools.reading import calls_in

NAME = "text"


def read(completion: Completion, tools: Mapping[str, Tool]) -> Read:
    """Return the calls of an answer, or the sign that one ends in the middle."""
    found = calls_in(completion.content, tools)
    if found.invented:
        told = "Results come only from me: what you wrote of them, and after them, was not read."
        return Read(found.calls, text=told, invented=True)
    if not found.unfinished:
        return Read(found.calls)
    why = (
        "your answer reached its limit of tokens there"
        if completion.finish is Finish.LENGTH
        else "write it anew"
    )
    return Read(
        found.calls, Mistake.UNFINISHED, f"your call of {found.unfinished} has no end and was not done: {why}"
    )


def description(specs: Sequence[ToolSpec]) -> str:
    """Return the tools in words: name, what it does, and a line for each argument."""
    return "\n\n".join(_described(spec) for spec in specs)


def messages(history: History, tools: str) -> Iterator[Message]:
    """Yield a conversation as plain text; ``tools`` explains the tools and how they are called."""
    yield Message("system", f"{history.system}\n\n{tools}".strip())
    yield Message("user", history.task)
    for exchange in history.told():
        yield Message("assistant", _answer(exchange), reasoning=exchange.reasoning)
        results = [_result(result.call.name, result.text) for result in exchange.results]
        said = [*results, *([exchange.said] if exchange.said else [])]
        if said:
            yield Message("user", "\n\n".join(said))


def written(name: str, arguments: Mapping[str, Any]) -> str:
    """Return a call as text."""
    lines = [f'<call name="{name}">']
    lines += [_argument(key, value) for key, value in arguments.items()]
    return "\n".join([*lines, "</call>"])


def _argument(name: str, value: Any) -> str:
    text = value if isinstance(value, str) else msgspec.json.encode(value).decode()
    plain = text and text == text.strip() and "\n" not in text and "\r" not in text
    return f'<arg name="{name}">{text}</arg>' if plain else f'<arg name="{name}">\n{text}\n</arg>'


def _answer(exchange: Exchange) -> str:
    """Return an answer as it was; calls that came as data, before the form was changed, are written out."""
    as_data = [result.call for result in exchange.results if result.call.raw]
    parts = [exchange.content, *(written(call.name or "unnamed", call.arguments) for call in as_data)]
    return "\n".join(part for part in parts if part) or "(no answer)"


def _result(name: str, text: str) -> str:
    return f'<result of="{name or "unnamed"}">\n{text}\n</result>'


def _described(spec: ToolSpec) -> str:
    required = spec.parameters.get("required", ())
    lines = [f"{spec.name}: {spec.description}"]
    for name, schema in spec.parameters.get("properties", {}).items():
        facts = [_kind(schema), *([] if name in required else ["optional"])]
        about = f": {schema['description']}" if schema.get("description") else ""
        lines.append(f"  {name} ({', '.join(facts)}){about}")
    return "\n".join(lines)


def _kind(schema: Mapping[str, Any]) -> str:
    kind = schema.get("type")
    if kind in ("array", "object"):
        return f"{kind}, as JSON"
    return str(kind) if isinstance(kind, str) else "text or JSON"
