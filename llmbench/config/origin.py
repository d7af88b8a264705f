"""Who set a key: the command line, or which YAML file. Asked only when a key is wrong."""

from collections.abc import Iterator
from typing import Any

import yaml

from llmbench.api.text import read_text
from llmbench.config.arguments import key_of
from llmbench.config.compose import Composed
from llmbench.config.on_the_fly import GROUP
from llmbench.config.sources import OWN, Choice


def origin(key: str, composed: Composed) -> str:
    """Return ``command line`` or the file that set ``key`` (or that should have)."""
    if key in composed.origins:
        return composed.origins[key]
    set_there = (name for name in map(key_of, composed.overrides) if not composed.sources.is_group(name))
    if any(f"{key}.".startswith(f"{name}.") for name in set_there):
        return "command line"
    group = key.partition(".")[0]
    files = {choice.group: choice for choice in _chosen_files(composed)}
    preset = preset_of(key, composed)
    if preset is not None:
        return str(preset)
    if group in files:
        return str(files[group])
    return f"{group}={composed.choices[group]}" if group in composed.choices else "conf/config.yaml"


def origins_of(composed: Composed) -> dict[str, str]:
    """Return by key where it comes from, where that is neither llmbench's own nor on the command line.

    A variable of the environment, a file of somebody's own, or a profile that was made on the fly.
    """
    told = {key: [where] for key, where in composed.origins.items()}
    for choice in _chosen_files(composed):
        if choice.source.provider in OWN:
            told.setdefault(choice.group, []).append(f"{choice} ({choice.source.provider})")
    name = composed.choices.get(GROUP)
    if name is not None and name not in composed.sources.choices(GROUP):
        model = composed.values.get(GROUP) or {}
        told.setdefault(GROUP, []).append(
            f"made on the fly from '{name}'{_after(': ', model.get('description'))}"
            f"{_after('; sampler: ', model.get('sampling_source'))}"
        )
    return {key: "; ".join(parts) for key, parts in told.items()}


def _after(before: str, text: object) -> str:
    return f"{before}{text}" if text else ""


def preset_of(key: str, composed: Composed) -> Choice | None:
    """Return the chosen preset where it is what sets ``key``."""
    if any(key_of(override) == key for override in composed.overrides):
        return None
    preset = next((choice for choice in _chosen_files(composed) if choice.group == "preset"), None)
    return preset if preset is not None and _holds(preset, key) else None


def purpose_of(choice: Choice) -> str:
    """Return the comment at the head of a file, which says what it is and what for."""
    lines = read_text(choice.path, str(choice)).splitlines()
    heads = (line.lstrip("# ").strip() for line in lines if line.startswith("#"))
    return next((head for head in heads if not head.startswith("@package")), "")


def _chosen_files(composed: Composed) -> Iterator[Choice]:
    for group, name in composed.choices.items():
        found = composed.sources.choices(group.partition("@")[0])
        if name in found:
            yield found[name]


def _holds(choice: Choice, key: str) -> bool:
    node: Any = yaml.safe_load(read_text(choice.path, str(choice))) or {}
    for part in key.split("."):
        if not isinstance(node, dict) or part not in node:
            return False
        node = node[part]
    return True
