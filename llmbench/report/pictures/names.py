"""What runs are called where several are shown: by that in which they differ."""

from collections.abc import Mapping, Sequence

from llmbench.report.pictures.labels import BETWEEN
from llmbench.report.read import Run
from llmbench.report.words import inert

_AXES = ("model", "backend", "agent", "dataset")
_NO_NAME = frozenset({*_AXES, "output_root", "limit", "tasks", "filter"})
"""Overrides that are named already, or say nothing of how a run was made."""
RUN = "run"
"""Key of the runs' ids, there where choices do not tell all runs apart."""


def differing(runs: Sequence[Run]) -> list[dict[str, str]]:
    """Return of each run the choices that not all runs share, by key: axes first, then other overrides.

    Where that does not tell all runs apart, ``RUN`` holds their ids.
    """
    chosen = [_choices(run) for run in runs]
    keys = dict.fromkeys(key for choices in chosen for key in choices)
    varied = [key for key in keys if len({choices.get(key, "") for choices in chosen}) > 1]
    found = [{key: choices.get(key, "") for key in varied} for choices in chosen]
    if len({tuple(choices.values()) for choices in found}) == len(runs):
        return found
    return [choices | {RUN: run.summary.run_id} for choices, run in zip(found, runs, strict=True)]


def _choices(run: Run) -> dict[str, str]:
    names = {axis: run.manifest.names.get(axis, "") for axis in _AXES}
    words = dict(word.lstrip("+").split("=", 1) for word in run.manifest.overrides if "=" in word)
    return names | {key: f"{key}={value}" for key, value in words.items() if key not in _NO_NAME}


def named(choices: Mapping[str, str]) -> str:
    """Return choices as one name, in which no character acts on anything."""
    return BETWEEN.join(inert(choice) for choice in choices.values() if choice) or "as configured"
