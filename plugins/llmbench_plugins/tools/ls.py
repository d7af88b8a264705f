"""Tool ``ls``: what is in a folder."""

from dataclasses import dataclass
from typing import Annotated

from llmbench.api import Scope, Tool, ToolResult, option
from llmbench_plugins.tools.shared.aliases import FOLDER
from llmbench_plugins.tools.shared.listing import listing
from llmbench_plugins.tools.shared.text import counted


@dataclass(frozen=True, slots=True)
class LsOptions:
    """Options of the tool."""

    max_chars: Annotated[int, option(ge=200, help="cut the result to so many characters")] = 8000


@dataclass(frozen=True, slots=True, kw_only=True)
class LsArguments:
    """What to list."""

    path: Annotated[str, option(help="folder, relative to the root of the workspace")] = "."
    recursive: Annotated[bool, option(help="also what is in its folders")] = False


class Ls(Tool):
    """Lists a folder: sizes, and which files may not be changed."""

    Options = LsOptions
    options: LsOptions
    name = "ls"
    aliases = ("list_dir",)
    description = "List the files of a folder with their sizes. Files marked read-only can't be changed."
    kind = "read"
    Arguments = LsArguments
    argument_aliases = FOLDER

    async def call(self, arguments: LsArguments, scope: Scope) -> ToolResult:
        """List folders first."""
        prefix = scope.folder(arguments.path)
        below = {path.removeprefix(prefix): path for path in scope.workspace if path.startswith(prefix)}
        folders: dict[str, int] = {}
        for path in below:
            if "/" in path and not arguments.recursive:
                name = f"{path.partition('/')[0]}/"
                folders[name] = folders.get(name, 0) + 1
        lines = [f"{name}  {counted(number, 'file')}" for name, number in sorted(folders.items())]
        lines += [
            _line(name, path, scope) for name, path in below.items() if arguments.recursive or "/" not in name
        ]
        if not lines:
            return ToolResult(text="the workspace is empty")
        return ToolResult(text=listing(lines, self.options.max_chars, "list a folder below, or use glob"))


def _line(name: str, path: str, scope: Scope) -> str:
    size = counted(len(scope.workspace.read(path)), "byte")
    return f"{name}  {size}{'' if scope.task.may_change(path) else ', read-only'}"
