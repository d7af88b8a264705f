"""A process, known by its number and its beginning: numbers are given out again."""

import os
import socket
from dataclasses import dataclass
from functools import cache

import psutil

_SAME_START_S = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Process:
    """A process on a machine."""

    pid: int
    started: float
    """When it began, in seconds since 1970."""
    host: str

    @property
    def is_here(self) -> bool:
        """Whether its machine is this one, so that it can be looked at."""
        return self.host == socket.gethostname()

    @property
    def runs(self) -> bool:
        """Whether it still runs, if its machine is this one."""
        return is_alive(self.pid, self.started)


@cache
def _started_of(pid: int) -> float:
    return psutil.Process(pid).create_time()


def this_process() -> Process:
    """Return the one that calls this."""
    return Process(pid=os.getpid(), started=_started_of(os.getpid()), host=socket.gethostname())


def is_alive(pid: int, started: float) -> bool:
    """Say whether a process of this machine that began at that time still runs."""
    try:
        process = psutil.Process(pid)
        if process.status() == psutil.STATUS_ZOMBIE:
            return False
        return abs(process.create_time() - started) < _SAME_START_S
    except psutil.NoSuchProcess:
        return False
