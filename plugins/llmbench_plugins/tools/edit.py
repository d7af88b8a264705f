"""Tool ``edit``: replace a piece of text that stands in a file exactly so."""

from dataclasses import dataclass
from typing import Annotated

from llmbench.api import Scope, Tool, ToolError, ToolResult, option
from llmbench.api.scope import FILE_BYTES
from llmbench_plugins.tools.shared.aliases import EDIT, PATH
from llmbench_plugins.tools.shared.nearest import nearest
from llmbench_plugins.tools.shared.text import counted, lines_of, numbered, read_text

_SHOWN = 12
_PLACES = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class EditArguments:
    """What to replace."""

    path: Annotated[str, option(help="file, relative to the root of the workspace")]
    old_string: Annotated[str, option(help="text that stands in the file exactly so, and only once")]
    new_string: Annotated[str, option(help="text that takes its place")]
    replace_all: Annotated[bool, option(help="replace it wherever it stands")] = False


class Edit(Tool):
    """Replaces a piece of text; one that stands nowhere or more than once is an error that says where."""

    name = "edit"
    aliases = ("replace_in_file",)
    description = (
        "Replace a piece of text in a file. old_string must stand there exactly so, with its indentation and "
        "without line numbers, and only once unless replace_all is true."
    )
    kind = "write"
    Arguments = EditArguments
    argument_aliases = PATH | EDIT

    async def call(self, arguments: EditArguments, scope: Scope) -> ToolResult:
        """Replace, and show the lines as they are now."""
        path = scope.check_writable(arguments.path)
        text = read_text(scope, path)
        old, new = _with_ends_of(text, arguments.old_string), _with_ends_of(text, arguments.new_string)
        times = _times(text, old, new, path, every=arguments.replace_all)
        if len(text) + times * (len(new) - len(old)) > FILE_BYTES:
            raise ToolError(f"{path} would grow beyond {FILE_BYTES} bytes")
        at = text.index(old)
        edited = text.replace(old, new)
        scope.write(path, edited.encode())
        return ToolResult(text=f"edited {path}: {counted(times, 'place')}\n{_around(edited, at, new)}")


def _times(text: str, old: str, new: str, path: str, *, every: bool) -> int:
    """Return how often ``old`` is to be replaced."""
    if not old:
        raise ToolError("old_string is empty; use write to replace a whole file")
    if old == new:
        raise ToolError("old_string and new_string are the same: nothing would change")
    times = text.count(old)
    if not times:
        raise ToolError(f"old_string is not in {path}; {nearest(text, old)}")
    if times > 1 and not every:
        lines = ", ".join(str(line) for line in _lines_with(text, old))
        raise ToolError(
            f"old_string stands {times} times in {path} (lines {lines}{', …' if times > _PLACES else ''}): "
            "add lines around it until it is unique, or set replace_all"
        )
    return times


def _lines_with(text: str, old: str) -> list[int]:
    found: list[int] = []
    at = text.find(old)
    while at >= 0 and len(found) < _PLACES:
        found.append(text.count("\n", 0, at) + 1)
        at = text.find(old, at + len(old))
    return found


def _with_ends_of(text: str, piece: str) -> str:
    """Return ``piece`` with the line ends of ``text``: models write ``\\n``, whatever the file has."""
    if "\r\n" in text and "\r" not in piece and text.count("\n") == text.count("\r\n"):
        return piece.replace("\n", "\r\n")
    return piece


def _around(text: str, at: int, new: str) -> str:
    lines = lines_of(text)
    first = max(text.count("\n", 0, at) - 2, 0)
    last = min(first + new.count("\n") + 5, first + _SHOWN)
    return numbered(lines[first:last], first + 1)
