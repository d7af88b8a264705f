"""A model's server kept warm between the cells of a sweep: one at a time, in one event loop."""

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from llmbench.api import Backend, Context, Message, Request
from llmbench.errors import LlmbenchError
from llmbench.runner.spec import RunSpec

T = TypeVar("T")
_ALIVE = Request(messages=(Message("user", "Say OK."),), max_tokens=1)
_LOOK_S = 120.0


class WarmServer:
    """At most one server, lent to one cell after the other."""

    def __init__(self, folder: Path) -> None:
        """Prepare; logs go below ``folder``, for the server outlives the run that started it."""
        self._folder = folder
        self._runner = asyncio.Runner()
        self._backend: Backend | None = None
        self._key = b""
        self._started = 0
        self._borrower: Context | None = None
        self._warnings: list[str] = []

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Run a cell in the event loop that all cells share, for a connection can't leave its loop."""
        return self._runner.run(work)

    async def lend(self, spec: RunSpec, context: Context, make: Callable[[Context], Backend]) -> Backend:
        """Return the entered backend for a cell: the warm one if it fits and answers, else a new one."""
        key = _key(spec)
        self._borrower = context
        if self._backend is not None and (key != self._key or not await self._answers(self._backend)):
            await self._leave()
        if self._backend is None:
            self._warnings.clear()
            backend = make(self._surroundings(context))
            await backend.__aenter__()
            self._backend, self._key = backend, key
        else:
            context.progress("the server is warm")
            for message in self._warnings:
                context.warn(message)
        return self._backend

    async def release(self) -> None:
        """Leave the server, because a cell is about to start one of its own: never two at once."""
        await self._leave()

    def close(self) -> None:
        """Leave the server, if there is one, and close the loop."""
        try:
            self._runner.run(self._leave())
        finally:
            self._runner.close()

    def _surroundings(self, context: Context) -> Context:
        """Return a context whose words reach whichever run has the server at the time."""
        self._started += 1
        folder = self._folder / f"{self._started:02}"
        folder.mkdir(parents=True, exist_ok=True)
        return replace(context, work_dir=folder, warn=self._warn, progress=self._progress)

    def _warn(self, message: str) -> None:
        self._warnings.append(message)
        if self._borrower is not None:
            self._borrower.warn(message)

    def _progress(self, message: str) -> None:
        if self._borrower is not None:
            self._borrower.progress(message)

    async def _answers(self, backend: Backend) -> bool:
        """Say whether it still gives a token; it may have died since the last cell."""
        try:
            async with asyncio.timeout(_LOOK_S):
                await backend.complete(_ALIVE)
        except (LlmbenchError, TimeoutError):
            return False
        return True

    async def _leave(self) -> None:
        backend, self._backend = self._backend, None
        if backend is not None:
            await backend.__aexit__(None, None, None)


_current: ContextVar[WarmServer | None] = ContextVar("warm_server", default=None)


@contextmanager
def keeping_warm(folder: Path) -> Iterator[None]:
    """Let the cells that run in this process share a server; it ends with the sweep, however that ends."""
    server = WarmServer(folder)
    token = _current.set(server)
    try:
        yield
    finally:
        _current.reset(token)
        server.close()


def warm_server() -> WarmServer | None:
    """Return what the sweep under way shares, or None outside of one."""
    return _current.get()


def _key(spec: RunSpec) -> bytes:
    """Return what a server must have in common with the last one; a sampler goes with each request."""
    told = [spec.backend.name, spec.backend.options, spec.model.name, spec.model.reasoning]
    return msgspec.json.encode(told, order="sorted", enc_hook=str)
