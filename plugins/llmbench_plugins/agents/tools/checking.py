"""Checks a call as the model wrote it: its tool and arguments, or what is wrong, in words for the model."""

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from llmbench.api import Checked, Tool, ToolCall, ToolError


class Mistake(StrEnum):
    """How an answer can fail as a request to do something; the record counts each kind."""

    UNKNOWN_TOOL = "unknown_tool"
    WRONG_ARGUMENTS = "wrong_arguments"
    BROKEN_JSON = "broken_json"
    NO_NAME = "no_name"
    DROPPED = "dropped"
    """The server says that there are calls, and sends none: it could not parse them."""
    AS_TEXT = "as_text"
    """A call in the answer's text, where the server's own form of calls is asked for."""
    UNFINISHED = "unfinished"
    """A call that ends in the middle."""
    NO_CALL = "no_call"
    """Words alone, where a call is needed."""
    CUT_OFF = "cut_off"
    """An answer that its limit of tokens ended before any call."""
    TOO_MANY = "too_many"
    """A call beyond agent.max_batch_tool_calls, which was not done."""


MALFORMED = frozenset(Mistake) - {Mistake.NO_CALL, Mistake.CUT_OFF, Mistake.TOO_MANY}
"""Calls that were meant and can't be done as they were written."""


@dataclass(frozen=True, slots=True)
class Wrong:
    """A call that can't be done, and what the model is told."""

    mistake: Mistake
    text: str
    name: str
    """The tool that was meant, if that can be told."""


@dataclass(frozen=True, slots=True)
class Ready:
    """A call that can be done."""

    tool: Tool
    checked: Checked
    other_name: str = ""
    """What the model called it, where that is not its name."""


def check(call: ToolCall, tools: Mapping[str, Tool]) -> Ready | Wrong:
    """Find the tool that a call means, and check its arguments against the tool's schema."""
    if not call.name:
        return Wrong(Mistake.NO_NAME, f"this call has no name; the tools are: {', '.join(tools)}", "")
    tool = find(call.name, tools)
    if tool is None:
        return Wrong(Mistake.UNKNOWN_TOOL, _unknown(call.name, tools), "")
    if call.problem:
        advice = "send them as one JSON object, with line breaks in strings written as \\n"
        return Wrong(Mistake.BROKEN_JSON, f"{tool.name}: {call.problem}; {advice}", tool.name)
    try:
        checked = tool.check(call.arguments)
    except ToolError as error:
        return Wrong(Mistake.WRONG_ARGUMENTS, str(error), tool.name)
    return Ready(tool, checked, other_name="" if call.name == tool.name else call.name)


def find(name: str, tools: Mapping[str, Tool]) -> Tool | None:
    """Return the tool of that name or alias; case, dashes and a prefix (``functions.read``) are forgiven."""
    if name in tools:
        return tools[name]
    wanted = _plain(name)
    known = ((tool, (own, *tool.aliases)) for own, tool in tools.items())
    return next((tool for tool, names in known if wanted in map(_plain, names)), None)


def _plain(name: str) -> str:
    return name.strip().rpartition(".")[2].replace("-", "_").casefold()


def _unknown(name: str, tools: Mapping[str, Tool]) -> str:
    names: Sequence[str] = [*tools, *(alias for tool in tools.values() for alias in tool.aliases)]
    close = difflib.get_close_matches(name, names, n=1)
    hint = f"did you mean {close[0]}? " if close else ""
    return f"there is no tool {name[:100]!r}; {hint}the tools are: {', '.join(tools)}"
