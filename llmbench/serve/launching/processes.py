"""Processes of launches: started as a shell would, in a session of their own, so that they outlive us."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import psutil

from llmbench.records.process import Process
from llmbench.serve.faults import Conflict

MOST_LOG_BYTES = 4 << 20
_TAIL_BYTES = 16_384
_TOKEN = "LLMBENCH_SERVE_TOKEN"  # noqa: S105 - the name of the variable


_CHILDREN: dict[Process, "subprocess.Popen[bytes]"] = {}
"""Those that we have to fetch the exit codes of: a process has children, whoever in it began them."""


def start(argv: tuple[str, ...], log: Path, *, environment: Mapping[str, str]) -> Process:
    """Start ``llmbench`` with these arguments, in the current folder.

    Raises:
        OSError: it can't be started, or its log can't be written.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    # Appending, so that the log can be cut short while it is written.
    descriptor = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
    try:
        child = subprocess.Popen(
            [sys.executable, "-P", "-m", "llmbench", *argv],
            stdin=subprocess.DEVNULL,
            stdout=descriptor,
            stderr=descriptor,
            env=environment_of(environment),
            start_new_session=True,
        )
    finally:
        os.close(descriptor)
    process = _known(child.pid)
    _CHILDREN[process] = child
    return process


def exit_code(process: Process) -> int | None:
    """Return with which code a process has ended; None while it runs, and of one that is no child of ours."""
    child = _CHILDREN.get(process)
    if child is None or child.poll() is None:
        return None
    _CHILDREN.pop(process, None)
    return child.returncode


def forget_ended() -> None:
    """Let go of those children that have ended, whose codes nobody will ask for any more."""
    for process in list(_CHILDREN):
        exit_code(process)


def environment_of(more: Mapping[str, str]) -> dict[str, str]:
    """Return our environment for a command: without what opens the dashboard."""
    return {name: value for name, value in os.environ.items() if name != _TOKEN} | dict(more)


def _known(pid: int) -> Process:
    try:
        began = psutil.Process(pid).create_time()
    except psutil.NoSuchProcess:  # only once somebody has waited for it
        began = 0.0
    return Process(pid=pid, started=began, host=socket.gethostname())


def interrupt(process: Process) -> None:
    """Ask a process to end, as Ctrl-C does: servers are stopped, boxes removed, the journal stays whole.

    Raises:
        Conflict: it is gone, on another machine, or somebody else's.
    """
    if not process.is_here:
        raise Conflict(f"it runs on {process.host}: stop it there")
    if not process.runs:
        raise Conflict("its process has ended already")
    try:
        os.kill(process.pid, signal.SIGINT)
    except ProcessLookupError:
        raise Conflict("its process has ended already") from None
    except PermissionError:
        raise Conflict(f"process {process.pid} is another user's: stop it there") from None


def bound_log(log: Path) -> None:
    """Cut a log short that has grown too long."""
    with suppress(OSError):
        if log.stat().st_size > MOST_LOG_BYTES:
            os.truncate(log, 0)


def tail(log: Path, lines: int) -> list[str]:
    """Return the last lines of a log; none where it is not there."""
    try:
        with log.open("rb") as file:
            file.seek(max(0, log.stat().st_size - _TAIL_BYTES))
            text = file.read(_TAIL_BYTES).decode(errors="replace")
    except OSError:
        return []
    return [line.rstrip() for line in text.splitlines() if line.strip()][-lines:]
