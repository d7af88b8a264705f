"""A run in one line, as lists and leaderboards of the API have it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from llmbench.history.rows import RunRow
from llmbench.serve.runs import RunName, Runs
from llmbench.serve.shown import clipped
from llmbench.serve.states import state_of


@dataclass(frozen=True, slots=True, kw_only=True)
class RunLine:
    """A run; null where something is not known."""

    run: str | None
    """Dataset and name, as addresses have them; null for a run of another folder, which can't be opened."""
    run_id: str
    state: str
    """What it is doing, or how it ended; empty where that is not known."""
    problem: str
    """Why it can't be read."""
    dataset: str
    model: str
    backend: str
    agent: str
    validator: str
    preset: str
    tests_shown: bool
    quantization: str
    server: str
    machine: str
    llmbench: str
    notice: str
    started: str
    ended: str
    changed: str
    dataset_sha256: str
    tasks: int
    whole: int | None
    samples: int
    tries: int
    planned: int
    graded: int
    damaged: int
    pass_at_1: float | None
    low: float | None
    high: float | None
    bound_low: float | None
    bound_high: float | None
    pass_within: float | None
    cost_usd: float | None
    wall_s: float
    generation_s: float
    grading_s: float
    completions: int
    prompt_tokens: int | None
    completion_tokens: int | None
    reasoning_tokens: int | None
    decode_tokens_per_s: float | None
    trust: str
    """``green``, ``amber`` or ``red``; empty for a run that can't be read."""
    reasons: str
    """The rules that speak against the number, the weightiest first."""


_LONGEST = 500
"""Characters of a cell: whoever wrote a manifest could name a model anything."""
_SAME = tuple(
    name
    for name in RunLine.__slots__
    if name not in ("run", "state", "changed", "tests_shown") and name in RunRow.__slots__
)


def run_lines(runs: Runs, rows: Iterable[RunRow]) -> list[RunLine]:
    """Return a line a row."""
    return [run_line(runs, row) for row in rows]


def run_line(runs: Runs, row: RunRow) -> RunLine:
    """Return a row as a line."""
    is_ours = row.place == runs.history.place.name
    return RunLine(
        run=str(RunName.of(row.folder)) if is_ours else None,
        state=state_of(runs.root / row.folder, row) if is_ours else "",
        changed=datetime.fromtimestamp(row.changed, UTC).isoformat(timespec="seconds"),
        tests_shown=bool(row.tests_shown),
        **{name: _cell(getattr(row, name)) for name in _SAME},
    )


def _cell(value: Any) -> Any:
    return clipped(value, _LONGEST) if isinstance(value, str) else value
