"""Finds what crashed runs left on this host, by the marks that it bears."""

import time
from collections.abc import Callable, Sequence

import psutil

from llmbench_plugins.shared.owner import is_alive

GONE_WITHIN_S = 5.0
"""How long is waited: who was sent SIGKILL can be seen for as long as the kernel takes to end it."""


def kill_marked(mark: str, label: str | None) -> Sequence[str]:
    """Kill the processes of whose arguments one is ``mark``, and the next an owner that is dead, and a label.

    Those of a living owner are left alone unless their ``label`` is asked for by name. They have
    ended on return.
    """

    def bears(process: psutil.Process) -> tuple[str, str]:
        argv = process.cmdline()
        owner, of = argv[argv.index(mark) + 1].split(" ", 1)
        return of, owner

    return _kill(bears, label)


def kill_by_environment(name: str, label: str | None) -> Sequence[str]:
    """Kill the processes whose variable ``name`` holds an id, an owner that is dead, and a label.

    Those of a living owner are left alone unless their ``label`` is asked for by name. They have
    ended on return.
    """

    def bears(process: psutil.Process) -> tuple[str, str]:
        _, owner, of = process.environ().get(name, "").split(" ", 2)
        return of, owner

    return _kill(bears, label)


def _kill(label_and_owner: Callable[[psutil.Process], tuple[str, str]], label: str | None) -> Sequence[str]:
    killed = {}
    for process in psutil.process_iter():
        try:
            bears, owner = label_and_owner(process)
            if bears == label or (label is None and not is_alive(owner)):
                process.kill()
                killed[process] = f"process {process.pid} of {bears}"
        except (psutil.Error, OSError, ValueError, IndexError):
            continue
    deadline = time.monotonic() + GONE_WITHIN_S
    while any(_is_alive(process) for process in killed) and time.monotonic() < deadline:
        time.sleep(0.01)
    return list(killed.values())


def _is_alive(process: psutil.Process) -> bool:
    try:
        # A zombie has ended, and waits for a parent that is not this process.
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
