"""What runs are called where several are shown: by that in which they differ."""

from collections.abc import Mapping, Sequence

from llmbench.report.apart import settings_of
from llmbench.report.axes import AXES
from llmbench.report.pictures.labels import BETWEEN
from llmbench.report.read import Run
from llmbench.report.words import inert

_NO_NAME = frozenset({*AXES, "output_root", "limit", "tasks", "filter"})
"""Overrides that are named already, or say nothing of how a run was made."""
RUN = "run"
"""Key of the runs' ids, there where choices do not tell all runs apart."""


def differing(runs: Sequence[Run]) -> list[dict[str, str]]:
    """Return of each run the choices that not all runs share, by key: axes first, then overrides.

    Overrides count only where axes do not tell all runs apart. Where these do not either, ``RUN`` holds
    the runs' ids.
    """
    axes = [{axis: run.manifest.names.get(axis, "") for axis in AXES} for run in runs]
    for chosen in (axes, [names | words for names, words in zip(axes, _overrides(runs), strict=True)]):
        found = _varied(chosen)
        if len({tuple(choices.values()) for choices in found}) == len(runs):
            return found
    return [choices | {RUN: run.summary.run_id} for choices, run in zip(found, runs, strict=True)]


def _varied(chosen: Sequence[Mapping[str, str]]) -> list[dict[str, str]]:
    keys = dict.fromkeys(key for choices in chosen for key in choices)
    varied = [key for key in keys if len({choices.get(key, "") for choices in chosen}) > 1]
    return [{key: choices.get(key, "") for key in varied} for choices in chosen]


def _overrides(runs: Sequence[Run]) -> list[dict[str, str]]:
    """Return for each run what any of them overrides: ``seed=1`` where the run itself has it by default."""
    given = [dict(word.lstrip("+").split("=", 1) for word in _words(run)) for run in runs]
    keys = [key for key in dict.fromkeys(key for words in given for key in words) if key not in _NO_NAME]
    return [
        {key: f"{key}={value}" for key in keys if (value := words.get(key) or settings.get(key))}
        for words, settings in zip(given, (settings_of(run.manifest.config) for run in runs), strict=True)
    ]


def _words(run: Run) -> list[str]:
    return [word for word in run.manifest.overrides if "=" in word]


def named(choices: Mapping[str, str]) -> str:
    """Return choices as one name, in which no character acts on anything."""
    return BETWEEN.join(inert(choice) for choice in choices.values() if choice) or "as configured"
