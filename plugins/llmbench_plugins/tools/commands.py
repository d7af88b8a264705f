"""Tools ``run_tests`` and ``run_type_check``: what a dataset lets an agent run, where it does."""

from dataclasses import dataclass
from typing import Annotated

from llmbench.api import Scope, Task, Tool, ToolError, ToolResult, option
from llmbench_plugins.tools.shared.ran import told


@dataclass(frozen=True, slots=True)
class CommandOptions:
    """Options of the tools."""

    timeout_s: Annotated[float, option(gt=0, help="the longest that it may run")] = 120.0
    max_chars: Annotated[int, option(ge=400, help="cut the result to so many characters, head and tail")] = (
        10000
    )


@dataclass(frozen=True, slots=True)
class NoArguments:
    """Nothing to say."""


class _TaskCommand(Tool):
    """Runs the command that the task has under the tool's name."""

    Options = CommandOptions
    options: CommandOptions
    kind = "run"
    Arguments = NoArguments
    uses_box = True
    lacking = ""

    def unavailable(self, task: Task) -> str:
        """Say why where the dataset has no such command."""
        return "" if task.commands.get(self.name) else self.lacking

    async def call(self, arguments: NoArguments, scope: Scope) -> ToolResult:
        """Run it, and tell what it wrote and changed."""
        if reason := self.unavailable(scope.task):
            raise ToolError(f"{self.name} can't be used: {reason}")
        run = await scope.run(scope.task.commands[self.name], timeout_s=self.options.timeout_s)
        return told(run, self.options.max_chars)


class RunTests(_TaskCommand):
    """Runs the tests that a dataset shows to the model."""

    name = "run_tests"
    description = "Run the tests of this task and show their output."
    lacking = "this task shows no tests to the model"


class RunTypeCheck(_TaskCommand):
    """Runs the type checker that a dataset names."""

    name = "run_type_check"
    description = "Check the types of the workspace's code and show what is wrong."
    lacking = "this task names no type checker"
