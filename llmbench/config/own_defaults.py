"""What a bare command asks for by the environment, or by ``.env`` below it: defaults of one's own."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import replace

from llmbench.config.on_the_fly import made
from llmbench.config.sources import Sources
from llmbench.config.values import split
from llmbench.records.dot_env import read_dot_env

_VARIABLES = {
    "model": ("LLMBENCH_MODEL", "DEFAULT_MODEL"),
    "backend": ("LLMBENCH_BACKEND",),
    "sampling.temperature": ("DEFAULT_TEMPERATURE",),
}
"""By key: the variables that set it, the first first."""
_SAMPLER = ("sampling", "preset")
"""Groups of which a word on the command line says how to sample: no default of one's own lies over that."""


def own_defaults(words: Sequence[str], sources: Sources) -> dict[str, tuple[str, str]]:
    """Return what the environment sets and the command line leaves open, by key: the value, and who set it.

    A backend is left out where the model brings its own (``model=ollama:TAG``, ``model=./my.gguf``).
    """
    keys = {word.lstrip("+~").partition("=")[0] for word in words}
    found = {key: value for key in _VARIABLES if not _is_said(key, keys) and (value := _set(key)) is not None}
    models = [found["model"][0]] if "model" in found else _models(words)
    if "backend" in found and any(_brings_a_backend(name, sources) for name in models):
        del found["backend"]
    return found


def _is_said(key: str, keys: set[str]) -> bool:
    if key == "sampling.temperature":
        return any(said.partition(".")[0] in _SAMPLER for said in keys)
    return key in keys


def _set(key: str) -> tuple[str, str] | None:
    """Return a variable's value and where it stands; the environment wins over the file."""
    places: tuple[tuple[str, Mapping[str, str]], ...] = (
        ("the environment", os.environ),
        (".env", read_dot_env(quiet=True)),
    )
    for name in _VARIABLES[key]:
        for where, variables in places:
            if value := variables.get(name, "").strip():
                return value, f"{name} in {where}"
    return None


def _models(words: Sequence[str]) -> list[str]:
    values = [word.partition("=")[2] for word in words if word.startswith("model=")]
    return [name.strip("'\"") for name in split(values[-1])] if values else []


def _brings_a_backend(name: str, sources: Sources) -> bool:
    profile = made(name, replace(sources, backends=()))
    return profile is not None and "defaults" in profile
