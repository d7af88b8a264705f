"""Finds what crashed runs left on this host, by the marks that it bears."""

from collections.abc import Sequence

import psutil

from ._owner import is_alive


def kill_marked(mark: str, label: str | None) -> Sequence[str]:
    """Kill the processes whose arguments hold ``mark``, a label and an owner that is dead.

    Those of a living owner are left alone unless their ``label`` is asked for by name.
    """
    killed = []
    for process in psutil.process_iter():
        try:
            argv = process.cmdline()
            position = argv.index(mark)
            bears, owner = argv[position + 1], argv[position + 2]
            if bears == label or (label is None and not is_alive(owner)):
                process.kill()
                killed.append(f"process {process.pid} of {bears}")
        except (psutil.Error, ValueError, IndexError):
            continue
    return killed


def kill_by_environment(name: str, label: str | None) -> Sequence[str]:
    """Kill the processes whose variable ``name`` holds an id, an owner that is dead, and a label.

    Those of a living owner are left alone unless their ``label`` is asked for by name.
    """
    killed = []
    for process in psutil.process_iter():
        try:
            _, owner, bears = process.environ().get(name, "").split(" ", 2)
            if bears == label or (label is None and not is_alive(owner)):
                process.kill()
                killed.append(f"process {process.pid} of {bears}")
        except (psutil.Error, OSError, ValueError):
            continue
    return killed
