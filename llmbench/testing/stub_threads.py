"""A web application served in a thread on a free loopback port: the ground under the protocol stubs."""

import asyncio
import itertools
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from types import TracebackType
from typing import Any, Self

import msgspec
from aiohttp import web

from llmbench.testing.stub_answers import Answer

Answering = Callable[[Mapping[str, Any]], Answer | str]
Answers = Answer | str | Iterable[Answer | str] | Answering


class ThreadedServer:
    """Serves ``routes()`` in a thread of this process. Use as a context manager."""

    def __init__(self, *, port: int = 0) -> None:
        """Prepare a server; port 0 takes a free one."""
        self._port = port
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._serve, name="stub-server", daemon=True)
        self._ready = threading.Event()
        self._stop = asyncio.Event()
        self.root = ""
        """``http://127.0.0.1:PORT``; valid after entering."""

    def routes(self) -> Iterable[web.RouteDef]:
        """Return what is served."""
        raise NotImplementedError("routes: return the stub's routes")

    def __enter__(self) -> Self:
        self._thread.start()
        self._ready.wait(timeout=10)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(timeout=10)

    def _serve(self) -> None:
        asyncio.set_event_loop(self._loop)
        try:
            self._loop.run_until_complete(self._run())
        finally:
            self._loop.close()

    async def _run(self) -> None:
        app = web.Application(client_max_size=2**26)
        app.add_routes(self.routes())
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1, handler_cancellation=True)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", self._port).start()
        self.root = f"http://127.0.0.1:{runner.addresses[0][1]}"
        self._ready.set()
        await self._stop.wait()
        await runner.cleanup()


def answering(answers: Answers) -> Callable[[Mapping[str, Any]], Answer]:
    """Return a function of a request's body: one answer for all, one for each in turn, or the given one."""
    if callable(answers):
        return lambda body: _answer(answers(body))
    listed = [answers] if isinstance(answers, Answer | str) else list(answers)
    remaining: Iterator[Answer | str] = itertools.chain(listed, itertools.repeat(listed[-1]))
    return lambda body: _answer(next(remaining))


def json_response(
    data: object, *, status: int = 200, headers: Mapping[str, str] | None = None
) -> web.Response:
    """Return data as a JSON answer."""
    return web.Response(
        body=msgspec.json.encode(data), status=status, content_type="application/json", headers=headers
    )


def event(data: Mapping[str, Any]) -> bytes:
    """Return one server-sent event."""
    return b"data: " + msgspec.json.encode(data) + b"\n\n"


def cut(request: web.Request) -> None:
    """Break the connection off."""
    if request.transport is not None:
        request.transport.abort()
    raise asyncio.CancelledError


def _answer(answer: Answer | str) -> Answer:
    return Answer(content=answer) if isinstance(answer, str) else answer
