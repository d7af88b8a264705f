"""What programs besides the server and this one use of the processors: speeds beside them are too low."""

import os
from collections.abc import Collection
from contextlib import suppress

import psutil


class Others:
    """Measures from call to call."""

    def __init__(self) -> None:
        self._family: tuple[int, ...] = ()
        self._busy_s = self._all_s = self._own_s = 0.0

    def look(self, tree: Collection[int]) -> None:
        """Find this process and what it has started, without the server's ``tree``: that costs a moment.

        Boxes that come and go in between count once they have ended.
        """
        this, started = os.getpid(), psutil.Process().children(recursive=True)
        family = (this, *(process.pid for process in started))
        self._family = () if this in tree else tuple(pid for pid in family if pid not in tree)

    def percent(self, server_s: float) -> float | None:
        """Return the share of all processors since the last call; None for the first.

        Args:
            server_s: processor time of the server since then.
        """
        busy_s, all_s = _machine()
        own_s = sum(map(_used, self._family))
        others_s = (busy_s - self._busy_s) - (own_s - self._own_s) - server_s
        passed_s = all_s - self._all_s
        first = not self._all_s
        self._busy_s, self._all_s, self._own_s = busy_s, all_s, own_s
        return None if first or passed_s <= 0 else min(100.0, max(0.0, 100 * others_s / passed_s))


def _machine() -> tuple[float, float]:
    """Return the time in which the processors of this machine worked, and all their time."""
    times = psutil.cpu_times()._asdict()
    # Linux counts what guests use as time of users, too.
    every = sum(value for name, value in times.items() if not name.startswith("guest"))
    return every - times["idle"] - times.get("iowait", 0.0), every


def _used(pid: int) -> float:
    """Return a process's time with that of its children that have ended."""
    with suppress(psutil.Error):
        times = psutil.Process(pid).cpu_times()
        return float(times.user + times.system + times.children_user + times.children_system)
    return 0.0
