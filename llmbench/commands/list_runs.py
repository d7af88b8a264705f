"""The rows of ``llmbench list runs``: what came of every run, from the history."""

from argparse import Namespace
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from llmbench.commands.filters import choose
from llmbench.commands.history import history_of
from llmbench.errors import UsageError
from llmbench.history.choice import named
from llmbench.history.rows import RunRow
from llmbench.report.apart import rows_apart
from llmbench.report.axes import AXES
from llmbench.report.words import LEVELS, one_line

_ALWAYS = ("model", "dataset")
"""Axes that stand there also where all runs share them."""
_ALSO = (
    *("dataset_sha256", "preset", "tries", "trust", "cost_usd", "wall_s", "prompt_tokens"),
    *("completion_tokens", "started", "ended"),
)


@dataclass(frozen=True, slots=True)
class Listed:
    """The runs that were asked for, in order."""

    rows: Sequence[RunRow]
    configs: Sequence[Mapping[str, Any]]
    """Of each, its composed configuration; empty where it can't be read."""
    root: Path


def find(options: Namespace, words: Sequence[str]) -> Listed:
    """Return the runs that fit options and words: ``model=glm*``, ``samples=3``, or a part of a run's name.

    Raises:
        UsageError: no run has such a key, or such a name.
    """
    options.where += [word for word in words if _is_condition(word)]
    history = history_of(options.root)
    rows = choose(history, options)
    for word in words:
        if not _is_condition(word):
            rows = _named(rows, word)
    configs = history.configs()
    return Listed(rows, [configs.get(row.id, {}) for row in rows], options.root)


def _is_condition(word: str) -> bool:
    return any(sign in word for sign in "=<>")


def _named(rows: Sequence[RunRow], word: str) -> list[RunRow]:
    found = named(rows, word)
    if rows and not found:
        raise UsageError(
            f"list runs: no run has '{word}' in its name; expected a part of one, or key=value, "
            "such as model=glm"
        )
    return found


def run_rows(listed: Listed) -> list[dict[str, str]]:
    """Return a row a run: what tells it apart first, its id last; cells of what is not known are empty."""
    names = [{axis: str(getattr(row, axis)) for axis in AXES} for row in listed.rows]
    shown = [axis for axis in AXES if axis in _ALWAYS or len({one[axis] for one in names}) > 1]
    settings = rows_apart(listed.rows, listed.configs)
    return [
        {
            **{axis: one_line(own[axis]) for axis in shown},
            **({"settings": differing} if any(settings) else {}),
            **_result(row),
        }
        for row, own, differing in zip(listed.rows, names, settings, strict=True)
    ]


def _result(row: RunRow) -> dict[str, str]:
    score, speed = row.pass_at_1, row.decode_tokens_per_s
    return {
        "changed": f"{_changed(row):%Y-%m-%d %H:%M}",
        "pass@1": "" if score is None else f"{100 * score:.1f} %",
        "trust": LEVELS[row.trust] if row.trust else "",
        "graded": _graded(row),
        "tokens/s": "" if speed is None else f"{speed:.{0 if speed >= 100 else 1}f}",
        "run": row.folder.rpartition("-")[2] if row.model else row.folder,
    }


def _changed(row: RunRow) -> datetime:
    return datetime.fromtimestamp(row.changed).astimezone()


def _graded(row: RunRow) -> str:
    if row.problem:
        return f"can't be read: llmbench report {Path(row.folder).name}"
    bad = f", {'1 line' if row.damaged == 1 else f'{row.damaged} lines'} damaged" if row.damaged else ""
    return f"{row.graded} of {row.planned}{bad}"


def run_data(listed: Listed) -> list[dict[str, Any]]:
    """Return the same as data; null for what is not known; ``problem`` says why a run can't be read."""
    return [_data(row, listed.root) for row in listed.rows]


def _data(row: RunRow, root: Path) -> dict[str, Any]:
    known = not row.problem
    return {
        "run": row.folder if "/" in row.folder else f"{root.resolve().name}/{row.folder}",
        **{axis: getattr(row, axis) or None for axis in AXES},
        "folder": f"{row.place}/{row.folder}" if row.place else str(root / row.folder),
        "changed": _changed(row).isoformat(timespec="seconds"),
        "pass_at_1": row.pass_at_1,
        "graded": row.graded if known else None,
        "planned": row.planned if known else None,
        "decode_tokens_per_s": row.decode_tokens_per_s,
        "damaged": row.damaged if known else None,
        "problem": row.problem,
        **{name: getattr(row, name) for name in _ALSO},
    }
