"""The rows of ``llmbench list runs``: what came of every run, from the history."""

from argparse import Namespace
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from llmbench.commands.filters import filtered
from llmbench.history.rows import RunRow

_ALSO = (
    "model backend agent dataset dataset_sha256 preset tries trust cost_usd wall_s prompt_tokens "
    "completion_tokens started ended"
)


def run_rows(options: Namespace) -> Iterator[dict[str, str]]:
    """Yield a row a run, the newest first; cells of what is not known are empty."""
    for data in run_data(options):
        score, speed = data["pass_at_1"], data["decode_tokens_per_s"]
        yield {
            "run": data["run"],
            "changed": datetime.fromisoformat(data["changed"]).isoformat(sep=" ", timespec="minutes"),
            "pass@1": "" if score is None else f"{100 * score:.1f} %",
            "graded": _graded(data),
            "tokens/s": "" if speed is None else f"{speed:.{0 if speed >= 100 else 1}f}",
        }


def _graded(data: Mapping[str, Any]) -> str:
    if data["problem"]:
        return f"can't be read: llmbench report {Path(data['folder']).name}"
    damaged = data["damaged"]
    bad = f", {'1 line' if damaged == 1 else f'{damaged} lines'} damaged" if damaged else ""
    return f"{data['graded']} of {data['planned']}{bad}"


def run_data(options: Namespace) -> Iterator[dict[str, Any]]:
    """Yield the same as data; null for what is not known; ``problem`` says why a run can't be read."""
    for row in filtered(options):
        yield _data(row, options.root)


def _data(row: RunRow, root: Path) -> dict[str, Any]:
    known = not row.problem
    return {
        "run": row.folder if "/" in row.folder else f"{root.resolve().name}/{row.folder}",
        "folder": f"{row.place}/{row.folder}" if row.place else str(root / row.folder),
        "changed": datetime.fromtimestamp(row.changed).astimezone().isoformat(timespec="seconds"),
        "pass_at_1": row.pass_at_1,
        "graded": row.graded if known else None,
        "planned": row.planned if known else None,
        "decode_tokens_per_s": row.decode_tokens_per_s,
        "damaged": row.damaged if known else None,
        "problem": row.problem,
        **{name: getattr(row, name) for name in _ALSO.split()},
    }
