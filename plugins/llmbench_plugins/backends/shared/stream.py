"""Reading an answer as it comes: bytes become events, events become one merged answer, timed on the way.

A stream and a plain answer are read alike, whichever was asked for. A keep-alive is no answer: the limit of
idleness counts from the last piece of the answer, or of the work on its prompt.
"""

import asyncio
import re
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from typing import Any

from llmbench.errors import BackendError, ProtocolError
from llmbench_plugins.backends.shared.faults import (
    BrokenOffError,
    BusyError,
    LostError,
    error_of,
    fault_in,
    fault_said,
)
from llmbench_plugins.backends.shared.foreign import NotJson, dumps, entries, leniently, strictly
from llmbench_plugins.backends.shared.framing import Event, Frames
from llmbench_plugins.backends.shared.merged import Merged

_DONE = frozenset({b"[DONE]", b"[done]", b"DONE", b"[END]"})
_PINGS = frozenset({b"", b"ping", b"pong", b"keepalive", b"keep-alive", b"keep_alive", b"heartbeat", b"null"})
_END_S = 1.0
_SLACK = 0.02
_PROGRESS = re.compile(rb"(\d+)\s*/\s*\d+")
"""mlx-lm says in comments how much of the prompt it has read: ``keepalive 512/2048``."""
Chunk = Mapping[str, Any]


def ignore_pieces(pieces: int) -> None:
    """Count nothing."""


def _as_it_is(chunk: Chunk) -> Chunk:
    return chunk


async def read_answer(
    pieces: AsyncIterator[bytes],
    started: float,
    url: str,
    *,
    idle_s: float | None = None,
    translate: Callable[[Chunk], Chunk] = _as_it_is,
    arrived: Callable[[int], None] = ignore_pieces,
) -> Merged:
    """Read an answer to its end.

    Args:
        pieces: the body as it comes; raises ``LostError`` where the connection is lost.
        started: ``perf_counter`` when the request was sent.
        url: for messages.
        idle_s: seconds without a piece of the answer after which it is given up.
        translate: a chunk in another dialect as one of OpenAI's.
        arrived: told how many more pieces of the answer have come.

    Raises:
        LostError: the connection was lost before anything of the answer came.
        BrokenOffError: it was lost in the middle of the answer; ``raw`` keeps what had come.
        BackendError: the server reported an error, sent what is no answer, or nothing but keep-alives.
    """
    reader = _Reader(Merged(started=started), url, translate)
    try:
        await _read_all(pieces, reader, idle_s, arrived)
    except LostError as error:
        if not reader.merged.finish:
            raise reader.broken(str(error)) from None
    except TimeoutError:
        # After its finish reason an answer is whole, whatever the connection does.
        if not (reader.merged.finish or reader.merged.done):
            raise reader.idle(idle_s or 0.0) from None
    reader.check_end()
    return reader.merged


async def _read_all(
    pieces: AsyncIterator[bytes],
    reader: "_Reader",
    idle_s: float | None,
    arrived: Callable[[int], None],
) -> None:
    clock = asyncio.get_running_loop().time
    merged, frames = reader.merged, reader.frames
    async with asyncio.timeout(idle_s) as limit:
        steps = held = counted = 0
        armed = clock()
        async for piece in pieces:
            reader.take(frames.feed(piece))
            if merged.deltas > counted:
                arrived(merged.deltas - counted)
                counted = merged.deltas
            if merged.done:
                # The little that follows is read: a connection that is left earlier can't be used again.
                limit.reschedule(clock() + _END_S)
            elif idle_s is not None:
                # Arming a timer costs more than reading a piece: a small part of the limit is let go.
                if (merged.steps > steps or frames.held > held) and (
                    now := clock()
                ) > armed + _SLACK * idle_s:
                    limit.reschedule(now + idle_s)
                    armed = now
                steps, held = merged.steps, frames.held
        reader.take(frames.end())


