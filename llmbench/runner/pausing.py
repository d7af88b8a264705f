"""Does in a run what somebody has asked of it from elsewhere: to pause, to go on, to stop."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from llmbench.runner.floor import Floor
from llmbench.runner.gate import Gate
from llmbench.runner.live import LiveStatus
from llmbench.runner.progress import RunProgress


class Pausing:
    """Shuts and opens the gate of a run's floor, and says so."""

    def __init__(self, gate: Gate, live: LiveStatus, progress: RunProgress, run_id: str) -> None:
        self.gate = gate
        self._live = live
        self._progress = progress
        self._run_id = run_id
        self.floor: Floor | None = None
        """Where samples are made at the moment."""

    @asynccontextmanager
    async def obeying(self) -> AsyncIterator[None]:
        """Look meanwhile what is asked. The caller holds the run's lock; to stop, it is cancelled."""
        self.gate.settle()
        looking = asyncio.create_task(self._obey(asyncio.current_task()))
        try:
            yield
        finally:
            looking.cancel()
            await asyncio.wait([looking])

    def begin(self, floor: Floor) -> None:
        """Say that samples are made from now on; where somebody wants a pause already, none is begun."""
        self.floor = floor
        if not self.gate.why:
            self._live.begin("sampling")

    async def opened(self) -> None:
        """Wait until samples may be begun."""
        if not self.gate.why:
            return
        self._progress.hold(
            f"{self.gate.why}: nothing is asked, and no server of this run is up; "
            f"go on: llmbench resume {self._run_id}"
        )
        self._live.begin("paused", self.gate.why)
        await self.gate.opened()
        self._progress.go_on()

    async def _obey(self, work: asyncio.Task[object] | None) -> None:
        while True:
            await self.gate.changed()
            if self.gate.stops:
                self._live.interrupted_by = self.gate.stops
                self._progress.say(f"stopping, as {self.gate.stops} asks")
                if work is not None:
                    work.cancel()
                return
            if self.gate.why and self.floor is not None:
                self._shut(self.floor)

    def _shut(self, floor: Floor) -> None:
        ends = "broken off" if self.gate.at_once else "finished first"
        self._live.begin("pausing", self.gate.why)
        self._progress.say(f"{self.gate.why}: samples under way are {ends}")
        floor.hold(at_once=self.gate.at_once)
