"""The run's model as a server that an outside agent can be pointed at.

Its questions go the way of every other agent's: the run's sampler, budgets, transcript and provenance hold
for them, whatever backend is behind.
"""

import asyncio
import secrets
from collections.abc import Awaitable, Callable
from pathlib import Path
from types import TracebackType
from typing import Self

import msgspec
from aiohttp import web

from llmbench.api import Completion, Model
from llmbench.errors import ContextOverflowError, LlmbenchError, ProtocolError
from llmbench_plugins.agents.cli.chat import CHAT
from llmbench_plugins.agents.cli.dialect import Asked, AskedError, Dialect
from llmbench_plugins.agents.cli.messages import MESSAGES
from llmbench_plugins.agents.cli.responses import RESPONSES

_SIGN_OF_LIFE_S = 5.0
_LARGEST = 64 * 2**20
_DIALECTS = (CHAT, RESPONSES, MESSAGES)
_ENCODE = msgspec.json.Encoder().encode


class Endpoint:
    """Serves one try of one sample; an async context manager."""

    def __init__(self, model: Model, socket: Path | None) -> None:
        """Prepare.

        Args:
            model: is asked.
            socket: where to listen; None for a free loopback port.
        """
        self._model = model
        self._socket = socket
        self._one_at_a_time = asyncio.Lock()
        self._runner: web.AppRunner | None = None
        self.api_key = secrets.token_urlsafe(16)
        """Demanded of who asks: other users of this machine can reach a loopback port, too."""
        self.port = 0
        self.in_flight = 0
        self.asked = 0
        self.not_honoured: set[str] = set()
        self.fatal: BaseException | None = None
        """What no agent can do anything about: the try is over."""
        self.last_error: LlmbenchError | None = None
        """Why the last question had no answer."""

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=_LARGEST)
        app.add_routes([web.post(dialect.path, self._speaking(dialect)) for dialect in _DIALECTS])
        app.add_routes([web.get("/v1/models", self._models)])
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        if self._socket is not None:
            await web.UnixSite(self._runner, str(self._socket)).start()
        else:
            await web.TCPSite(self._runner, "127.0.0.1", 0).start()
            self.port = self._runner.addresses[0][1]
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._runner is not None:
            await self._runner.cleanup()

    async def _models(self, request: web.Request) -> web.Response:
        entry = {"id": self._model.profile.name, "object": "model", "created": 0, "owned_by": "llmbench"}
        return _json({"object": "list", "data": [entry]})

    def _speaking(self, dialect: Dialect) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        async def handle(request: web.Request) -> web.StreamResponse:
            if not self._may_ask(request):
                message = "expected the key that {api_key} stands for"
                return _json(dialect.error("invalid_api_key", message), 401)
            try:
                asked = dialect.read(_object(await request.read()))
            except AskedError as error:
                return _json(dialect.error("invalid_request_error", str(error)), 400)
            answering = asyncio.ensure_future(self._answer(asked))
            try:
                return await self._reply(request, asked, dialect, answering)
            finally:
                answering.cancel()

        return handle

    def _may_ask(self, request: web.Request) -> bool:
        given = (
            request.headers.get("Authorization", "").removeprefix("Bearer "),
            request.headers.get("x-api-key"),
        )
        return self.api_key in given

    async def _reply(
        self, request: web.Request, asked: Asked, dialect: Dialect, answering: "asyncio.Future[Completion]"
    ) -> web.StreamResponse:
        await asyncio.wait({answering}, timeout=_SIGN_OF_LIFE_S if asked.stream else None)
        name = self._model.profile.name
        if not asked.stream or (answering.done() and answering.exception()):
            try:
                return _json(dialect.body(await answering, self.asked, name))
            except LlmbenchError as error:
                return _refusal(dialect, error)
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream; charset=utf-8"})
        await response.prepare(request)
        while not answering.done():
            await response.write(dialect.alive)
            await asyncio.wait({answering}, timeout=_SIGN_OF_LIFE_S)
        try:
            for piece in dialect.events(answering.result(), self.asked, name):
                await response.write(piece)
        except LlmbenchError as error:
            await response.write(dialect.failure(str(error)))
        return response

    async def _answer(self, asked: Asked) -> Completion:
        self.not_honoured |= set(asked.not_honoured)
        most = self._model.profile.reasoning.max_tokens
        self.in_flight += 1
        try:
            # The order of questions is what lets an interrupted sample find its answers again.
            async with self._one_at_a_time:
                self.asked += 1
                completion = await self._model.ask(
                    asked.messages,
                    tools=asked.tools,
                    tool_choice=asked.tool_choice,
                    max_tokens=min(most, asked.max_tokens or most),
                )
        except (ContextOverflowError, ProtocolError) as error:
            self.last_error = error
            raise
        except Exception as error:
            self.fatal = error
            raise
        finally:
            self.in_flight -= 1
        self.last_error = None
        return completion


def _object(body: bytes) -> dict[str, object]:
    try:
        decoded = msgspec.json.decode(body)
    except msgspec.DecodeError as error:
        raise AskedError(f"the body is no JSON: {error}") from None
    if not isinstance(decoded, dict):
        raise AskedError("the body is no JSON object")
    return decoded


def _refusal(dialect: Dialect, error: LlmbenchError) -> web.Response:
    if isinstance(error, ContextOverflowError):
        return _json(dialect.error("context_length_exceeded", str(error)), 400)
    return _json(dialect.error("server_error", str(error)), 500 if isinstance(error, ProtocolError) else 503)


def _json(data: object, status: int = 200) -> web.Response:
    return web.Response(body=_ENCODE(data), status=status, content_type="application/json")
