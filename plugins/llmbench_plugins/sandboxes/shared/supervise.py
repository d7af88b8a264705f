"""Waits for a process to end or to break a limit, looking often at first and seldom later."""

import asyncio
import time
from collections.abc import Callable
from typing import Protocol

from llmbench.api import Stop

Probe = Callable[[], Stop | None]
"""Looks at what a process uses now and names the limit it has broken, if any."""

_FIRST_LOOK_S = 0.015
_LAST_LOOK_S = 0.05


class Ending(Protocol):
    """What runs, and says when it has ended."""

    exited: asyncio.Future[int]


async def supervise(process: Ending, probe: Probe, *, timeout_s: float | None) -> Stop | None:
    """Return None once ``process`` has ended by itself, or the limit that it broke; it still runs then."""
    deadline = None if timeout_s is None else time.monotonic() + timeout_s
    pause = _FIRST_LOOK_S
    while True:
        left = pause if deadline is None else min(pause, max(0.0, deadline - time.monotonic()))
        await asyncio.wait({process.exited}, timeout=left)
        if process.exited.done():
            return None
        if deadline is not None and time.monotonic() >= deadline:
            return "timeout"
        if (stop := probe()) is not None:
            return stop
        pause = min(_LAST_LOOK_S, pause * 1.5)
