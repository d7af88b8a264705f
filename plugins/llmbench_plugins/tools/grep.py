"""Tool ``grep``: lines by a regular expression."""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Annotated

from llmbench.api import Scope, Tool, ToolError, ToolResult, as_text, option
from llmbench_plugins.tools.shared import linear
from llmbench_plugins.tools.shared.aliases import FOLDER
from llmbench_plugins.tools.shared.listing import listing
from llmbench_plugins.tools.shared.text import lines_of, short

_LINE_CHARS = 300
_MOST = 5000
"""Lines looked for at most: nobody reads more, and a big file of hits would fill the memory."""


@dataclass(frozen=True, slots=True)
class GrepOptions:
    """Options of the tool."""

    max_chars: Annotated[int, option(ge=200, help="cut the result to so many characters")] = 8000


@dataclass(frozen=True, slots=True, kw_only=True)
class GrepArguments:
    """What to find."""

    pattern: Annotated[str, option(min_length=1, help="regular expression, matched against each line")]
    path: Annotated[str, option(help="file or folder to look in")] = "."
    glob: Annotated[str, option(help="only files that match, such as *.py")] = ""
    ignore_case: Annotated[bool, option(help="let upper and lower case match each other")] = False
    context: Annotated[int, option(ge=0, le=10, help="lines to show before and after each match")] = 0


class Grep(Tool):
    """Finds lines by a regular expression, in linear time whatever the pattern."""

    Options = GrepOptions
    options: GrepOptions
    name = "grep"
    description = (
        "Find lines that match a regular expression (RE2 syntax: no look-around, no back-references). "
        "Shows file:line:text."
    )
    kind = "read"
    Arguments = GrepArguments
    argument_aliases = {"regex": "pattern", "include": "glob", "case_insensitive": "ignore_case"} | FOLDER

    async def call(self, arguments: GrepArguments, scope: Scope) -> ToolResult:
        """Look through the text files."""
        matches = linear.search(arguments.pattern, ignore_case=arguments.ignore_case)
        files = _files(arguments, scope)
        # A few seconds for the biggest workspace: others wait less if this is not done on their thread.
        lines = await asyncio.to_thread(_found, files, matches, arguments.context)
        if not lines:
            return ToolResult(text=f"no line matches {arguments.pattern[:200]!r} in {len(files)} text files")
        return ToolResult(
            text=listing(lines, self.options.max_chars, "give a narrower pattern, path or glob")
        )


def _files(arguments: GrepArguments, scope: Scope) -> dict[str, str]:
    """Return the text files to look through."""
    wanted = linear.glob(arguments.glob) if arguments.glob else lambda _: True
    try:
        path = scope.path(arguments.path)
        prefix = path if path in scope.workspace else scope.folder(arguments.path)
    except ToolError:
        prefix = scope.folder(arguments.path)
    files = scope.workspace.files
    texts = {
        path: as_text(files[path]) for path in scope.workspace if path.startswith(prefix) and wanted(path)
    }
    return {path: text for path, text in texts.items() if text is not None}


def _found(files: Mapping[str, str], matches: linear.Match, context: int) -> list[str]:
    shown = (line for path, text in files.items() for line in _lines(path, lines_of(text), matches, context))
    return list(islice(shown, _MOST))


def _lines(path: str, lines: Sequence[str], matches: linear.Match, context: int) -> Iterator[str]:
    """Yield what is shown of a file, in its order; lines between two matches are shown once."""
    done = 0
    for at, line in enumerate(lines):
        if not matches(line):
            continue
        first = max(at - context, done)
        if context and first > done > 0:
            yield "--"
        for near in range(first, at):
            yield f"{path}-{near + 1}-{short(lines[near], _LINE_CHARS)}"
        yield f"{path}:{at + 1}:{short(line, _LINE_CHARS)}"
        done = at + 1
        for after in range(done, min(done + context, len(lines))):
            if matches(lines[after]):
                break
            yield f"{path}-{after + 1}-{short(lines[after], _LINE_CHARS)}"
            done = after + 1
