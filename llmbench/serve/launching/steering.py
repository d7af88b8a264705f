"""What somebody at the dashboard asks of a run that is being worked on: to stop, to pause, to go on."""

import json
from pathlib import Path
from typing import Literal

from llmbench.records.manifest import now, replace_json
from llmbench.serve.faults import Conflict
from llmbench.serve.launching.processes import interrupt
from llmbench.serve.launching.running import holder_of

_CONTROL = "control.json"


def stop(folder: Path) -> None:
    """Interrupt the command that works on a run, as Ctrl-C does; the same launch again resumes it.

    Raises:
        Conflict: none does, or its process can't be reached from here.
    """
    interrupt(holder_of(folder))


def pause(folder: Path) -> None:
    """Ask the command that works on a run to pause once the samples under way are finished.

    Raises:
        Conflict: none does, or the folder can't be written.
    """
    _ask(folder, "paused")


def resume(folder: Path) -> None:
    """Ask a command that pauses to go on.

    Raises:
        Conflict: none does, or the folder can't be written.
    """
    _ask(folder, "running")


def _ask(folder: Path, wish: Literal["paused", "running"]) -> None:
    holder_of(folder)
    asked = {"schema": "llmbench.control/1", "state": wish, "by": "the dashboard", "at": now(), "now": False}
    try:
        replace_json(folder / _CONTROL, json.dumps(asked).encode())
    except OSError as error:
        raise Conflict(f"{folder.name}: can't be written: {error.strerror}") from None
