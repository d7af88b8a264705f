"""Tool: something that an agent's model may call while it works on a task."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal, Protocol

from llmbench.api.completion import ToolSpec
from llmbench.api.context import Context
from llmbench.api.options import NoOptions, schema_of
from llmbench.api.sandbox import Ran
from llmbench.api.task import Task
from llmbench.api.workspace import Workspace
from llmbench.errors import LlmbenchError

ToolKind = Literal["read", "write", "run", "think", "ask", "end"]
"""What a call does: looks at files, changes them, runs a program, orders thoughts, asks somebody, or ends."""


class ToolError(LlmbenchError):
    """A call could not be done as asked. The message goes back to the model and says what to do instead."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolResult:
    """What a call brought; ``text`` goes back to the model."""

    text: str
    failed: bool = False
    """The call was done, and what it ran did not succeed: a compiler's errors, an exit code that is not 0."""
    ends: bool = False
    """The agent's try is over."""


class Scope(Protocol):
    """What a tool may see and change: one try of one sample."""

    @property
    def task(self) -> Task:
        """The task; its tests and its reference are not for tools."""
        ...

    @property
    def workspace(self) -> Workspace:
        """The files that the agent works on."""
        ...

    @property
    def state(self) -> dict[str, Any]:
        """What tools keep for the length of a try (a plan), as JSON-ready data by the tool's name."""
        ...

    async def run(self, argv: Sequence[str], *, stdin: bytes = b"", timeout_s: float | None = None) -> Ran:
        """Run a program in the agent's box over the workspace's files, and take back what it changed.

        Raises:
            ToolError: this run's agent has no box.
            SandboxError: the box broke.
        """
        ...

    async def delegate(self, question: str) -> str:
        """Have a second agent, with a budget of its own, work on the same files and return what it says.

        Raises:
            ToolError: no further depth is allowed, or its budget is spent.
        """
        ...


class Tool(ABC):
    """One thing that a model may call. Tools keep no state between calls but in ``scope.state``."""

    Options: ClassVar[type] = NoOptions
    name: ClassVar[str]
    """As its entry point says; the model calls it by this name."""
    aliases: ClassVar[tuple[str, ...]] = ()
    """Names under which models know it from elsewhere: calls by them are understood."""
    description: ClassVar[str]
    """For the model."""
    kind: ClassVar[ToolKind]
    Arguments: ClassVar[type]
    """A frozen dataclass; its JSON Schema is what the model sees and what calls are checked against."""
    uses_box: ClassVar[bool] = False

    def __init__(self, options: Any, context: Context) -> None:
        self.options = options
        self.context = context

    @property
    def spec(self) -> ToolSpec:
        """The tool as the model sees it."""
        return ToolSpec(name=self.name, description=self.description, parameters=schema_of(self.Arguments))

    def unavailable(self, task: Task) -> str:
        """Return why the tool can't be offered for this task, or an empty string."""
        return ""

    @abstractmethod
    async def call(self, arguments: Any, scope: Scope) -> ToolResult:
        """Do what is asked.

        Args:
            arguments: an instance of ``Arguments``, checked.
            scope: the try under way.

        Raises:
            ToolError: it can't be done as asked; the model is told why and may go on.
        """