class _Reader:
    """Makes a merged answer of events."""

    def __init__(self, merged: Merged, url: str, translate: Callable[[Chunk], Chunk]) -> None:
        self.merged = merged
        self.frames = Frames()
        self._url = url
        self._translate = translate

    def take(self, events: Iterable[Event]) -> None:
        """Take in what has come."""
        for event in events:
            if event.comment:
                if found := _PROGRESS.search(event.data):
                    self.merged.reads_prompt(int(found[1]))
            elif event.data.startswith(b"{"):
                self._take_json(event)
            elif (data := event.data.strip()) in _DONE:
                self.merged.done = True
            elif data not in _PINGS:
                self._take_json(event)

    def _take_json(self, event: Event) -> None:
        try:
            value = strictly(event.data)
        except NotJson as error:
            value = self._nearly(event, error)
        if isinstance(value, dict):
            self._add(value, event.name)
            return
        for chunk in self._chunks(value, event.name):
            self._add(chunk, event.name)

    def check_end(self) -> None:
        """Make sure that the answer has come to its end.

        Raises:
            BackendError: nothing of it came, or what came is none.
            BrokenOffError: its end is missing.
        """
        merged, stray = self.merged, self.frames.stray
        if merged.finish or merged.whole is not None:
            return
        if not merged.steps and stray:
            text = stray.decode(errors="replace").strip()
            if text.startswith("<"):
                raise BackendError(f"{self._url} answered with a web page; is the URL right?", raw=text)
            raise error_of(fault_said(text), url=self._url)
        if not merged.done:
            raise self.broken("it ended without a finish reason")
        if not merged.steps and not merged.top:
            raise BackendError(f"{self._url} sent a stream without an answer in it")

    def broken(self, why: str) -> BackendError:
        """Return the error for an answer whose end is missing."""
        merged, unfinished = self.merged, self.frames.unfinished
        if merged.first is None and not unfinished.strip():
            told = f", only {', '.join(merged.top)}" if merged.top else ""
            return LostError(f"{self._url} sent no answer{told}: {why}", raw=self._raw())
        raw = self._raw() if merged.first is not None else unfinished.decode(errors="replace")
        return BrokenOffError(f"the stream broke off after {merged.pieces} pieces: {why}", raw=raw)

    def idle(self, idle_s: float) -> BackendError:
        """Return the error for an answer that does not come, or does not go on."""
        what = "nothing more of the answer" if self.merged.steps else "nothing of an answer"
        limit = "keep-alives do not count (backend.idle_timeout_s)"
        return BackendError(f"{self._url} sent {what} for {idle_s:g} s; {limit}", raw=self._raw())

    def _raw(self) -> str:
        return dumps(self.merged.body())

    def _chunks(self, value: object, name: str) -> list[Chunk]:
        """Return the objects of a list; words in their place are the server's complaint."""
        if isinstance(value, str) and (name == "error" or len(value.split()) > 1 or "error" in value.lower()):
            raise self._reported(error_of(fault_said(value), url=self._url))
        return entries(value)

    def _nearly(self, event: Event, problem: NotJson) -> Any:
        try:
            value = leniently(event.data, problem)
        except NotJson as error:
            if event.data.lstrip().startswith((b"{", b"[")):
                raise self._unreadable(event.data, error) from None
            return event.data.decode(errors="replace")
        self.merged.nearly = True
        return value

    def _unreadable(self, data: bytes, problem: NotJson) -> BackendError:
        if self.merged.pieces:
            return self.broken(f"an event is no JSON ({problem}): {data[:200]!r}")
        raw = data.decode(errors="replace")
        return ProtocolError(f"the answer is no JSON ({problem})", raw=raw)

    def _add(self, chunk: Chunk, name: str) -> None:
        if fault := fault_in(chunk, name=name):
            raise self._reported(error_of(fault, url=self._url))
        self.merged.add(self._translate(chunk))

    def _reported(self, error: BackendError) -> BackendError:
        """Return an error that the server reported, with what had come of the answer before."""
        merged = self.merged
        if merged.first is None:
            return error
        raw = dumps({"error": error.raw, "answer": merged.body()})
        # Once a part of the answer is here, asking again would draw another sample unseen.
        if isinstance(error, BusyError):
            return BackendError(str(error), raw=raw)
        error.raw = raw
        return error
