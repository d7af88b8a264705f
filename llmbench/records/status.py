"""status.json: what the command that works on a run is doing, replaced as a whole about once a second.

It is for those who look on and worth nothing to the run: no bundle holds it, and no run is read from it.
"""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

import msgspec

from llmbench.records.lines import UNREADABLE, check_moment, encoded
from llmbench.records.manifest import replace_json
from llmbench.records.masking import Mask
from llmbench.records.process import Process

FILE = "status.json"
ENDED = ("finished", "stopped", "failed", "crashed")
"""States after which nothing more comes of the command."""
HEARTBEAT_S = 10.0
"""A command that lives writes at least so often, also where nothing has changed."""
_SILENT_S = 6 * HEARTBEAT_S

State = Literal[
    "preparing",
    "starting",
    "sampling",
    "grading",
    "pausing",
    "paused",
    "finished",
    "stopped",
    "failed",
    "crashed",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """The requests that wait for their answers."""

    requests: int = 0
    eldest_s: float = 0.0
    """How long the eldest has waited."""
    tokens: int = 0
    """Of their answers, that have come so far; about."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Left:
    """How much longer it takes, at the pace that was measured; the range holds in four cases of five."""

    likely_s: float
    low_s: float
    high_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Used:
    """What the samples that this command has finished used; null where it is not known."""

    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    cost_usd: float | None = None
    energy_j: float | None = None
    """Of all GPUs since this session's server was up, as monitors measure it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """What a command that works on a run is doing."""

    schema: Literal["llmbench.status/1"] = "llmbench.status/1"
    run_id: str
    state: State
    """``preparing`` (journal, grader's self-test), ``starting`` (the model's server loads and is tried),
    ``sampling``, ``grading`` (nothing is asked at the moment), ``pausing`` (samples under way are finished),
    ``paused``; at the end ``finished``, ``stopped`` (by somebody, or because the set-up looks broken) or
    ``failed``. ``crashed`` is never written: a reader says so of a process that is gone."""
    message: str = ""
    """What is being waited for, in words."""
    reason: str = ""
    """Why it is paused, or how it ended, in words."""
    updated: str
    """When this was written."""
    session: str
    """When the command began: ``started`` of its session in the manifest."""
    process: Process
    planned: int = 0
    """Samples that the command asked for, those made before included."""
    made_before: int = 0
    total: int = 0
    """Samples to be made, or asked once more; 0 until that has begun."""
    done: int = 0
    again: bool = False
    """Whether samples are being asked once more, with a larger budget."""
    outcomes: dict[str, int] = field(default_factory=dict)
    """Of the ``done`` samples, by outcome."""
    asking: Asking = Asking()
    decode_tokens_per_s: float | None = None
    """Of one answer: the mean of the last finished samples."""
    elapsed_s: float = 0.0
    """Since samples were begun to be made."""
    left: Left | None = None
    """None while too little is known."""
    used: Used = Used()
    machine: dict[str, float] = field(default_factory=dict)
    """The last reading of the monitors, by name of the figure as in monitors.jsonl."""


_DECODER = msgspec.json.Decoder(Status)


def write_status(folder: Path, status: Status, mask: Mask) -> None:
    """Replace the status of a run.

    Raises:
        OSError: the folder can't be written.
    """
    replace_json(folder / FILE, encoded(status, _status, mask, "the run"))


def read_status(folder: Path) -> Status | None:
    """Return the status of a run; None where there is none that can be read.

    One whose command should be at work, and whose process is gone, is returned as ``crashed``. On another
    machine a process counts as gone once it has not written for a minute.
    """
    try:
        status = _status((folder / FILE).read_bytes())
    except (OSError, *UNREADABLE):
        return None
    if status.state in ENDED or _is_at_work(status):
        return status
    return replace(status, state="crashed", reason=status.reason or "its process ended without a word")


def read_statuses(root: Path) -> dict[Path, Status]:
    """Return the statuses of the runs below ``root``, by folder: also of those that have no manifest yet."""
    folders = sorted(path.parent for path in root.glob(f"*/*/{FILE}"))
    found = {folder: read_status(folder) for folder in folders}
    return {folder: status for folder, status in found.items() if status is not None}


def _is_at_work(status: Status) -> bool:
    if status.process.is_here:
        return status.process.runs
    silent = datetime.now(UTC) - datetime.fromisoformat(status.updated)
    return silent.total_seconds() < _SILENT_S


def _status(data: bytes) -> Status:
    status = _DECODER.decode(data)
    check_moment(status.updated)
    return status
