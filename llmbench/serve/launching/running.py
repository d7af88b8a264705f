"""Which runs are being worked on, whoever started them, and how to reach their processes."""

import fcntl
import os
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec

from llmbench.records.process import Process
from llmbench.records.status import ENDED, FILE, HEARTBEAT_S, Status, read_status
from llmbench.serve.faults import Conflict

_RECENT_S = 12 * HEARTBEAT_S
"""A status that was written longer ago is of no process that lives."""


def live_statuses(root: Path) -> dict[Path, Status]:
    """Return the statuses of the runs below a folder that a process works on, by their folders."""
    found = recent_statuses(root, _RECENT_S)
    return {folder: status for folder, status in found.items() if status.state not in ENDED}


def recent_statuses(root: Path, seconds: float) -> dict[Path, Status]:
    """Return the statuses that were written lately, by the runs' folders; others are not even opened."""
    oldest = time.time() - seconds
    found = {folder: read_status(folder) for folder in _changed_since(root, oldest)}
    return {folder: status for folder, status in found.items() if status is not None}


def holder_of(folder: Path) -> Process:
    """Return the process that works on a run; its lock, which the system keeps, says that it does.

    What stands in a folder may have been written by anybody: alone it is no reason to touch a process.

    Raises:
        Conflict: none does, or it can't be told which.
    """
    status = read_status(folder)
    if status is None or status.state in ENDED:
        raise Conflict("nothing works on this run")
    if not status.process.is_here:
        raise Conflict(f"it runs on {status.process.host}: stop it there")
    if _locked_by(folder / ".lock") != status.process.pid:
        raise Conflict("nothing works on this run, as far as its lock tells")
    return status.process


def _changed_since(root: Path, moment: float) -> Iterator[Path]:
    for path in root.glob(f"*/*/{FILE}"):
        try:
            if path.lstat().st_mtime >= moment and not path.parent.is_symlink():
                yield path.parent
        except OSError:
            continue


def _locked_by(lock: Path) -> int | None:
    """Return the process that a held lock names; None where nobody holds it."""
    try:
        descriptor = os.open(lock, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
        return None
    except BlockingIOError:
        return _pid_in(os.pread(descriptor, 4096, 0))
    finally:
        os.close(descriptor)


def _pid_in(text: bytes) -> int | None:
    try:
        found = msgspec.json.decode(text)
    except msgspec.DecodeError:
        return None
    pid = found.get("pid") if isinstance(found, dict) else None
    return pid if isinstance(pid, int) else None
