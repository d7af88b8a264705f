"""The rows of ``llmbench list runs``: what came of every run, from its summary."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec

from llmbench.errors import LlmbenchError
from llmbench.records.lines import UNREADABLE
from llmbench.records.runs import FoundRun, find_runs
from llmbench.report.words import LEVELS
from llmbench.score.trust import Finding, worst


def run_rows(root: Path) -> Iterator[dict[str, str]]:
    """Yield a row a run, the newest first; cells of what is not known are empty."""
    for data in run_data(root):
        score, speed = data["pass_at_1"], data["decode_tokens_per_s"]
        yield {
            "run": data["run"],
            "changed": datetime.fromisoformat(data["changed"]).isoformat(sep=" ", timespec="minutes"),
            "pass@1": "" if score is None else f"{100 * score:.1f} %",
            "trust": LEVELS[data["trust"]] if data["trust"] else "",
            "graded": _graded(data),
            "tokens/s": "" if speed is None else f"{speed:.{0 if speed >= 100 else 1}f}",
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
        yield {
            "run": run.name,
            "folder": str(run.folder),
            "changed": datetime.fromtimestamp(run.changed).astimezone().isoformat(timespec="seconds"),
            "pass_at_1": summary and summary.score.pass_at_1,
            "trust": worst(summary.trust) if summary else None,
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
    trust: tuple[Finding, ...]
    graded: int
    planned: int
    speed: _Speed | None = None
    damaged: int = 0


_DECODER = msgspec.json.Decoder(_Summary)


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
