"""The one HTTP client: errors in plain words, proxies, authorities, and bodies as they were meant."""

import asyncio
import gzip
import logging
import re
import socket
import ssl
import struct
import subprocess
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from itertools import pairwise
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmbench.errors import UsageError
from llmbench_plugins.shared.http import content_type_of, lines_of, look, open_client, proxy_for, words_of

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
PROMISE = b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nbut little"

Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def serving(serve: Serve, **how: Any) -> AsyncIterator[int]:
    """Serve on a free port of this machine, and tell which."""
    tasks: list[asyncio.Task[None]] = []

    async def whole(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await serve(reader, writer)
        finally:
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()

    def begin(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        tasks.append(asyncio.create_task(whole(reader, writer)))

    async with await asyncio.start_server(begin, "127.0.0.1", 0, **how) as server:
        yield server.sockets[0].getsockname()[1]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def saying(*answers: bytes, asked: list[bytes] | None = None, then_wait_s: float = 0) -> Serve:
    """Give one answer to each request of a connection, and hang up."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for answer in answers:
            head = await reader.readuntil(b"\r\n\r\n")
            if asked is not None:
                asked.append(head)
            writer.write(answer)
            await writer.drain()
            await asyncio.sleep(then_wait_s)

    return serve


async def got(
    url: str, *, timeout: float = 10, environment: Mapping[str, str] | None = None
) -> httpx.Response:
    """Ask once, whole."""
    async with open_client(timeout=timeout, environment=environment) as client:
        return await client.get(url)


def asked_of(serve: Serve, path: str = "/", **how: Any) -> httpx.Response:
    """Ask a server once."""

    async def once() -> httpx.Response:
        async with asyncio.timeout(30), serving(serve) as port:
            return await got(f"http://127.0.0.1:{port}{path}", **how)

    return asyncio.run(once())


@pytest.mark.parametrize(
    ("answer", "kind", "words"),
    [
        (b"", httpx.ReadError, "Server disconnected"),
        (PROMISE, httpx.ReadError, "not completed"),
        (b"SSH-2.0-OpenSSH_9.6\r\n\r\n", httpx.RemoteProtocolError, "Bad status line|Expected HTTP"),
    ],
)
def test_a_connection_that_fails_says_how(answer: bytes, kind: type[Exception], words: str) -> None:
    with pytest.raises(httpx.TransportError, match=words) as caught:
        asked_of(saying(answer))
    assert type(caught.value) is kind


@pytest.mark.parametrize("answer", [b"", PROMISE])
def test_silence_is_told_from_a_lost_connection(answer: bytes) -> None:
    with pytest.raises(httpx.ReadTimeout):
        asked_of(saying(answer, then_wait_s=30), timeout=0.1)


def test_a_reset_amid_the_body_is_a_lost_connection() -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(PROMISE)
        await writer.drain()
        at_once = struct.pack("ii", 1, 0)
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, at_once)
        writer.transport.abort()

    with pytest.raises(httpx.ReadError, match=r"not completed|reset"):
        asked_of(serve)


def test_a_refused_connection_and_an_unknown_name_are_in_the_words_of_the_system() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(httpx.ConnectError, match=r"^Connection refused$"):
        asyncio.run(got(f"http://127.0.0.1:{port}/"))
    with pytest.raises(httpx.ConnectError) as caught:
        asyncio.run(got("http://nowhere.invalid/"))
    assert re.fullmatch(r"no address is known for 'nowhere.invalid' \(.+\)", str(caught.value))
    assert "Unknown error" not in str(caught.value)


@pytest.mark.parametrize("url", ["http://127.0.0.1:1/", "http://[", "ftp://127.0.0.1/"])
def test_a_look_at_nothing_finds_nothing(url: str) -> None:
    assert asyncio.run(look(url, limit_s=5)) is None


def test_a_refusal_is_one_line() -> None:
    answer = asked_of(saying(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"))
    with pytest.raises(httpx.HTTPStatusError) as caught:
        answer.raise_for_status()
    assert words_of(caught.value) == "the server answered 404 Not Found"


def test_connections_are_kept_and_cookies_are_not() -> None:
    asked: list[bytes] = []
    cookie = b"HTTP/1.1 200 OK\r\nSet-Cookie: sample=1\r\nContent-Length: 0\r\n\r\n"

    async def twice() -> None:
        async with serving(saying(cookie, OK, asked=asked)) as port, open_client(timeout=10) as client:
            for _ in range(2):
                await client.get(f"http://127.0.0.1:{port}/")

    asyncio.run(twice())
    assert len(asked) == 2
    assert b"sample" not in asked[1]
    assert b"accept-encoding: identity" in asked[0].lower()


def test_a_redirect_is_followed() -> None:
    away = b"HTTP/1.1 302 Found\r\nLocation: /there\r\nContent-Length: 0\r\n\r\n"
    asked: list[bytes] = []
    assert asked_of(saying(away, OK, asked=asked)).text == "ok"
    assert asked[1].startswith(b"GET /there ")


def test_a_body_that_is_compressed_unasked_comes_plain_to_those_who_read_it_raw() -> None:
    packed = gzip.compress(b"one\ntwo")
    head = f"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {len(packed)}\r\n\r\n"

    async def lines() -> list[bytes]:
        async with (
            serving(saying(head.encode() + packed)) as port,
            open_client(timeout=10) as client,
            client.stream("GET", f"http://127.0.0.1:{port}/") as response,
        ):
            assert "content-length" not in response.headers
            return [line async for line in lines_of(response)]

    assert asyncio.run(lines()) == [b"one", b"two"]


@given(body=st.binary(), cuts=st.lists(st.integers(min_value=0, max_value=40)))
def test_lines_are_the_same_however_the_body_is_cut(body: bytes, cuts: list[int]) -> None:
    marks = [0, *sorted(cuts), len(body)]

    async def pieces() -> AsyncIterator[bytes]:
        for start, end in pairwise(marks):
            yield body[start:end]

    async def lines() -> list[bytes]:
        transport = httpx.MockTransport(lambda request: httpx.Response(200, content=pieces()))
        async with (
            open_client(timeout=1, transport=transport) as client,
            client.stream("GET", "http://any/") as response,
        ):
            return [line async for line in lines_of(response)]

    expected = body[: max(marks)].split(b"\n")
    assert asyncio.run(lines()) == (expected if expected[-1] else expected[:-1])


def test_the_media_type_stands_alone() -> None:
    response = httpx.Response(200, headers={"Content-Type": "Text/Event-Stream; charset=utf-8"})
    assert content_type_of(response) == "text/event-stream"
    assert content_type_of(httpx.Response(200)) == ""


def test_no_request_is_logged_where_the_root_logger_says_info(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        asked_of(saying(OK))
    assert caplog.records == []


def test_proxies_come_from_the_environment_and_never_stand_before_this_machine() -> None:
    environment = {"HTTPS_PROXY": "http://p:1", "http_proxy": "p:2", "NO_PROXY": "inner.example"}

    def found(url: str) -> str | None:
        proxy = proxy_for(httpx.URL(url), environment)
        return str(proxy.url) if proxy else None

    assert found("https://api.example/v1") == "http://p:1"
    assert found("http://api.example/v1") == "http://p:2"
    assert found("https://inner.example/v1") is None
    assert found("http://127.0.0.1:8080/v1") is None
    assert proxy_for(httpx.URL("https://api.example/v1"), {}) is None
    everything = proxy_for(httpx.URL("https://api.example/v1"), {"ALL_PROXY": "http://p:3"})
    assert everything is not None
    assert str(everything.url) == "http://p:3"


@pytest.mark.parametrize("value", ["socks5://me:hunter2@p:1", "http://", "http://p:port"])
def test_a_proxy_that_cant_be_used_is_named_without_its_secrets(value: str) -> None:
    with pytest.raises(UsageError, match=r"^HTTP_PROXY: expected the URL of an http proxy") as caught:
        asyncio.run(got("http://api.example/", environment={"HTTP_PROXY": value}))
    assert "hunter2" not in str(caught.value)


def test_a_proxy_is_asked_with_its_password_and_may_refuse() -> None:
    asked: list[bytes] = []
    refusal = b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n"

    async def through(scheme: str, answer: bytes) -> httpx.Response:
        async with serving(saying(answer, asked=asked)) as port:
            environment = {"ALL_PROXY": f"http://me:secret@127.0.0.1:{port}"}
            return await got(f"{scheme}://api.example/v1", environment=environment)

    assert asyncio.run(through("http", OK)).text == "ok"
    assert asked[0].startswith(b"GET http://api.example/v1 ")
    assert b"Proxy-Authorization: Basic bWU6c2VjcmV0" in asked[0]
    with pytest.raises(httpx.ProxyError, match="407"):
        asyncio.run(through("https", refusal))
    assert asked[1].startswith(b"CONNECT api.example:443 ")
    assert b"Proxy-Authorization: Basic bWU6c2VjcmV0" in asked[1]


def test_authorities_are_those_that_the_environment_names(tmp_path: Path) -> None:
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    make = (
        "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=test -addext subjectAltName=IP:127.0.0.1"
    )
    argv = [*make.split(), "-keyout", str(key), "-out", str(certificate)]
    subprocess.run(argv, check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)

    async def secured(environment: Mapping[str, str]) -> str:
        async with serving(saying(OK), ssl=context) as port:
            return (await got(f"https://127.0.0.1:{port}/", environment=environment)).text

    with pytest.raises(httpx.ConnectError, match="CERTIFICATE_VERIFY_FAILED"):
        asyncio.run(secured({}))
    assert asyncio.run(secured({"SSL_CERT_FILE": str(certificate)})) == "ok"
    folder = tmp_path / "authorities"
    folder.mkdir()
    certificate.rename(folder / certificate.name)
    subprocess.run(["openssl", "rehash", str(folder)], check=True, capture_output=True)
    assert asyncio.run(secured({"SSL_CERT_DIR": str(folder)})) == "ok"
    with pytest.raises(UsageError, match=r"^SSL_CERT_FILE=/nowhere: no certificates can be read there"):
        asyncio.run(secured({"SSL_CERT_FILE": "/nowhere"}))
