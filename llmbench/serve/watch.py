"""Those who watch runs: one look a quarter of a second at each watched run, however many watch it.

Nobody has a queue: each knows only how far it is, and takes the next events from what all share.
"""

import asyncio
import time
from collections import OrderedDict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

import msgspec

from llmbench.records.masking import Mask
from llmbench.records.status import ENDED, Status, read_status
from llmbench.serve.answers import encoded
from llmbench.serve.runs import RunName
from llmbench.serve.states import status_data
from llmbench.serve.tail import Batch, Tail

TICK_S = 0.25
"""Nobody is told more often: a browser paints no better for it."""
_STATUS_S = 1.0
"""How often to look whether a command that has ended was given again."""
_KEPT = 32
"""Runs of which it is remembered where the lines of their journals end."""


@dataclass(frozen=True, slots=True)
class Seen:
    """How far somebody is who watches."""

    seq: int
    journal: str = ""
    status: bytes = b""


@dataclass(frozen=True, slots=True)
class Next:
    """What is new to somebody, as JSON, and how far that leads; an empty text where nothing is."""

    text: str
    seen: Seen
    has_more: bool = False


def message(batch: Batch, status: bytes | None) -> bytes:
    """Return a batch as JSON, with the run's status if that is to be told."""
    parts = [b'{"events":[', b",".join(batch.events), b'],"seq":%d,"journal":' % batch.seq]
    parts += [msgspec.json.encode(batch.journal), b',"more":', b"true" if batch.has_more else b"false"]
    return b"".join([*parts, *([b',"status":', status] if status is not None else []), b"}"])


class Watched:
    """A run that is looked at: its journal and its status. Of those who are equally far all get one text."""

    def __init__(self, folder: Path, tail: Tail, mask: Mask) -> None:
        """Know of a run; nothing is read yet."""
        self._folder = folder
        self._tail = tail
        self._mask = mask
        self._state: Status | None = None
        self._status = b"null"
        self._looked = 0.0
        self._turn = 0
        self._made: dict[Seen, Next] = {}
        self._making = asyncio.Lock()
        self.clients = 0
        self.task: asyncio.Task[None] | None = None
        """Looks again and again."""
        self.changed: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        """Done at the next change."""

    async def look(self) -> None:
        """Look at the files, and let those who wait know of what is new."""
        if not await asyncio.to_thread(self._look):
            return
        self._turn += 1
        self._made.clear()
        changed, self.changed = self.changed, asyncio.get_running_loop().create_future()
        changed.set_result(None)

    async def next(self, seen: Seen) -> Next:
        """Return what is new to somebody who is so far."""
        async with self._making:
            while seen not in self._made:
                turn = self._turn
                found = await asyncio.to_thread(self._next, seen)
                if turn == self._turn:
                    self._made[seen] = found
            return self._made[seen]

    def _look(self) -> bool:
        has_lines = self._tail.look()
        return self._look_at_status() or has_lines

    def _look_at_status(self) -> bool:
        is_over = self._state is not None and self._state.state in ENDED
        now = time.monotonic()
        if is_over and now - self._looked < _STATUS_S:
            return False
        self._looked = now
        self._state = read_status(self._folder)
        before, self._status = self._status, encoded(status_data(self._state), self._mask)
        return before != self._status

    def _next(self, seen: Seen) -> Next:
        batch, status = self._tail.after(seen.seq, seen.journal), self._status
        after = Seen(batch.seq, batch.journal or seen.journal, status)
        if not batch.events and status == seen.status:
            return Next("", after)
        told = message(batch, status if status != seen.status else None)
        return Next(told.decode(), after, batch.has_more)


class Watches:
    """All runs that are watched."""

    def __init__(self, root: Path, mask: Mask) -> None:
        """Watch runs below a folder; none at first."""
        self._root = root
        self._mask = mask
        self._lock = Lock()
        self._tails: OrderedDict[RunName, Tail] = OrderedDict()
        self._watched: dict[RunName, Watched] = {}

    @property
    def clients(self) -> int:
        """How many watch now."""
        return sum(watched.clients for watched in list(self._watched.values()))

    def tail(self, name: RunName) -> Tail:
        """Return the journal of a run; what was read of it is kept for the next who asks."""
        with self._lock:
            tail = self._tails.pop(name, None) or Tail(self._root, name, self._mask)
            self._tails[name] = tail
            if len(self._tails) > _KEPT:
                self._tails.popitem(last=False)
            return tail

    @asynccontextmanager
    async def joined(self, name: RunName) -> AsyncIterator[Watched]:
        """Watch a run as long as this lasts."""
        watched = self._watched.get(name)
        if watched is None:
            watched = Watched(self._root / name.folder, self.tail(name), self._mask)
            self._watched[name] = watched
            watched.task = asyncio.create_task(_looking(watched))
        watched.clients += 1
        try:
            await watched.look()
            yield watched
        finally:
            watched.clients -= 1
            if not watched.clients and watched.task is not None:
                watched.task.cancel()
                del self._watched[name]


async def _looking(watched: Watched) -> None:
    while True:
        await asyncio.sleep(TICK_S)
        await watched.look()
