"""What somebody at the dashboard asks of a run that is being worked on: to stop, to pause, to go on."""

from pathlib import Path

from llmbench.errors import UsageError
from llmbench.records.control import Wish, ask
from llmbench.records.status import read_status
from llmbench.serve.faults import Conflict
from llmbench.serve.launching.processes import interrupt
from llmbench.serve.launching.running import holder_of

_BY = "the dashboard"


def stop(folder: Path) -> None:
    """Interrupt the command that works on a run, as Ctrl-C does; the same launch again resumes it.

    One on another machine, which shares the folder, is asked to stop.

    Raises:
        Conflict: none does, or its process can't be reached from here.
        RunError: the folder can't be written.
    """
    status = read_status(folder)
    if status is not None and not status.process.is_here:
        _ask(folder, "stopping")
    else:
        interrupt(holder_of(folder))


def pause(folder: Path) -> None:
    """Ask the command that works on a run to pause once the samples under way are finished.

    Raises:
        Conflict: none does.
        RunError: the folder can't be written.
    """
    _ask(folder, "paused")


def resume(folder: Path) -> None:
    """Ask a command that pauses to go on.

    Raises:
        Conflict: none does.
        RunError: the folder can't be written.
    """
    _ask(folder, "running")


def _ask(folder: Path, wish: Wish) -> None:
    try:
        ask(folder, wish, by=_BY)
    except UsageError as error:
        raise Conflict(str(error)) from error
