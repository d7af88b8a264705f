"""What a run's parts are called in its manifest and in reports."""

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any, Literal

from llmbench.api import Agent
from llmbench.errors import UsageError
from llmbench.records.manifest import Manifest
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


def served_name(spec: RunSpec, server: Mapping[str, Any], answered: Collection[str] = ()) -> str:
    """Return what a server calls the model that nobody named; empty where it does not tell.

    Args:
        spec: the run.
        server: what the backend says of the server.
        answered: names in its answers, which may tell where the server does not.
    """
    told = str(server.get("model") or Path(str(server.get("weights") or "")).name)
    if told and told != spec.model.name:
        return told
    others = set(answered) - {spec.model.name}
    return others.pop() if len(others) == 1 else ""


def refuse_another(spec: RunSpec, server: Mapping[str, Any], earlier: Manifest | None) -> None:
    """Refuse to go on with a run of ``model=any`` where the server has another model by now.

    Raises:
        UsageError: naming both.
    """
    if earlier is None or not spec.model.is_unnamed:
        return
    before = next((s.server for s in reversed(earlier.sessions) if s.server), {})
    then, now = served_name(spec, before), served_name(spec, server)
    if then and now and then != now:
        raise UsageError(
            f"model=any: this run's answers are those of '{then}', and the server has '{now}' now; by "
            f"its name it is a run of its own: model.name={now}"
        )


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
