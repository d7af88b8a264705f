"""Who set a key: the command line, or which YAML file. Asked only when a key is wrong."""

from collections.abc import Iterator
from typing import Any

import yaml

from llmbench.api.text import read_text
from llmbench.config.arguments import key_of
from llmbench.config.compose import Composed
from llmbench.config.sources import Choice


def origin(key: str, composed: Composed) -> str:
    """Return ``command line`` or the file that set ``key`` (or that should have)."""
    set_there = (name for name in map(key_of, composed.overrides) if not composed.sources.is_group(name))
    if any(f"{key}.".startswith(f"{name}.") for name in set_there):
        return "command line"
    group = key.partition(".")[0]
    files = {choice.group: choice for choice in _chosen_files(composed)}
    preset = files.get("preset")
    if preset and _holds(preset, key):
        return str(preset)
    if group in files:
        return str(files[group])
    return f"{group}={composed.choices[group]}" if group in composed.choices else "conf/config.yaml"


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
