"""Tools ``read`` and ``batch_read``: files, with line numbers."""

from dataclasses import dataclass
from typing import Annotated

from llmbench.api import Scope, Tool, ToolError, ToolResult, as_text, option
from llmbench_plugins.tools.shared.aliases import LINES, PATH
from llmbench_plugins.tools.shared.text import counted, cut, lines_of, numbered, short


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """Options of the tools."""

    max_chars: Annotated[int, option(ge=200, help="cut the result to so many characters")] = 16000


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadArguments:
    """What to read."""

    path: Annotated[str, option(help="file, relative to the root of the workspace")]
    start_line: Annotated[int, option(ge=1, help="first line, from 1")] = 1
    end_line: Annotated[int, option(ge=0, help="last line; 0: to the end")] = 0
    limit: Annotated[int, option(ge=0, help="at most so many lines; 0: all")] = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchReadArguments:
    """What to read."""

    paths: Annotated[tuple[str, ...], option(min_length=1, help="files, relative to the root")]


class Read(Tool):
    """Reads a file or a range of its lines."""

    Options = ReadOptions
    options: ReadOptions
    name = "read"
    aliases = ("read_file",)
    description = (
        "Read a file, or a range of its lines. Each line is shown as its number, a tab and its text; "
        "number and tab are not part of the file."
    )
    kind = "read"
    Arguments = ReadArguments
    argument_aliases = PATH | LINES

    async def call(self, arguments: ReadArguments, scope: Scope) -> ToolResult:
        """Show lines while they fit."""
        return ToolResult(text=_shown(arguments, scope, self.options.max_chars))


class BatchRead(Tool):
    """Reads several files at once."""

    Options = ReadOptions
    options: ReadOptions
    name = "batch_read"
    aliases = ("read_files", "read_multiple")
    description = "Read several files at once, each shown as read does."
    kind = "read"
    Arguments = BatchReadArguments
    argument_aliases = {"files": "paths", "file_paths": "paths", "filenames": "paths"}  # noqa: RUF012

    async def call(self, arguments: BatchReadArguments, scope: Scope) -> ToolResult:
        """Share the room between the files; a missing one does not hide the others."""
        paths = tuple(dict.fromkeys(arguments.paths))
        room = max(self.options.max_chars // len(paths), 100)
        parts, missing = [], 0
        for path in paths:
            try:
                shown = _shown(ReadArguments(path=path), scope, room)
            except ToolError as error:
                shown, missing = f"error: {error}", missing + 1
            parts.append(f"==> {short(path, 200)} <==\n{shown}")
        text = cut("\n\n".join(parts), self.options.max_chars)
        if missing == len(paths):
            raise ToolError(f"none of the files can be read:\n{text}")
        return ToolResult(text=text)


def _shown(asked: ReadArguments, scope: Scope, limit: int) -> str:
    content = scope.read(asked.path)
    text = as_text(content)
    if text is None:
        return f"{asked.path} is binary ({counted(len(content), 'byte')}); its content is not shown"
    lines = lines_of(text)
    if not lines:
        return f"{asked.path} is empty"
    return _cut_lines(lines, asked.start_line, _last(asked, len(lines)), limit)


def _last(asked: ReadArguments, total: int) -> int:
    last = min(asked.end_line or total, total)
    if asked.limit:
        last = min(last, asked.start_line + asked.limit - 1)
    if asked.start_line > total:
        raise ToolError(
            f"{asked.path} has {counted(total, 'line')}; start_line={asked.start_line} is behind its end"
        )
    if last < asked.start_line:
        raise ToolError(f"end_line={asked.end_line} is before start_line={asked.start_line}")
    return last


def _cut_lines(lines: list[str], first: int, last: int, limit: int) -> str:
    """Return whole lines while they fit, and which follow."""
    room = limit - 80
    end = first - 1
    for line in lines[first - 1 : last]:
        room -= len(short(line)) + 7
        if room < 0 and end >= first:
            break
        end += 1
    more = f"\n[lines {end + 1} to {len(lines)} follow: start_line={end + 1}]" if end < len(lines) else ""
    return cut(numbered(lines[first - 1 : end], first), limit - len(more)) + more
