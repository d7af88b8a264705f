"""Tool ``shell``: a command in the agent's box."""

from dataclasses import dataclass
from typing import Annotated

from llmbench.api import Scope, Tool, ToolError, ToolResult, option
from llmbench_plugins.tools.shared.aliases import COMMAND
from llmbench_plugins.tools.shared.ran import told

_BASH_IF_THERE = 'exec "$(command -v bash || command -v sh)" -c "$0"'


@dataclass(frozen=True, slots=True)
class ShellOptions:
    """Options of the tool."""

    timeout_s: Annotated[float, option(gt=0, help="the longest that a command may run")] = 60.0
    max_chars: Annotated[int, option(ge=400, help="cut the result to so many characters, head and tail")] = (
        10000
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ShellArguments:
    """What to run."""

    command: Annotated[str, option(help="for bash, or sh where there is no bash")]
    timeout_s: Annotated[float, option(ge=0, help="stop it earlier than usual; 0: do not")] = 0


class Shell(Tool):
    """Runs a command in the agent's box, over the workspace's files."""

    Options = ShellOptions
    options: ShellOptions
    name = "shell"
    description = (
        "Run a shell command over the workspace's files, in a box without a network. Each command starts "
        "in the workspace's root; variables, folders and background processes do not last until the next one."
    )
    kind = "run"
    Arguments = ShellArguments
    argument_aliases = COMMAND
    uses_box = True

    async def call(self, arguments: ShellArguments, scope: Scope) -> ToolResult:
        """Run it, and tell what it wrote and changed."""
        if not arguments.command.strip():
            raise ToolError("command is empty; expected a shell command")
        limit = min(arguments.timeout_s or self.options.timeout_s, self.options.timeout_s)
        run = await scope.run(["sh", "-c", _BASH_IF_THERE, arguments.command], timeout_s=limit)
        return told(run, self.options.max_chars)
