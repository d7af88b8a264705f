"""A long-lived process that answers line by line, whatever sandbox it runs in."""

import asyncio
from collections.abc import Awaitable, Callable

from llmbench.api import Ran, ServiceEnded


class Lines:
    """Cuts a stream into lines; one longer than the limit ends it, so that a flood can't fill our memory."""

    def __init__(self, limit_bytes: int) -> None:
        self._limit = limit_bytes
        self._pending = bytearray()
        self._lines: list[bytes] = []
        self._changed = asyncio.Event()
        self.ended = ""
        """Why no further line will come."""

    def __call__(self, chunk: bytes) -> None:
        if self.ended:
            return
        *lines, rest = (bytes(self._pending) + chunk).split(b"\n") if b"\n" in chunk else (chunk,)
        if lines:
            self._pending = bytearray(rest)
            self._lines += lines
        else:
            self._pending += rest
        waiting = len(self._pending) + sum(map(len, self._lines))
        if waiting > self._limit:
            self.end(f"it wrote more than the output limit of {self._limit} bytes")
        self._changed.set()

    def end(self, reason: str) -> None:
        """Say that no further line will come."""
        self.ended = self.ended or reason
        self._changed.set()

    def forget(self) -> None:
        """Drop lines that nobody asked for, so that an answer is never that of an earlier question."""
        self._lines.clear()

    async def after(self, write: Callable[[bytes], None], line: bytes) -> bytes:
        """Write a question and return the next line."""
        self.forget()
        write(line)
        return await self.next()

    async def next(self) -> bytes:
        """Return the next line.

        Raises:
            ServiceEnded: none will come.
        """
        while not self._lines:
            if self.ended:
                raise ServiceEnded(self.ended)
            self._changed.clear()
            await self._changed.wait()
        return self._lines.pop(0)


class LineService:
    """A ``Service`` made of what a sandbox can do with a process: ask it, and stop it."""

    def __init__(self, ask: Callable[[bytes], Awaitable[bytes]], stop: Callable[[], Awaitable[Ran]]) -> None:
        self._ask = ask
        self._stop = stop
        self._ran: asyncio.Task[Ran] | None = None

    async def ask(self, line: bytes, *, timeout_s: float) -> bytes:
        """Send one line and return the next line it writes."""
        if b"\n" in line:
            raise ValueError("a question to a service is one line, without a newline inside")
        try:
            async with asyncio.timeout(timeout_s):
                return await self._ask(line + b"\n")
        except (TimeoutError, ServiceEnded):
            await self.close()
            raise

    async def close(self) -> Ran:
        """Stop it with all its processes."""
        if self._ran is None:
            self._ran = asyncio.ensure_future(_awaited(self._stop()))
        return await asyncio.shield(self._ran)


async def _awaited(stopping: Awaitable[Ran]) -> Ran:
    return await stopping
