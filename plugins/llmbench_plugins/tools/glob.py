"""Tool ``glob``: files by a pattern of their paths."""

from dataclasses import dataclass
from typing import Annotated

from llmbench.api import Scope, Tool, ToolResult, option
from llmbench_plugins.tools.shared import linear
from llmbench_plugins.tools.shared.aliases import FOLDER
from llmbench_plugins.tools.shared.listing import listing


@dataclass(frozen=True, slots=True)
class GlobOptions:
    """Options of the tool."""

    max_chars: Annotated[int, option(ge=200, help="cut the result to so many characters")] = 8000


@dataclass(frozen=True, slots=True, kw_only=True)
class GlobArguments:
    """What to find."""

    pattern: Annotated[str, option(min_length=1, help="such as **/*.py, src/*.{js,ts} or test_*")]
    path: Annotated[str, option(help="folder to look in")] = "."


class Glob(Tool):
    """Finds files by a pattern of their paths, in order of their names."""

    Options = GlobOptions
    options: GlobOptions
    name = "glob"
    aliases = ("find_files",)
    description = (
        "Find files whose path matches a pattern: * and ? within a folder, ** across folders, [abc], {a,b}. "
        "A pattern without / matches names in any folder."
    )
    kind = "read"
    Arguments = GlobArguments
    argument_aliases = {"glob": "pattern", "glob_pattern": "pattern", "query": "pattern"} | FOLDER

    async def call(self, arguments: GlobArguments, scope: Scope) -> ToolResult:
        """List what matches."""
        prefix = scope.folder(arguments.path)
        matches = linear.glob(arguments.pattern)
        paths = [path for path in scope.workspace if path.startswith(prefix)]
        # A pattern may be meant from the folder or from the root: models write either.
        found = [path for path in paths if matches(path.removeprefix(prefix)) or matches(path)]
        if not found:
            return ToolResult(text=f"no file matches {arguments.pattern[:200]!r}")
        return ToolResult(text=listing(found, self.options.max_chars, "give a narrower pattern"))
