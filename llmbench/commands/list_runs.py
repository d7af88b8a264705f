"""The rows of ``llmbench list runs``: what came of every run, from its summary."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec

from llmbench.errors import LlmbenchError
from llmbench.records.runs import FoundRun, find_runs


def run_rows(root: Path) -> Iterator[dict[str, str]]:
    """Yield a row a run, the newest first; cells of what is not known are empty."""
    for data in run_data(root):
        score, speed = data["pass_at_1"], data["decode_tokens_per_s"]
        yield {
            "run": data["run"],
            "changed": datetime.fromisoformat(data["changed"]).isoformat(sep=" ", timespec="minutes"),
            "pass@1": "" if score is None else f"{100 * score:.1f} %",
            "graded": "" if data["planned"] is None else f"{data['graded']} of {data['planned']}",
            "tokens/s": "" if speed is None else f"{speed:.{0 if speed >= 100 else 1}f}",
        }


def run_data(root: Path) -> Iterator[dict[str, Any]]:
    """Yield the same as data; null where something is not known."""
    for run in find_runs(root):
        summary = _summary(run)
        yield {
            "run": run.name,
            "folder": str(run.folder),
            "changed": datetime.fromtimestamp(run.changed).astimezone().isoformat(timespec="seconds"),
            "pass_at_1": (summary.get("score") or {}).get("pass_at_1"),
            "graded": summary.get("graded"),
            "planned": summary.get("planned"),
            "decode_tokens_per_s": (summary.get("speed") or {}).get("decode_tokens_per_s"),
        }


def _summary(run: FoundRun) -> Mapping[str, Any]:
    """Return the summary that the run left, or a new one where samples came after it."""
    left = run.folder / "summary.json"
    try:
        newest = (run.folder / "journal.jsonl").stat().st_mtime
        if left.stat().st_mtime >= newest:
            found = msgspec.json.decode(left.read_bytes())
            return found if isinstance(found, Mapping) else {}
    except (OSError, msgspec.DecodeError):
        pass
    return _made_anew(run.folder)


def _made_anew(folder: Path) -> Mapping[str, Any]:
    from llmbench.report.read import read_run

    try:
        found: Mapping[str, Any] = msgspec.to_builtins(read_run(folder).summary)
    except LlmbenchError:
        return {}  # broken: `llmbench report` says how
    return found
