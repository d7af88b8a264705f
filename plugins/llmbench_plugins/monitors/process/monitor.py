"""Monitor ``process``: processor time and memory of the server's processes, wherever psutil runs."""

import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from time import monotonic
from typing import Any

import psutil

from llmbench.api import Context, Monitor, NoOptions, Watched
from llmbench_plugins.monitors.process.others import Others
from llmbench_plugins.monitors.process.server import NotFound, serving

_MEGA = 2**20
_LOOK_AGAIN_S = 10.0
"""How often to look for new processes of the tree: that reads the list of all processes."""
_PSS_SHARE = 0.002
"""The part of a core that proportional memory may cost: the more is mapped, the longer a look takes."""


class Process(Monitor):
    """The server's processes: share of the processor, and memory."""

    Options = NoOptions

    def __init__(self, options: NoOptions, context: Context) -> None:
        super().__init__(options, context)
        self._server = Watched()
        self._root: psutil.Process | None = None
        self._tree: dict[int, psutil.Process] = {}
        self._used_s: dict[int, float] = {}
        self._others = Others()
        self._read_at = self._looked_at = self._pss_due = 0.0
        self._missing: dict[str, str] = {}

    def unavailable(self) -> str:
        """Return nothing: psutil runs wherever llmbench does."""
        return ""

    def open(self, server: Watched) -> str:
        """Find the server's process."""
        self._server = server
        try:
            self._root = serving(server)
        except NotFound as error:
            return str(error)
        self._look(monotonic())
        if not sys.platform.startswith("linux"):
            self._missing["process.pss_mb"] = "only Linux tells it"
        return ""

    def sample(self) -> Mapping[str, float]:
        """Return what all processes of the tree use together; nothing once they have ended."""
        now = monotonic()
        if now - self._looked_at > _LOOK_AGAIN_S:
            self._look(now)
        used = {pid: found for pid, process in self._tree.items() if (found := _usage(process)) is not None}
        figures = {"process.memory_mb": sum(rss for _, rss in used.values()) / _MEGA} if used else {}
        times = {pid: seconds for pid, (seconds, _) in used.items()}
        # A process that is new since the last look counts from now on.
        spent = sum(seconds - self._used_s.get(pid, seconds) for pid, seconds in times.items())
        if used and (others := self._others.percent(spent)) is not None:
            figures["process.others_percent"] = others
        if used and self._used_s:
            figures["process.cpu_percent"] = 100 * max(0.0, spent) / max(now - self._read_at, 1e-3)
        self._used_s, self._read_at = times, now
        return figures | self._proportional(now)

    def describe(self) -> Mapping[str, Any]:
        """Return which processes are measured."""
        names = {pid: name for pid, process in self._tree.items() if (name := _name(process))}
        return {
            "processes": [{"pid": pid, "name": name} for pid, name in names.items()],
            "cores": psutil.cpu_count() or 1,
            "not_measured": dict(self._missing),
        }

    def close(self) -> None:
        """Forget the processes."""
        self._root, self._tree = None, {}

    def _look(self, now: float) -> None:
        """Find the tree's processes anew; a server that was started again is found again."""
        self._looked_at = now
        if self._root is None:
            return
        try:
            if not self._root.is_running():
                self._root = serving(self._server)
            processes = [self._root, *self._root.children(recursive=True)]
        except (NotFound, psutil.Error):
            return
        # The same objects as before, so that what they know of themselves stays.
        self._tree = {process.pid: self._tree.get(process.pid, process) for process in processes}
        self._others.look(self._tree)

    def _proportional(self, now: float) -> dict[str, float]:
        """Return the memory with what is shared counted once, as often as its cost allows."""
        if "process.pss_mb" in self._missing or now < self._pss_due or not self._tree:
            return {}
        try:
            total = sum(_pss_kb(pid) for pid in self._tree)
        except FileNotFoundError:
            return {}  # one has ended
        except OSError as error:
            self._missing["process.pss_mb"] = f"{error.strerror}: the process is another user's"
            return {}
        self._pss_due = monotonic() + (monotonic() - now) / _PSS_SHARE
        return {"process.pss_mb": total / 1024}


def _usage(process: psutil.Process) -> tuple[float, int] | None:
    with suppress(psutil.Error), process.oneshot():
        times = process.cpu_times()
        return times.user + times.system, process.memory_info().rss
    return None


def _pss_kb(pid: int) -> int:
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines()
    return next((int(line.split()[1]) for line in lines if line.startswith("Pss:")), 0)


def _name(process: psutil.Process) -> str:
    with suppress(psutil.Error):
        return process.name()
    return ""
