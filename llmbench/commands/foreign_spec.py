"""How to grade another's answers: what is judged, and how, is theirs; where it runs, at what cost, ours."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from llmbench import registry
from llmbench.api.options import execution_only
from llmbench.config.arguments import key_of, parse
from llmbench.config.build import build_spec
from llmbench.config.check import checked, section
from llmbench.config.compose import Composed, compose
from llmbench.config.sources import find_sources
from llmbench.errors import UsageError
from llmbench.records.manifest import Manifest
from llmbench.runner.spec import RunSpec

ALLOWED = ("sandbox", "graders", "box", "dataset", "validator")
"""Sections of which overrides are taken: where it runs, where the tasks are, and larger limits."""


def foreign_spec(manifest: Manifest, overrides: Sequence[str], folder: Path) -> RunSpec:
    """Return a spec that grades a run's answers and believes nothing else of its configuration.

    Raises:
        UsageError: an override is not allowed, the run's plugins are not here, or its limits are larger than
            those of this machine.
    """
    for word in overrides:
        if key_of(word).partition(".")[0] not in ALLOWED:
            raise UsageError(f"verify: '{word}' changes nothing here; allowed are {'=, '.join(ALLOWED)}=")
    now = compose(parse(["agent=nop", *_chosen(manifest), *overrides], with_own_defaults=False))
    keys = {key_of(word) for word in overrides}
    values: dict[str, Any] = {
        **now.values,
        "dataset": _dataset(manifest, now, keys),
        "validator": _limited(manifest, "validator", _options(now)),
        "box": _limited(manifest, "box", now.values["box"]),
    }
    composed = Composed(
        values=values, choices={}, overrides=tuple(overrides), sources=now.sources, sweep_dir=now.sweep_dir
    )
    return replace(build_spec(composed), folder=folder)


def _chosen(manifest: Manifest) -> list[str]:
    """Return the words that choose the run's dataset and validator, as far as files of that name are here."""
    sources = find_sources()
    words = []
    for axis in ("dataset", "validator"):
        name = str(manifest.settings(axis).get("name", ""))
        if name not in registry.names(axis):
            raise UsageError(
                f"verify: the run's {axis} {name!r} is not installed here; installed: "
                f"{', '.join(registry.names(axis))}"
            )
        if name in sources.choices(axis):
            words.append(f"{axis}={name}")
    return words


def _dataset(manifest: Manifest, now: Composed, keys: set[str]) -> dict[str, Any]:
    """Return the run's dataset with our own paths and addresses."""
    stored = dict(manifest.settings("dataset"))
    ours: Mapping[str, Any] = now.values["dataset"]
    given = {key.partition(".")[2] for key in keys if key.startswith("dataset.")}
    local = execution_only(registry.load("dataset", stored["name"]).Options) | given
    if stored.get("path") is not None and "path" not in local:
        raise UsageError(
            f"verify: its tasks are from a folder of its own, {stored['path']!r}; name your copy of it: "
            "dataset.path=DIR"
        )
    return {**stored, **{key: ours[key] for key in local if key in ours}}


def _options(now: Composed) -> dict[str, Any]:
    """Return all options of the validator as they are here, with those that nobody set."""
    data = section(now, "validator")
    kind = registry.load("validator", data.pop("name")).Options
    return asdict(checked(kind, data, "validator", now))


def _limited(manifest: Manifest, name: str, ours: Mapping[str, Any]) -> dict[str, Any]:
    """Return a section of the run; a number larger than ours would let a stranger use up this machine."""
    stored = dict(manifest.settings(name))
    for key, value in stored.items():
        limit = ours.get(key)
        if _is_number(limit) and (value is None or (_is_number(value) and value > limit)):
            told = "without end" if value is None else value
            raise UsageError(
                f"verify: {name}.{key}: the run's is {told}, here at most {limit} is allowed; to allow "
                f"it, add {name}.{key}={value}"
            )
    return stored


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
