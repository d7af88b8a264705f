"""The one place where a composed configuration becomes a RunSpec."""

from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass, replace
from pathlib import Path
from typing import Any

from llmbench import registry
from llmbench.api import ModelProfile
from llmbench.config.arguments import key_of
from llmbench.config.check import checked, complaint, section
from llmbench.config.compose import Composed
from llmbench.config.identity import run_folder, run_id
from llmbench.config.misnamed import misnamed
from llmbench.config.monitors import monitoring
from llmbench.config.origin import origins_of
from llmbench.config.secrets import find_secrets
from llmbench.config.settings import effective_sampling, model_profile, settings
from llmbench.config.settled import choices_of
from llmbench.config.tools import tool_parts
from llmbench.config.trust import still_trusted
from llmbench.errors import ImpossibleError, UnknownPluginError, UsageError
from llmbench.runner.spec import Part, RunSpec, Selection

__all__ = ["RunSpec", "build_spec", "named_variables"]


def build_spec(composed: Composed) -> RunSpec:
    """Check everything and return the run as frozen data.

    Raises:
        UsageError: a key, a value or a plugin's name is wrong.
        ImpossibleError: the model has no source for the backend.
    """
    _refuse_hidden(composed)
    top = settings(composed)
    model = model_profile(composed)
    sampling = effective_sampling(composed, model)
    backend = _backend(composed, model)
    agent, dataset, validator = (_part(composed, axis) for axis in ("agent", "dataset", "validator"))
    tools = tool_parts(composed, agent)
    named = frozenset(
        name
        for part in (backend, agent, dataset, validator, *tools)
        for name in named_variables(part.options)
    )
    identity = run_id(
        backend=backend,
        agent=agent,
        tools=tools,
        dataset=dataset,
        validator=validator,
        model=model,
        sampling=sampling,
        samples=top.samples,
        tries=top.tries,
        seed=top.seed,
        retry_budget=top.retry_budget,
        prompt_cache=top.prompt_cache,
        limits=top.limits,
        box=top.box,
    )
    folder = run_folder(
        Path(top.output_root),
        dataset=dataset.name,
        model=model.name,
        backend=backend.name,
        agent=agent.name,
        run_id=identity,
    )
    config = _as_settled(composed.values, backend=backend, agent=agent, dataset=dataset, validator=validator)
    return RunSpec(
        backend=backend,
        agent=agent,
        tools=tools,
        dataset=dataset,
        validator=validator,
        sandbox=_sandboxes(composed),
        model=replace(model, trusted=still_trusted(model, backend, composed.overrides)),
        sampling=sampling,
        samples=top.samples,
        tries=top.tries,
        seed=top.seed,
        retry_budget=top.retry_budget,
        prompt_cache=top.prompt_cache,
        selection=Selection(tasks=top.tasks, filter=top.filter, limit=top.limit),
        limits=top.limits,
        box=top.box,
        budget=top.budget,
        quiet=top.quiet,
        monitoring=monitoring(composed, top),
        graders=top.effective_graders,
        in_flight=top.in_flight,
        folder=folder,
        run_id=identity,
        misnamed=misnamed(composed, backend),
        strict=top.strict,
        stop_when_suspicious=top.stop_when_suspicious,
        dry_run=top.dry_run,
        config=config,
        overrides=composed.overrides,
        origins=origins_of(composed),
        secrets=find_secrets(named),
        secret_names=named,
    )


def _as_settled(values: Mapping[str, Any], **parts: Part) -> dict[str, Any]:
    """Return the configuration with the choices that follow from other options."""
    return {**values, **{axis: values[axis] | choices_of(part.options) for axis, part in parts.items()}}


def _part(composed: Composed, axis: str) -> Part:
    data = section(composed, axis)
    name = _name(composed, axis, data)
    plugin = _plugin(composed, axis, name)
    return _made(axis, name, checked(plugin.Options, data, axis, composed))


def _backend(composed: Composed, model: ModelProfile) -> Part:
    data = section(composed, "backend")
    name = _name(composed, "backend", data)
    options = _plugin(composed, "backend", name).Options
    renamed = {}
    if "source" in _field_names(options) and data.get("source") is None:
        key = _source_key(composed, model, name)
        data["source"] = dict(model.sources[key])
        renamed = {"backend.source": f"model.sources.{key}"}
    return _made("backend", name, checked(options, data, "backend", composed, renamed=renamed))


def _source_key(composed: Composed, model: ModelProfile, backend: str) -> str:
    key = next((key for key in (backend, "default") if key in model.sources), None)
    if key is None:
        choice = composed.choices.get("model", model.name)
        is_chosen = any(key_of(override) == "model" for override in composed.overrides)
        raise ImpossibleError(
            f"model '{choice}' has no source for backend '{backend}' and no default; "
            f"it has: {', '.join(model.sources) or 'none'}{'' if is_chosen else '; choose one: model=NAME'}"
        )
    return key


def _sandboxes(composed: Composed) -> tuple[Part, ...]:
    data = section(composed, "sandbox")
    if "candidates" not in data:
        return (_part(composed, "sandbox"),)
    candidates = data.pop("candidates")
    if not isinstance(candidates, list) or not candidates:
        raise complaint(f"sandbox.candidates: expected a list of sandboxes, got {candidates!r}", composed)
    data.pop("name", None)
    options = {name: _plugin(composed, "sandbox", name).Options for name in map(str, candidates)}
    known = {key for kind in options.values() for key in _field_names(kind)}
    for key in data.keys() - known:
        raise complaint(f"sandbox.{key}: unknown option; known: {', '.join(sorted(known))}", composed)
    return tuple(
        _made("sandbox", name, checked(kind, _shared(data, kind), "sandbox", composed))
        for name, kind in options.items()
    )


def _shared(data: Mapping[str, Any], options: type) -> dict[str, Any]:
    return {key: value for key, value in data.items() if key in _field_names(options)}


def _name(composed: Composed, axis: str, data: dict[str, Any]) -> str:
    name = data.pop("name", None)
    if not isinstance(name, str):
        raise complaint(f"{axis}.name: expected the name of a plugin, got {name!r}", composed)
    return name


def _plugin(composed: Composed, axis: str, name: str) -> Any:
    try:
        return registry.load(axis, name)
    except UnknownPluginError as error:
        raise UnknownPluginError(str(complaint(f"{axis}.name: {error}", composed))) from error


def _made(axis: str, name: str, options: Any) -> Part:
    return Part(name=name, options=options, provider=str(registry.provider(axis, name)))


def _field_names(options: type) -> frozenset[str]:
    return frozenset(field.name for field in fields(options))


def named_variables(value: Any, name: str = "") -> Iterator[str]:
    """Yield the names of environment variables that options refer to: ``api_key_env``, or ``env:NAME``."""
    if isinstance(value, str) and value:
        if name.endswith("_env"):
            yield value
        elif value.startswith("env:"):
            yield value.removeprefix("env:")
    elif is_dataclass(value) and not isinstance(value, type):
        for field in fields(value):
            yield from named_variables(getattr(value, field.name), field.name)
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from named_variables(item, str(key))


def _refuse_hidden(composed: Composed) -> None:
    """Refuse a chosen file that another one hides: what it says would be silently ignored."""
    for group, name in composed.choices.items():
        holders = composed.sources.holders(group.partition("@")[0], name)
        if len(holders) > 1:
            winner, hidden = holders[:2]
            raise UsageError(
                f"{hidden.path}: hidden by {winner} of {winner.source.provider}, which has the same name; "
                "rename it"
            )
