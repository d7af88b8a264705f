"""What an endpoint sends, and what it makes of errors, without a server."""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx
import pytest

from llmbench.errors import BackendError
from llmbench_plugins.backends.shared.http import Endpoint

BODY = b'{"model": "any"}'
Handler = Callable[[httpx.Request], httpx.Response]


async def body_of(response: httpx.Response, started: float) -> bytes:
    return await response.aread()


def posting(handler: Handler, *, times: int = 1, **how: Any) -> list[bytes]:
    """Post ``BODY`` so many times to what the handler stands for; return the answers."""

    async def post() -> list[bytes]:
        told = {"capacity": 1, "idle_timeout_s": 7, "retries": 0, "progress": said.append, **how}
        async with Endpoint("http://model.example/v1", transport=httpx.MockTransport(handler), **told) as it:
            answers = []
            for _ in range(times):
                answers.append(await it.post("/chat/completions", BODY, body_of))
                it.hangs_up = False
            return answers

    said: list[str] = []
    return asyncio.run(post())


def test_a_request_carries_its_headers_and_asks_for_a_connection_of_its_own_until_the_server_is_known() -> (
    None
):
    seen: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200, content=request.content)

    assert posting(answer, times=3, headers={"Authorization": "Bearer k"}) == [BODY] * 3
    assert [request.headers["connection"] for request in seen] == ["close", "keep-alive", "keep-alive"]
    for request in seen:
        assert str(request.url) == "http://model.example/v1/chat/completions"
        assert request.headers["authorization"] == "Bearer k"
        assert request.headers["content-type"] == "application/json"
        assert request.extensions["timeout"]["read"] == 7


def test_the_body_goes_along_with_a_redirect_that_keeps_the_method() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path != "/v1/there":
            return httpx.Response(307, headers={"Location": "/v1/there"})
        return httpx.Response(200, content=request.url.path.encode() + request.content)

    assert posting(answer) == [b"/v1/there" + BODY]


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (httpx.ReadTimeout("late"), r"^http://model.example/v1/chat/completions sent nothing for 7 s"),
        (
            httpx.ConnectError("Connection refused"),
            r"can't be reached: Connection refused; gave up after 1 try$",
        ),
        (
            httpx.ConnectTimeout("Connection timeout"),
            r"can't be reached: Connection timeout; gave up after 1",
        ),
        (httpx.ReadError("Server disconnected"), r"can't be reached: Server disconnected; gave up after 1"),
        (httpx.ProxyError("407, sk-1 is wrong"), r"completions: ProxyError: 407, \*\*\* is wrong$"),
        (httpx.RemoteProtocolError("Bad status line"), r"completions: RemoteProtocolError: Bad status line$"),
    ],
)
def test_each_error_has_its_words(error: httpx.TransportError, words: str) -> None:
    def fail(request: httpx.Request) -> httpx.Response:
        raise error

    with pytest.raises(BackendError, match=words):
        posting(fail, hidden=["sk-1"])


def test_a_response_is_closed_when_its_reader_gives_up() -> None:
    closed: list[bool] = []

    async def pieces() -> AsyncIterator[bytes]:
        yield b"a"

    class Body(httpx.AsyncByteStream):
        def __aiter__(self) -> AsyncIterator[bytes]:
            return pieces()

        async def aclose(self) -> None:
            closed.append(True)

    async def give_up(response: httpx.Response, started: float) -> None:
        raise BackendError("enough")

    async def post() -> None:
        transport = httpx.MockTransport(lambda request: httpx.Response(200, stream=Body()))
        how: Any = {"capacity": 1, "idle_timeout_s": 7, "retries": 0, "progress": print}
        async with Endpoint("http://model.example/v1", transport=transport, **how) as endpoint:
            await endpoint.post("/chat/completions", BODY, give_up)

    with pytest.raises(BackendError, match="enough"):
        asyncio.run(post())
    assert closed == [True]
