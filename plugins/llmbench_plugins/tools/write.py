"""Tool ``write``: a whole file."""

from dataclasses import dataclass
from typing import Annotated

from llmbench.api import Scope, Tool, ToolResult, option
from llmbench_plugins.tools.shared.aliases import CONTENT, PATH
from llmbench_plugins.tools.shared.text import counted, lines_of


@dataclass(frozen=True, slots=True, kw_only=True)
class WriteArguments:
    """What to write."""

    path: Annotated[str, option(help="file, relative to the root of the workspace")]
    content: Annotated[str, option(help="the whole new content")]


class Write(Tool):
    """Creates or replaces a file that the task lets an agent change."""

    name = "write"
    aliases = ("write_file",)
    description = "Create a file, or replace its whole content. Folders are made as needed."
    kind = "write"
    Arguments = WriteArguments
    argument_aliases = PATH | CONTENT

    async def call(self, arguments: WriteArguments, scope: Scope) -> ToolResult:
        """Write, and say how much."""
        content = arguments.content.encode()
        path = scope.check_writable(arguments.path)
        done = "replaced" if path in scope.workspace else "created"
        scope.write(path, content)
        size = f"{counted(len(lines_of(arguments.content)), 'line')}, {counted(len(content), 'byte')}"
        return ToolResult(text=f"{done} {path}: {size}")
