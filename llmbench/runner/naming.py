"""What a run's parts are called in its manifest and in reports."""

from pathlib import Path
from typing import Literal

from llmbench.api import Agent
from llmbench.runner.spec import RunSpec

Attribute = Literal["name", "provider"]


def named_plugins(spec: RunSpec, attribute: Attribute) -> dict[str, str]:
    """Return the name, or the package that provides it, of each axis's plugin; tools in one text."""
    parts = {
        "agent": spec.agent,
        "backend": spec.backend,
        "dataset": spec.dataset,
        "validator": spec.validator,
    }
    return {axis: getattr(part, attribute) for axis, part in parts.items()} | _tools(spec, attribute)


def shown_names(spec: RunSpec, agent: Agent) -> dict[str, str]:
    """Return the names of a run's parts as reports show them."""
    twin = getattr(spec.dataset.options, "twin", 0)
    dataset = {"dataset": f"{spec.dataset.name}, twin {twin}"} if twin else {}
    return named_plugins(spec, "name") | {"model": spec.model.name} | dataset | _outside(spec, agent)


def _outside(spec: RunSpec, agent: Agent) -> dict[str, str]:
    """Return what to call an outside agent in reports, and the backend that it may not have used."""
    facts = agent.describe()
    if not facts.get("program"):
        return {}
    named = {"agent": f"{spec.agent.name} ({Path(str(facts['program'])).name})"}
    return named if agent.asks_model else {**named, "backend": "its own"}


def _tools(spec: RunSpec, attribute: Attribute) -> dict[str, str]:
    values = dict.fromkeys(getattr(tool, attribute) for tool in spec.tools)
    return {"tools": ", ".join(values)} if values else {}
