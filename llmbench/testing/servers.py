"""StubServer: an OpenAI-compatible server that says what it is told, faults included.

It runs in a thread of this process, or, so that its CPU time is not counted as ours, as a process of its own:
``python -m llmbench.testing.servers --content TEXT`` prints its URL and ends when its stdin closes.
"""

import argparse
import asyncio
import itertools
import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from types import TracebackType
from typing import Any, Self

import msgspec
from aiohttp import web

from llmbench.testing.stub_answers import Answer, deltas_of, overflow_error, pieces_of, plain_body, top_of

__all__ = ["Answer", "StubServer", "main"]

_DONE = b"data: [DONE]\n\n"


Answering = Callable[[Mapping[str, Any]], Answer | str]


class StubServer:
    """An OpenAI-compatible server on a free loopback port, in a thread. Use as a context manager."""

    def __init__(
        self,
        answer: Answer | str | Iterable[Answer | str] | Answering = "ok",
        *,
        models: Sequence[str] = ("stub",),
        context: int | None = None,
        api_key: str = "",
    ) -> None:
        """Prepare a server.

        Args:
            answer: one for all requests, one for each in turn (the last is repeated), or a function of the
                request's body, called in the server's thread.
            models: listed by ``/v1/models``.
            context: words that a prompt may have; longer ones are refused as llama.cpp does.
            api_key: demanded where given.
        """
        self._answer = _answering(answer)
        self._models = models
        self._context = context
        self._api_key = api_key
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._serve, name="stub-server", daemon=True)
        self._ready = threading.Event()
        self._stop = asyncio.Event()
        self.url = ""
        """Base URL, ending in ``/v1``; valid after entering."""
        self.requests: list[dict[str, Any]] = []
        """Bodies of all chat completions, in the order in which they came."""
        self.in_flight = 0
        self.most_in_flight = 0

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
        app.router.add_post("/v1/chat/completions", self._chat)
        app.router.add_get("/v1/models", self._list)
        app.router.add_get("/health", self._health)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1, handler_cancellation=True)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{runner.addresses[0][1]}/v1"
        self._ready.set()
        await self._stop.wait()
        await runner.cleanup()

    async def _list(self, request: web.Request) -> web.Response:
        entries = [{"id": name, "object": "model"} for name in self._models]
        return _json({"object": "list", "data": entries})

    async def _health(self, request: web.Request) -> web.Response:
        return _json({"status": "ok"})

    async def _chat(self, request: web.Request) -> web.StreamResponse:
        if self._api_key and request.headers.get("Authorization") != f"Bearer {self._api_key}":
            message = f"Incorrect API key provided: {request.headers.get('Authorization')}"
            return _json({"error": {"message": message, "type": "invalid_request_error"}}, status=401)
        body = msgspec.json.decode(await request.read())
        self.requests.append(body)
        self.in_flight += 1
        self.most_in_flight = max(self.most_in_flight, self.in_flight)
        try:
            return await self._reply(request, body)
        finally:
            self.in_flight -= 1

    async def _reply(self, request: web.Request, body: Mapping[str, Any]) -> web.StreamResponse:
        words = sum(len(str(message.get("content")).split()) for message in body["messages"])
        if self._context is not None and words > self._context:
            return _json({"error": overflow_error(words, self._context)}, status=400)
        answer = self._answer(body)
        answer = Answer(content=answer) if isinstance(answer, str) else answer
        if answer.delay_s:
            await asyncio.sleep(answer.delay_s)
        if answer.body is not None:
            return web.Response(
                body=answer.body,
                status=answer.status,
                content_type=answer.content_type,
                headers=dict(answer.headers),
            )
        if answer.error is not None and answer.error_after is None:
            return _json({"error": answer.error}, status=answer.status, headers=answer.headers)
        pieces, finish = pieces_of(answer, body)
        top = top_of(answer, body, words, len(pieces))
        if body.get("stream") and not answer.plain:
            return await _stream(request, answer, pieces, finish, top)
        if answer.break_after is not None:
            _abort(request)
        return _json(plain_body(answer, pieces, finish, top))


def main(argv: Sequence[str] | None = None) -> int:
    """Serve one fixed answer until stdin closes; the first line printed is the URL."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--content", default="ok", help="what every answer says")
    parser.add_argument("--plain", action="store_true", help="never stream")
    options = parser.parse_args(argv)
    with StubServer(Answer(content=options.content, plain=options.plain)) as stub:
        sys.stdout.write(f"{stub.url}\n")
        sys.stdout.flush()
        sys.stdin.read()
    return 0


def _answering(answer: Answer | str | Iterable[Answer | str] | Answering) -> Answering:
    if isinstance(answer, Answer | str):
        return lambda body: answer
    if callable(answer):
        return answer
    listed = list(answer)
    remaining: Iterator[Answer | str] = itertools.chain(listed, itertools.repeat(listed[-1]))
    return lambda body: next(remaining)


async def _stream(
    request: web.Request, answer: Answer, pieces: list[str], finish: str, top: Mapping[str, Any]
) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Type": "text/event-stream; charset=utf-8"})
    await response.prepare(request)
    head = {key: value for key, value in top.items() if key != "usage"}
    for number, delta in enumerate(deltas_of(answer, pieces)):
        if answer.break_after == number:
            _abort(request)
        if answer.error_after == number:
            await response.write(_event({**head, "error": answer.error}))
            return response
        if answer.comments:
            await response.write(b": keepalive\n\n")
        if answer.piece_delay_s:
            await asyncio.sleep(answer.piece_delay_s)
        await response.write(_event({**head, "choices": [{"index": 0, "delta": delta}]}))
    if answer.break_after is not None:
        _abort(request)
    last = _event({**head, "choices": [{"index": 0, "delta": {}, "finish_reason": finish}]})
    if "usage" in top:
        last += _event({**top, "choices": []})
    await response.write(last + (_DONE if answer.done else b""))
    return response


def _abort(request: web.Request) -> None:
    if request.transport is not None:
        request.transport.abort()
    raise asyncio.CancelledError


def _event(data: Mapping[str, Any]) -> bytes:
    return b"data: " + msgspec.json.encode(data) + b"\n\n"


def _json(
    data: Mapping[str, Any], *, status: int = 200, headers: Mapping[str, str] | None = None
) -> web.Response:
    return web.Response(
        body=msgspec.json.encode(data), status=status, content_type="application/json", headers=headers
    )


if __name__ == "__main__":
    raise SystemExit(main())
