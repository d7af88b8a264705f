"""Finds what runs left on this host, by the marks that it bears."""

import os
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial

import psutil

from llmbench.api import Leftover
from llmbench_plugins.shared.owner import is_alive

GONE_WITHIN_S = 5.0
"""How long is waited: who was sent SIGKILL can be seen for as long as the kernel takes to end it."""

_NOBODY = 65534

Bears = Callable[[psutil.Process], tuple[str, str]]
"""Returns a process's label and owner; raises where it bears none."""


def marked(mark: str) -> Sequence[Leftover]:
    """Return the processes of whose arguments one is ``mark``, and the next an owner and a label.

    One whose parent bears the same mark is a part of that one.
    """

    def bears(process: psutil.Process) -> tuple[str, str]:
        argv = process.cmdline()
        owner, of = argv[argv.index(mark) + 1].split(" ", 1)
        return of, owner

    found = list(_bearing(bears))
    ids = {process.pid for process, _, _ in found}
    return [
        _leftover(process, label, owner) for process, label, owner in found if _parent(process) not in ids
    ]


def marked_by_environment(name: str) -> Sequence[Leftover]:
    """Return the processes whose variable ``name`` holds an id, an owner and a label."""

    def bears(process: psutil.Process) -> tuple[str, str]:
        _, owner, of = process.environ().get(name, "").split(" ", 2)
        return of, owner

    return [_leftover(*found) for found in _bearing(bears)]


def _bearing(bears: Bears) -> Iterator[tuple[psutil.Process, str, str]]:
    for process in psutil.process_iter():
        try:
            label, owner = bears(process)
        except (psutil.Error, OSError, ValueError, IndexError):
            continue
        yield process, label, owner


def _parent(process: psutil.Process) -> int:
    try:
        return process.ppid()
    except psutil.Error:
        return 0


def _leftover(process: psutil.Process, label: str, owner: str) -> Leftover:
    return Leftover(
        what=f"process {process.pid} of {label}",
        label=label,
        in_use=is_alive(owner),
        is_ours=_is_ours(process),
        remove=partial(_kill, process),
    )


def _is_ours(process: psutil.Process) -> bool:
    try:
        uid = process.uids().real
    except psutil.Error:
        return False
    # Root's boxes run as nobody.
    return uid == os.geteuid() or (os.geteuid() == 0 and uid == _NOBODY)


def _kill(process: psutil.Process) -> bool:
    """Kill a process and those below it that can be seen; say whether it was there."""
    try:
        family = [*process.children(recursive=True), process]
        process.kill()
    except psutil.Error:
        return False
    deadline = time.monotonic() + GONE_WITHIN_S
    while any(_is_alive(member) for member in family) and time.monotonic() < deadline:
        for member in filter(_is_alive, family):
            _send_kill(member)
        time.sleep(0.01)
    return True


def _send_kill(process: psutil.Process) -> None:
    try:
        process.kill()
    except psutil.Error:
        return


def _is_alive(process: psutil.Process) -> bool:
    try:
        # A zombie has ended, and waits for a parent that is not this process.
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
