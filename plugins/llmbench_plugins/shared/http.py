"""Speaking HTTP: httpx over aiohttp's connections, which stay quick where many requests are under way.

Whoever asks catches httpx's errors alone, and they say what happened in plain words:

- ``httpx.ReadTimeout``: connected, but silent for too long;
- ``httpx.NetworkError``, ``httpx.ConnectTimeout``: no connection, or it was lost;
- any other ``httpx.HTTPError``: the server or a proxy does not speak as agreed.
"""

import asyncio
import logging
import os
import ssl
from base64 import b64encode
from collections.abc import AsyncIterator, Mapping
from http.cookiejar import CookieJar
from typing import Any
from urllib.request import proxy_bypass_environment  # type: ignore[attr-defined]

import aiohttp
import httpx
from httpx_aiohttp import AiohttpTransport

from llmbench.errors import UsageError

CONNECT_S = 30.0
HTTP_ERRORS = (httpx.HTTPError, httpx.InvalidURL)
"""All that asking can end in."""
# Common servers close an idle connection after five seconds: ours never races for its last moment.
_KEEP_ALIVE_S = 3.0
_READ_BYTES = 2**18
_HEADERS = {"Accept-Encoding": "identity", "User-Agent": "llmbench"}
_ERRORS: tuple[tuple[type[Exception], type[httpx.TransportError]], ...] = (
    (aiohttp.SocketTimeoutError, httpx.ReadTimeout),
    (aiohttp.ServerTimeoutError, httpx.ConnectTimeout),
    (aiohttp.ClientConnectorError, httpx.ConnectError),
    (aiohttp.ClientConnectionError, httpx.ReadError),
    (aiohttp.ClientPayloadError, httpx.ReadError),
    (aiohttp.ClientHttpProxyError, httpx.ProxyError),
)
"""What each error of a connection is in httpx's words; the first that fits counts."""

# It would tell of every request at level INFO, which is where Hydra sets the root logger.
logging.getLogger("httpx").setLevel(logging.WARNING)


def open_client(
    *,
    timeout: httpx.Timeout | float,
    capacity: int = 8,
    headers: Mapping[str, str] | None = None,
    environment: Mapping[str, str] | None = None,
    transport: httpx.AsyncBaseTransport | None = None,
) -> "Client":
    """Return a client that follows redirects and keeps no cookies. Use as an async context manager.

    Args:
        timeout: how long each step may take, or the seconds that any of them may.
        capacity: connections at once.
        headers: sent with each request.
        environment: where proxies (``HTTPS_PROXY``, ``NO_PROXY``) and certificate authorities
            (``SSL_CERT_FILE``, ``SSL_CERT_DIR``) are named.
        transport: what answers in place of the network.
    """
    return Client(
        transport=transport or Connections(capacity=capacity, environment=environment or {}),
        timeout=timeout,
        headers={**_HEADERS, **(headers or {})},
    )


async def look(url: str, *, limit_s: float) -> httpx.Response | None:
    """Return what a server near by answers to a GET, read whole, or None where none does."""
    try:
        async with asyncio.timeout(limit_s), open_client(timeout=limit_s) as client:
            return await client.get(url)
    except (*HTTP_ERRORS, TimeoutError):
        return None


def content_type_of(response: httpx.Response) -> str:
    """Return the media type without its parameters, or an empty string."""
    value: str = response.headers.get("content-type", "")
    return value.partition(";")[0].strip().lower()


def words_of(error: Exception) -> str:
    """Return what happened in one line."""
    if isinstance(error, httpx.HTTPStatusError):
        response = error.response
        return f"the server answered {response.status_code} {response.reason_phrase}".rstrip()
    return str(error) or type(error).__name__


async def lines_of(response: httpx.Response) -> AsyncIterator[bytes]:
    """Yield the lines of a body as they come, without their ends."""
    rest = b""
    async for piece in response.aiter_raw():
        *lines, rest = (rest + piece).split(b"\n")
        for line in lines:
            yield line
    if rest:
        yield rest


class Client(httpx.AsyncClient):
    """A client that follows redirects and keeps no cookies."""

    def __init__(
        self,
        *,
        transport: httpx.AsyncBaseTransport,
        timeout: httpx.Timeout | float,
        headers: Mapping[str, str],
    ) -> None:
        """Prepare; ``open_client`` is the usual way to come by one."""
        super().__init__(
            transport=transport,
            timeout=timeout,
            headers=headers,
            cookies=_NoCookies(),
            follow_redirects=True,
            trust_env=False,
        )
        self._way = transport

    async def begin(self, request: httpx.Request) -> httpx.Response:
        """Send a request made by ``build_request``; return the response, to be closed, when it begins.

        A redirect is returned like any other response, as a POST must not become a GET. ``send`` looks for
        cookies, hooks and ways to log in, of which there are none here: that takes as long as all the rest.
        """
        response = await self._way.handle_async_request(request)
        response.request = request
        return response


