"""The rows of ``llmbench list runs``: what came of every run, from its summary."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec

from llmbench.errors import LlmbenchError
from llmbench.records.lines import UNREADABLE
from llmbench.records.runs import FoundRun, find_runs
from llmbench.report.apart import apart, settings_of
from llmbench.report.axes import AXES
from llmbench.report.words import one_line

_ALWAYS = ("model", "dataset")
"""Axes that stand there also where all runs share them."""


def run_rows(data: Sequence[Mapping[str, Any]]) -> Iterator[dict[str, str]]:
    """Yield a row a run: what tells it apart first, its id last; cells of what is not known are empty."""
    shown = [axis for axis in AXES if axis in _ALWAYS or len({one[axis] for one in data}) > 1]
    settings = _settings(data)
    for one, differing in zip(data, settings, strict=True):
        yield {
            **{axis: one_line(one[axis] or "") for axis in shown},
            **({"settings": differing} if any(settings) else {}),
            **_result(one),
        }


def _settings(data: Sequence[Mapping[str, Any]]) -> list[str]:
    return apart([{axis: one[axis] for axis in AXES} for one in data], [one["config"] for one in data])


def _result(data: Mapping[str, Any]) -> dict[str, str]:
    score, speed = data["pass_at_1"], data["decode_tokens_per_s"]
    return {
        "changed": f"{datetime.fromisoformat(data['changed']):%Y-%m-%d %H:%M}",
        "pass@1": "" if score is None else f"{100 * score:.1f} %",
        "graded": _graded(data),
        "tokens/s": "" if speed is None else f"{speed:.{0 if speed >= 100 else 1}f}",
        "run": data["run"].rpartition("-")[2] if data["model"] else data["run"],
    }


def _graded(data: Mapping[str, Any]) -> str:
    if data["problem"]:
        return f"can't be read: llmbench report {Path(data['folder']).name}"
    damaged = data["damaged"]
    bad = f", {'1 line' if damaged == 1 else f'{damaged} lines'} damaged" if damaged else ""
    return f"{data['graded']} of {data['planned']}{bad}"


def run_data(root: Path) -> Iterator[dict[str, Any]]:
    """Yield the same as data; null for what is not known; ``problem`` says why a run can't be read."""
    for run in find_runs(root):
        summary, problem = _summary(run)
        names, config = _identity(run)
        yield {
            "run": run.name,
            **{axis: names.get(axis) for axis in AXES},
            "config": config,
            "settings": settings_of(config),
            "folder": str(run.folder),
            "changed": datetime.fromtimestamp(run.changed).astimezone().isoformat(timespec="seconds"),
            "pass_at_1": summary and summary.score.pass_at_1,
            "graded": summary and summary.graded,
            "planned": summary and summary.planned,
            "decode_tokens_per_s": summary and summary.speed and summary.speed.decode_tokens_per_s,
            "damaged": summary and summary.damaged,
            "problem": problem,
        }


class _Score(msgspec.Struct):
    pass_at_1: float | None


class _Speed(msgspec.Struct):
    decode_tokens_per_s: float | None


class _Summary(msgspec.Struct):
    """What a row needs of a summary."""

    score: _Score
    graded: int
    planned: int
    speed: _Speed | None = None
    damaged: int = 0


_DECODER = msgspec.json.Decoder(_Summary)


class _Identity(msgspec.Struct):
    """What a row needs of a manifest."""

    names: dict[str, str]
    config: dict[str, Any]


_IDENTITY = msgspec.json.Decoder(_Identity)


def _identity(run: FoundRun) -> tuple[dict[str, str], dict[str, Any]]:
    """Return a run's names and configuration; empty where its manifest can't be read."""
    try:
        found = _IDENTITY.decode((run.folder / "manifest.json").read_bytes())
    except (OSError, *UNREADABLE):
        return {}, {}
    return found.names, found.config


def _summary(run: FoundRun) -> tuple[_Summary | None, str]:
    """Return the summary that the run left, a new one where samples came after it, or why there is none."""
    left = run.folder / "summary.json"
    try:
        newest = (run.folder / "journal.jsonl").stat().st_mtime
        if left.stat().st_mtime >= newest:
            return _DECODER.decode(left.read_bytes()), ""
    except (OSError, *UNREADABLE):
        pass
    return _made_anew(run.folder)


def _made_anew(folder: Path) -> tuple[_Summary | None, str]:
    from llmbench.report.read import read_run

    try:
        summary = read_run(folder).summary
    except LlmbenchError as error:
        return None, str(error)
    return _DECODER.decode(msgspec.json.encode(summary)), ""
