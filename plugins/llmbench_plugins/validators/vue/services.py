"""Programs of ours in boxes where no answer ever runs: kept from one grading to the next."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from llmbench.api import Boxes, Limits, Service

TOOLCHAIN = "vue"
SUPPORT = ".llmbench"
_REMOTE = Path(__file__).parent / "remote"
_LIMITS = Limits(memory_mb=2048, output_bytes=8_000_000)
# An event loop does not keep its tasks alive: one that waits for ever is garbage once its grader is.
_keepers: set[asyncio.Task[None]] = set()


@dataclass(frozen=True, slots=True)
class _Warm:
    service: Service
    boxes: Boxes
    loop: asyncio.AbstractEventLoop
    keeper: asyncio.Task[None]

    async def close(self) -> None:
        self.keeper.cancel()
        await asyncio.wait({self.keeper})


class Services:
    """One program, as many of it as are needed at once, each lent to one grading at a time."""

    def __init__(self, *scripts: str) -> None:
        self._scripts = scripts
        self._idle: list[_Warm] = []

    @asynccontextmanager
    async def lend(self, boxes: Boxes) -> AsyncIterator[Service]:
        """Lend a service; one whose use did not end well is not lent again."""
        warm = self._take(boxes) or await self._start(boxes)
        try:
            yield warm.service
        except BaseException:
            await warm.close()
            raise
        self._idle.append(warm)

    def _take(self, boxes: Boxes) -> _Warm | None:
        loop = asyncio.get_running_loop()
        self._idle = [warm for warm in self._idle if warm.loop is loop]
        for warm in self._idle:
            if warm.boxes is boxes:
                self._idle.remove(warm)
                return warm
        return None

    async def _start(self, boxes: Boxes) -> _Warm:
        loop = asyncio.get_running_loop()
        ready: asyncio.Future[Service] = loop.create_future()
        keeper = asyncio.create_task(self._keep(boxes, ready))
        _keepers.add(keeper)
        keeper.add_done_callback(_keepers.discard)
        try:
            return _Warm(await ready, boxes, loop, keeper)
        except BaseException:
            keeper.cancel()
            raise

    async def _keep(self, boxes: Boxes, ready: asyncio.Future[Service]) -> None:
        # A task owns the box: it is cancelled with its event loop at the latest, and so the box is closed.
        try:
            async with boxes.open(TOOLCHAIN, _LIMITS) as box:
                await box.put(support(*self._scripts), read_only=True)
                ready.set_result(await box.serve(["node", f"{SUPPORT}/{self._scripts[0]}"]))
                await asyncio.Event().wait()
        except Exception as error:
            if ready.done():
                raise
            ready.set_exception(error)


def support(*scripts: str) -> dict[str, bytes]:
    """Return programs for a box, by their paths in it."""
    return {f"{SUPPORT}/{name}": (_REMOTE / name).read_bytes() for name in (*scripts, "vue_lines.mjs")}