class Connections(httpx.AsyncBaseTransport):
    """The connections of one client: directly, or through the proxies that the environment names."""

    def __init__(self, *, capacity: int, environment: Mapping[str, str]) -> None:
        """Prepare; nothing is opened, and no certificate is read, before it is needed."""
        self._capacity = capacity
        self._environment = environment
        self._routes: dict[tuple[str, str], AiohttpTransport] = {}

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request; a body that comes compressed, which was not asked for, is unpacked."""
        try:
            response = await self._route(request.url).handle_async_request(request)
        except (httpx.TransportError, aiohttp.ClientError) as error:
            raise _named(error) from error.__cause__
        response.stream = _Body(response.stream)
        return _unpacked(response) if "content-encoding" in response.headers else response

    async def aclose(self) -> None:
        """Close all connections."""
        for route in self._routes.values():
            await route.aclose()

    def _route(self, url: httpx.URL) -> AiohttpTransport:
        key = (url.scheme, url.host)
        if key not in self._routes:
            self._routes[key] = self._open(url)
        return self._routes[key]

    def _open(self, url: httpx.URL) -> AiohttpTransport:
        proxy = proxy_for(url, self._environment)
        authorities = _authorities(self._environment) if url.scheme == "https" else None
        # The transport's own context would read certifi's authorities, and go unused.
        unused = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        return AiohttpTransport(verify=unused, proxy=proxy, client=lambda: self._session(authorities))

    def _session(self, authorities: ssl.SSLContext | None) -> aiohttp.ClientSession:
        connector = aiohttp.TCPConnector(
            limit=self._capacity, keepalive_timeout=_KEEP_ALIVE_S, ssl=authorities or True
        )
        return aiohttp.ClientSession(
            connector=connector, cookie_jar=aiohttp.DummyCookieJar(), read_bufsize=_READ_BYTES
        )


class _Body(httpx.AsyncByteStream):
    """A body whose errors are told as those of its beginning."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream

    async def __aiter__(self) -> AsyncIterator[bytes]:
        try:
            async for piece in self._stream:
                yield piece
        except (httpx.TransportError, aiohttp.ClientError) as error:
            raise _named(error) from error.__cause__

    async def aclose(self) -> None:
        await self._stream.aclose()


class _Unpacked(httpx.AsyncByteStream):
    """The body of a compressed response, as it was before."""

    def __init__(self, response: httpx.Response) -> None:
        self._response = response

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for piece in self._response.aiter_bytes():
            yield piece

    async def aclose(self) -> None:
        await self._response.aclose()


class _NoCookies(CookieJar):
    """Takes no cookies and gives none: a sample must know nothing of another."""

    def extract_cookies(self, response: object, request: object) -> None:
        """Take none."""

    def add_cookie_header(self, request: object) -> None:
        """Give none."""


def _unpacked(response: httpx.Response) -> httpx.Response:
    packed = ("content-encoding", "content-length")
    headers = [(name, value) for name, value in response.headers.multi_items() if name not in packed]
    return httpx.Response(response.status_code, headers=headers, stream=_Unpacked(response))


def _named(error: Exception) -> httpx.TransportError:
    """Return an error of a connection as httpx would name it, in the words of the system."""
    cause = error.__cause__ or error
    kind = next((told for known, told in _ERRORS if isinstance(cause, known)), httpx.RemoteProtocolError)
    return kind(_words(cause) or type(cause).__name__)


def _words(cause: BaseException) -> str:
    if isinstance(cause, aiohttp.ClientConnectorDNSError):
        return f"no address is known for '{cause.host}' ({cause.strerror})"
    # What is wrong with a certificate, and a name that is not found, have numbers that are not the system's.
    number = 0 if isinstance(cause, aiohttp.ClientSSLError) else getattr(cause, "errno", None) or 0
    return os.strerror(number) if number > 0 else str(cause)


def proxy_for(url: httpx.URL, environment: Mapping[str, str]) -> httpx.Proxy | None:
    """Return the proxy that the environment names for ``url``; this machine is always reached directly.

    Raises:
        UsageError: it can't be used.
    """
    names = {
        name.lower().removesuffix("_proxy"): name
        for name, value in environment.items()
        if name.lower().endswith("_proxy") and value
    }
    proxies = {short: environment[name] for short, name in names.items()}
    host = url.host
    if host in ("localhost", "::1") or host.startswith("127.") or proxy_bypass_environment(host, proxies):
        return None
    short = url.scheme if url.scheme in proxies else "all"
    return _proxy(names[short], proxies[short]) if short in proxies else None


def _proxy(name: str, value: str) -> httpx.Proxy:
    try:
        proxy = httpx.Proxy(value if "://" in value else f"http://{value}")
    except (ValueError, httpx.InvalidURL):
        proxy = None
    if proxy is None or proxy.url.scheme not in ("http", "https") or not proxy.url.host:
        raise UsageError(f"{name}: expected the URL of an http proxy, such as http://proxy.example:3128")
    if proxy.raw_auth is None:
        return proxy
    # aiohttp wants it so, and sends it as Proxy-Authorization; what the transport does is deprecated there.
    password = b64encode(b":".join(proxy.raw_auth)).decode()
    return httpx.Proxy(proxy.url, headers={"Authorization": f"Basic {password}"})


def _authorities(environment: Mapping[str, str]) -> ssl.SSLContext | None:
    """Return what trusts the named authorities beside the system's, or None where none is named."""
    named = {name: environment.get(name) for name in ("SSL_CERT_FILE", "SSL_CERT_DIR")}
    if not any(named.values()):
        return None
    context = ssl.create_default_context()
    try:
        context.load_verify_locations(named["SSL_CERT_FILE"] or None, named["SSL_CERT_DIR"] or None)
    except (OSError, ssl.SSLError) as error:
        told = ", ".join(f"{name}={value}" for name, value in named.items() if value)
        raise UsageError(f"{told}: no certificates can be read there: {error}") from None
    return context
