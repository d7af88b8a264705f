"""The gate that samples pass before they are begun: shut while somebody wants a pause, and in quiet hours."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from llmbench.records.control import Control, forget, read_control
from llmbench.runner.quiet import QuietHours

_LOOK_S = 1.0


def _wall() -> datetime:
    return datetime.now(UTC).astimezone()


class Gate:
    """Looks once a second whether samples may be begun, while it is watched."""

    def __init__(self, folder: Path, quiet: QuietHours | None, clock: Callable[[], datetime] = _wall) -> None:
        self._folder = folder
        self._quiet = quiet
        self._clock = clock
        self._open = asyncio.Event()
        self.why = ""
        """Why it is shut; empty while it is open."""
        self.at_once = False
        """Whether samples under way are to be broken off."""
        self.stops = ""
        """Who wants the command to end; empty while nobody does."""

    def settle(self) -> None:
        """Forget what was asked of an earlier command; the caller holds the run's lock."""
        forget(self._folder)
        self.look()

    def look(self) -> None:
        """See what is asked, and what the clock says."""
        asked = read_control(self._folder)
        self.stops = asked.by if asked and asked.state == "stopping" else ""
        self.at_once = bool(asked and asked.state == "paused" and asked.now)
        self.why = self._reason(asked)
        (self._open.clear if self.why else self._open.set)()

    async def changed(self) -> None:
        """Wait until it is opened, or shut, or until the command is to end."""
        before = bool(self.why), self.at_once
        while (bool(self.why), self.at_once) == before and not self.stops:
            await asyncio.sleep(_LOOK_S)
            self.look()

    async def opened(self) -> None:
        """Wait until it is open; somebody else looks."""
        await self._open.wait()

    def _reason(self, asked: Control | None) -> str:
        if asked is not None and asked.state == "paused":
            return f"paused by {asked.by}"
        began = self._quiet.began(self._clock()) if self._quiet else None
        if began is None or self._quiet is None:
            return ""
        if asked is not None and datetime.fromisoformat(asked.at) >= began:
            return ""  # somebody has said since they began that it shall go on
        return f"paused by quiet_hours until {self._quiet.end:%H:%M}"
