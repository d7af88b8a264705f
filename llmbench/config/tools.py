"""The tools that an agent's options name: found by name, each with its own checked options."""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from llmbench import registry
from llmbench.config.check import checked, complaint
from llmbench.config.compose import Composed
from llmbench.errors import UnknownPluginError
from llmbench.runner.spec import Part


def tool_parts(composed: Composed, agent: Part) -> tuple[Part, ...]:
    """Return the tools of an agent whose ``Options`` have ``tools`` and ``tool_options``, in their order.

    Raises:
        UsageError: a name is unknown or given twice, or an option is wrong.
    """
    if not {"tools", "tool_options"} <= {field.name for field in fields(agent.options)}:
        return ()
    names, options = agent.options.tools, agent.options.tool_options
    for position, name in enumerate(names):
        if name in names[:position]:
            raise complaint(f"agent.tools: '{name}' stands there twice", composed)
    for name in options.keys() - set(names):
        hint = registry.suggestion(name, names)
        known = ", ".join(names) or "none"
        which = f"agent.tools has no '{name}'; {hint}{' ' if hint else ''}it has: {known}"
        raise complaint(f"agent.tool_options.{name}: {which}", composed)
    return tuple(_part(name, options.get(name), composed) for name in names)


def _part(name: str, options: Any, composed: Composed) -> Part:
    key = f"agent.tool_options.{name}"
    try:
        tool = registry.load("tool", name)
    except UnknownPluginError as error:
        raise UnknownPluginError(str(complaint(f"agent.tools: {error}", composed))) from error
    if options is not None and not isinstance(options, Mapping):
        raise complaint(f"{key}: expected a section of keys, got {options!r}", composed)
    made = checked(tool.Options, dict(options or {}), key, composed)
    return Part(name=name, options=made, provider=str(registry.provider("tool", name)))
