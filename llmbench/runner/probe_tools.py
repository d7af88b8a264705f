"""Tools that only write down what they are called with, for `llmbench fitness`."""

from dataclasses import asdict, dataclass, field
from typing import Annotated, Any, Literal

from llmbench.api import Context, NoOptions, Scope, Tool, ToolResult, option


@dataclass(slots=True)
class Calls:
    """The well-formed calls of one attempt, in order."""

    made: list[tuple[str, dict[str, Any]]] = field(default_factory=list)


class Recorder(Tool):
    """Writes down what it is called with, and says what it was told to say."""

    def __init__(self, context: Context, calls: Calls, says: str = "done") -> None:
        super().__init__(NoOptions(), context)
        self._calls = calls
        self._says = says

    async def call(self, arguments: Any, scope: Scope) -> ToolResult:
        """Write the call down."""
        self._calls.made.append((self.name, asdict(arguments)))
        return ToolResult(text=self._says)


@dataclass(frozen=True, slots=True, kw_only=True)
class WriteArguments:
    """A file."""

    path: Annotated[str, option(help="the file")]
    content: Annotated[str, option(help="its whole new content")]


class Write(Recorder):
    """Takes code of several lines."""

    name = "write"
    description = "Create or replace a file."
    kind = "write"
    Arguments = WriteArguments


@dataclass(frozen=True, slots=True, kw_only=True)
class LookupArguments:
    """A name."""

    symbol: Annotated[str, option(help="name of a function, class or constant")]


class Lookup(Recorder):
    """Takes one short text."""

    name = "lookup"
    description = "Show where a function, class or constant of the project is defined, and its value."
    kind = "read"
    Arguments = LookupArguments


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportArguments:
    """A number."""

    value: Annotated[int, option(help="the number")]


class Report(Recorder):
    """Takes a number."""

    name = "report"
    description = "Report a number to the user."
    kind = "write"
    Arguments = ReportArguments


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One rule of a linter."""

    pattern: str
    level: Literal["error", "warning"]
    ignore: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfigureArguments:
    """A configuration."""

    name: Annotated[str, option(help="the configuration's name")]
    rules: Annotated[tuple[Rule, ...], option(help="in their order")]


class Configure(Recorder):
    """Takes objects in lists in an object."""

    name = "configure"
    description = "Set the linter's configuration."
    kind = "write"
    Arguments = ConfigureArguments
