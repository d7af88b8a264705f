"""Tool: something that an agent's model may call while it works on a task."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import msgspec

from llmbench.api.completion import ToolSpec
from llmbench.api.context import Context
from llmbench.api.options import NoOptions, from_mapping, schema_of
from llmbench.api.scope import Scope, ToolError
from llmbench.api.task import Task
from llmbench.errors import UsageError

ToolKind = Literal["read", "write", "run", "think", "ask", "end"]
"""What a call does: looks at files, changes them, runs a program, orders thoughts, asks somebody, or ends."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolResult:
    """What a call brought; ``text`` goes back to the model."""

    text: str
    failed: bool = False
    """The call was done, and what it ran did not succeed: a compiler's errors, an exit code that is not 0."""
    ends: bool = False
    """The agent's try is over."""
    refused: tuple[str, ...] = ()
    """Files that what it ran changed without being allowed to, and that are as they were again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """The arguments of a call that a tool understands."""

    arguments: Any
    """An instance of the tool's ``Arguments``."""
    repaired: tuple[str, ...] = ()
    """What had to be understood kindly, for the record: ``file_path → path``, ``limit: null``."""


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
    argument_aliases: ClassVar[Mapping[str, str]] = {}
    """Names that models give to arguments elsewhere, and ours: ``file_path`` for ``path``."""
    uses_box: ClassVar[bool] = False

    def __init__(self, options: Any, context: Context) -> None:
        self.options = options
        self.context = context

    @property
    def spec(self) -> ToolSpec:
        """The tool as the model sees it."""
        return ToolSpec(
            name=self.name, description=self.description, parameters=parameters_of(self.Arguments)
        )

    def check(self, given: Mapping[str, Any]) -> Checked:
        """Return what a model wrote as ``Arguments``, understanding names from elsewhere and needless nulls.

        Raises:
            ToolError: an argument is missing, unknown or of the wrong type, and what is expected.
        """
        parameters = parameters_of(self.Arguments)
        renamed = _renamed(given, self.argument_aliases)
        arguments = {renamed.get(name, name): value for name, value in given.items()}
        empty = [name for name, value in arguments.items() if value is None and _may_go(name, parameters)]
        arguments = {name: value for name, value in arguments.items() if name not in empty}
        try:
            msgspec.json.encode(arguments)
            checked: Any = from_mapping(self.Arguments, arguments, self.name)
        except UnicodeEncodeError:
            # No file and no message could hold it.
            raise ToolError(f"{self.name}: half of a surrogate pair in an argument; expected text") from None
        except RecursionError:
            raise ToolError(f"{self.name}: the arguments are nested too deep") from None
        except UsageError as error:
            problem = str(error).replace("unknown option", "unknown argument")
            raise ToolError(f"{problem}; {self.name} takes {_signature(parameters)}") from None
        repaired = (*(f"{old} → {new}" for old, new in renamed.items()), *(f"{name}: null" for name in empty))
        return Checked(arguments=checked, repaired=repaired)

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


def parameters_of(arguments: type) -> dict[str, Any]:
    """Return the JSON Schema of a tool's arguments, without references: not every server follows them."""
    schema = schema_of(arguments)
    inlined: dict[str, Any] = _inline(schema, schema.get("$defs", {}), ())
    return {"properties": {}, "required": [], **inlined}


def _inline(schema: Any, definitions: Mapping[str, Any], within: tuple[str, ...]) -> Any:
    if isinstance(schema, list):
        return [_inline(part, definitions, within) for part in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        name = schema["$ref"].rsplit("/", 1)[1]
        if name in within:
            raise TypeError(f"the arguments of a tool may not nest without end: {name} holds itself")
        # What describes the class is for readers of the code, and its fields are described one by one.
        inner = {key: part for key, part in definitions[name].items() if key not in ("title", "description")}
        return _inline(inner, definitions, (*within, name))
    return {key: _inline(part, definitions, within) for key, part in schema.items() if key != "$defs"}


def _renamed(given: Mapping[str, Any], aliases: Mapping[str, str]) -> dict[str, str]:
    """Return our names of arguments by the model's, one for one."""
    renamed: dict[str, str] = {}
    for old in given:
        new = aliases.get(old)
        if new and new not in given and new not in renamed.values():
            renamed[old] = new
    return renamed


def _may_go(name: str, parameters: Mapping[str, Any]) -> bool:
    """Say whether null stands for an argument that was not given: it is not required, and takes no null."""
    schema = parameters["properties"].get(name)
    return schema is not None and name not in parameters["required"] and "null" not in str(schema)


def _signature(parameters: Mapping[str, Any]) -> str:
    """Return the arguments in words: ``path, content; optional: append``."""
    required = [name for name in parameters["properties"] if name in parameters["required"]]
    optional = [name for name in parameters["properties"] if name not in parameters["required"]]
    words = ", ".join(required) or ("no argument" if not optional else "nothing by need")
    return f"{words}; optional: {', '.join(optional)}" if optional else words
