"""Tools by name, and scopes to call them on."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from llmbench.api import Context, Task, Tool, ToolResult
from llmbench.registry import load
from llmbench.testing.tool import ScriptedScope, call

MakeTool = Callable[..., Tool]


@pytest.fixture
def make_tool() -> MakeTool:
    """Make a tool by its name and its options."""

    def made(name: str, **options: Any) -> Tool:
        kind: type[Tool] = load("tool", name)
        return kind(kind.Options(**options), Context(work_dir=Path(), cache_dir=Path()))

    return made


@pytest.fixture
def make_task() -> Callable[..., Task]:
    """Make a task from its files; the agent may change all of them unless it is said otherwise."""

    def made(files: dict[str, str | bytes], **changes: Any) -> Task:
        starter = {path: text.encode() if isinstance(text, str) else text for path, text in files.items()}
        defaults: dict[str, Any] = {"id": "task", "instructions": "", "starter": starter, "editable": ("*",)}
        return Task(**(defaults | changes))

    return made


@pytest.fixture
def scope_of(make_task: Callable[..., Task]) -> Callable[..., ScriptedScope]:
    """Make a scope without a box from a task's files."""
    return lambda files, **changes: ScriptedScope(make_task(files, **changes))


@pytest.fixture
def use(make_tool: MakeTool) -> Callable[..., ToolResult]:
    """Call a tool by its name with the arguments that a model gives."""

    def used(name: str, scope: ScriptedScope, /, **arguments: Any) -> ToolResult:
        return call(make_tool(name, **arguments.pop("options", {})), scope, arguments)

    return used
