"""What a run is doing: what its command says of it, else what its row in the history shows."""

from pathlib import Path
from typing import Any

import msgspec

from llmbench.history.rows import RunRow
from llmbench.records.status import ENDED, Status, read_status

_OURS = ("schema", "process")
"""What a browser need not know: which process it is, on which machine."""


def state_of(folder: Path, row: RunRow) -> str:
    """Return the state of a run in a word; an empty one where it is not known."""
    status = read_status(folder)
    if status is not None:
        return status.state
    return state_in_history(row)


def state_in_history(row: RunRow) -> str:
    """Return how a run without a status ended; an empty word where that is not known."""
    if row.problem or not row.ended:
        return ""
    return "finished" if row.graded == row.planned else "stopped"


def is_working(folder: Path) -> bool:
    """Say whether a command works on a run now."""
    status = read_status(folder)
    return status is not None and status.state not in ENDED


def status_data(status: Status | None) -> dict[str, Any] | None:
    """Return what may be shown of a status."""
    if status is None:
        return None
    return {key: value for key, value in msgspec.to_builtins(status).items() if key not in _OURS}
