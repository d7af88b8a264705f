"""One server over HTTP: one client, bounded and visible retries, an idle watchdog, no secret in an error."""

import asyncio
import random
import re
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, TypeVar
from urllib.parse import urlencode, urljoin, urlsplit, urlunsplit

import httpx

from llmbench.errors import BackendError, ProtocolError, UsageError
from llmbench_plugins.backends.shared.faults import BrokenOffError, BusyError, LostError, error_of, fault_of
from llmbench_plugins.backends.shared.foreign import NotJson, loads
from llmbench_plugins.backends.shared.stream import ignore_pieces
from llmbench_plugins.shared.http import CONNECT_S, HTTP_ERRORS, Client, open_client

T = TypeVar("T")
Read = Callable[[httpx.Response, float], Awaitable[T]]
"""Reads a response that was 200; told when its request was sent (``perf_counter``)."""

_LONGEST_WAIT_S = 600.0
_LOOK_S = 30.0
_JSON = {"Content-Type": "application/json"}
_JSON_ONCE = {**_JSON, "Connection": "close"}


async def nothing_to_check() -> None:
    """Find nothing wrong: the server is not ours."""


class Endpoint:
    """A base URL to post to. Use as an async context manager."""

    def __init__(
        self,
        url: str,
        *,
        capacity: int,
        idle_timeout_s: float,
        retries: int,
        progress: Callable[[str], None],
        arrived: Callable[[int], None] = ignore_pieces,
        headers: Mapping[str, str] | None = None,
        hidden: Iterable[str] = (),
        query: Mapping[str, str] | None = None,
        environment: Mapping[str, str] | None = None,
        check: Callable[[], Awaitable[None]] = nothing_to_check,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        """Prepare a client.

        Args:
            url: the base, for instance ``http://127.0.0.1:8080/v1``.
            capacity: requests at once.
            idle_timeout_s: seconds without a byte after which a request is given up; readers also
                count keep-alives as nothing.
            retries: how often a request is sent again after the first time.
            progress: told of each wait.
            arrived: told by readers how much more of an answer has come.
            headers: sent with each request.
            hidden: secrets, masked in every error.
            query: added to each URL (``api-version``).
            environment: where proxies (``HTTPS_PROXY``) and authorities (``SSL_CERT_FILE``) are named.
            check: awaited when a connection fails; raises where it knows that trying again is vain.
            transport: what answers in place of the network.
        """
        self.url = url.rstrip("/")
        self.shown_url = safe_url(self.url)
        self.hangs_up = True
        """Whether the server closes connections without saying so, as llama.cpp does after each stream: each
        request gets a new one. Taken to be so until the first answer shows who it is."""
        self._capacity = capacity
        self.idle_timeout_s = idle_timeout_s
        self._retries = retries
        self._progress = progress
        self.arrived = arrived
        self._headers = headers
        self._query = f"?{urlencode(query)}" if query else ""
        self._hidden = [secret for secret in hidden if secret]
        self._environment = environment
        self._check = check
        self._transport = transport
        self._client: Client | None = None
        self._prepared: dict[tuple[str, bool], httpx.Request] = {}

    async def __aenter__(self) -> "Endpoint":
        self._client = open_client(
            timeout=httpx.Timeout(None, connect=CONNECT_S, read=self.idle_timeout_s),
            capacity=self._capacity + 2,
            headers=self._headers,
            environment=self._environment,
            transport=self._transport,
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._client is not None:
            await self._client.aclose()
            self._client = None

    async def post(self, path: str, body: bytes, read: "Read[T]") -> T:
        """Post JSON and return what ``read`` makes of the response, after at most ``retries`` further tries.

        Raises:
            BackendError: the server is out of reach, silent, busy for too long, or reported an error.
        """
        for attempt in range(self._retries + 1):
            try:
                return await self._post(path, body, read)
            except BusyError as error:
                failure: BackendError = error
                asked_s, why = error.retry_after_s, f"the server asked for it ({error.status})"
            except BrokenOffError as error:
                await self._check()
                raise ProtocolError(str(error), raw=error.raw) from None
            except LostError as error:
                await self._check()
                failure, asked_s, why = error, None, "the server can't be reached, or hung up"
            if attempt == self._retries:
                break
            await self._wait(asked_s, attempt, why, failure)
        raise BackendError(f"{failure}; gave up after {_times(self._retries + 1)}", raw=failure.raw)

    async def get_json(self, path: str, *, base: str = "") -> Any:
        """Return the decoded body of a GET, or None where the server has no such page."""
        try:
            async with asyncio.timeout(_LOOK_S):
                response = await self._open.get((base or self.url) + path + self._query)
            return loads(response.content) if response.status_code == 200 else None
        except (*HTTP_ERRORS, TimeoutError, NotJson):
            return None

    @property
    def _open(self) -> Client:
        if self._client is None:
            raise RuntimeError("the backend was asked before it was entered or after it was left")
        return self._client

    async def _post(self, path: str, body: bytes, read: "Read[T]") -> T:
        started = time.perf_counter()
        url = self.shown_url + path
        try:
            response = await self._send(path, body)
            try:
                if response.has_redirect_location:
                    response = await self._follow(response, url, body)
                await _raise_for_status(response, url)
                return await read(response, started)
            finally:
                await response.aclose()
        except BackendError as error:
            raise self._masked(error) from None
        except httpx.ReadTimeout:
            raise BackendError(
                f"{url} sent nothing for {self.idle_timeout_s:g} s (backend.idle_timeout_s)"
            ) from None
        except (httpx.NetworkError, httpx.ConnectTimeout) as error:
            raise LostError(self._mask(f"{url} can't be reached: {error}")) from None
        except HTTP_ERRORS as error:
            raise BackendError(self._mask(f"{url}: {type(error).__name__}: {error}")) from None

    async def _send(self, path: str, body: bytes) -> httpx.Response:
        """Send a request whose URL and headers are made once: ``client.stream`` makes them anew for each."""
        made = self._prepared.get((path, self.hangs_up)) or self._prepare(path)
        stream = httpx.ByteStream(body)
        request = httpx.Request(
            "POST", made.url, headers=made.headers, stream=stream, extensions=made.extensions
        )
        request.read()
        return await self._open.begin(request)

    def _prepare(self, path: str) -> httpx.Request:
        headers = _JSON_ONCE if self.hangs_up else _JSON
        made = self._open.build_request("POST", self.url + path + self._query, headers=headers)
        del made.headers["Content-Length"]
        self._prepared[path, self.hangs_up] = made
        return made

    async def _follow(self, response: httpx.Response, url: str, body: bytes) -> httpx.Response:
        """Return the response from where a redirect leads, if that is the very same request."""
        await response.aclose()
        moved = urljoin(self.url, response.headers["Location"])
        if _keeps_post(response.status_code, self.url, moved):
            response = await self._open.begin(
                self._open.build_request("POST", moved, headers=_JSON_ONCE, content=body)
            )
            if not response.has_redirect_location:
                return response
            await response.aclose()
        # Followed, a POST would become a GET without a word.
        raise UsageError(_redirected(url, moved))

    async def _wait(self, asked_s: float | None, attempt: int, why: str, failure: BackendError) -> None:
        if asked_s is not None and asked_s > _LONGEST_WAIT_S:
            longest = f"llmbench waits {_LONGEST_WAIT_S:.0f} s at most"
            raise BackendError(f"{failure}; it asks to wait {asked_s:.0f} s, {longest}", raw=failure.raw)
        wait_s = min(60.0, 0.5 * 2**attempt) if asked_s is None else asked_s
        # Requests that were turned away together must not come back together.
        wait_s += random.uniform(0, 0.1 + wait_s / 4)  # noqa: S311 - spreads load, protects nothing
        self._progress(f"waiting {wait_s:.0f} s: {why}")
        await asyncio.sleep(wait_s)

    def _mask(self, text: str) -> str:
        for secret in self._hidden:
            text = text.replace(secret, "***")
        return text

    def _masked(self, error: BackendError) -> BackendError:
        if self._hidden:
            error.args = (self._mask(str(error)),)
            error.raw = self._mask(error.raw)
        return error


def _times(tries: int) -> str:
    return "1 try" if tries == 1 else f"{tries} tries"


async def _raise_for_status(response: httpx.Response, url: str) -> None:
    if response.status_code != 200:
        fault = fault_of(response.status_code, await response.aread())
        wait_s = retry_after_s(response.headers.get("Retry-After", ""))
        raise error_of(fault, url=url, retry_after_s=wait_s)


async def pieces_of(response: httpx.Response) -> AsyncIterator[bytes]:
    """Yield the bytes of a body as they come.

    Raises:
        LostError: the connection was lost before its end.
        httpx.ReadTimeout: nothing came for too long.
    """
    try:
        async for piece in response.aiter_raw():
            yield piece
    except httpx.ReadTimeout:
        raise
    except httpx.TransportError as error:
        raise LostError(str(error) or type(error).__name__) from None


async def read_object(response: httpx.Response, started: float) -> Mapping[str, Any]:
    """Return the object that an answer is.

    Raises:
        ProtocolError: it is none.
    """
    body = await response.aread()
    try:
        decoded = loads(body)
    except NotJson:
        decoded = None
    if not isinstance(decoded, dict):
        raise ProtocolError("the answer is no JSON object", raw=body.decode("utf-8", errors="replace"))
    return decoded


def _redirected(url: str, target: str) -> str:
    base = safe_url(target).removesuffix("/chat/completions")
    return f"backend.url: {url} redirects to {safe_url(target)}, use that: backend.url={base}"


def _keeps_post(status: int, url: str, target: str) -> bool:
    """Say whether a redirect means the very same request, to the same server: only that is followed."""
    return status in (307, 308) and urlsplit(url)[:2] == urlsplit(target)[:2]


def safe_url(url: str) -> str:
    """Return a URL without what may be secret in it: user, password, query."""
    parts = urlsplit(url)
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))


def base_url(url: str, *, key: str) -> str:
    """Return the base under which ``/chat/completions`` lies: ``/v1`` is added to a bare host.

    Raises:
        UsageError: naming ``key``, when it is no http or https URL, or holds credentials or a query.
    """
    try:
        parts = urlsplit(url.strip())
        is_url = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
        why = ""
    except ValueError as error:
        is_url, why = False, f" ({error})"
    if not is_url:
        shown = re.sub(r"//[^/]*@", "//", url.partition("?")[0])
        example = "expected a URL such as http://127.0.0.1:8080/v1"
        raise UsageError(f"{key}: {example}, with a port from 1 to 65535, got '{shown}'{why}")
    if parts.username or parts.password or parts.query:
        raise UsageError(
            f"{key}: expected a URL without user, password and query, got more than '{safe_url(url)}'; "
            "a secret belongs into the environment or .env, what the query says into backend.query, such as "
            "'backend.query={api-version: 2024-10-21}' (backend=openai)"
        )
    path = parts.path.rstrip("/").removesuffix("/chat/completions")
    return urlunsplit((parts.scheme, parts.netloc, path or "/v1", "", ""))


def retry_after_s(value: str) -> float | None:
    """Return the seconds that a ``Retry-After`` header asks for; it holds a number or a date."""
    if not value:
        return None
    try:
        return max(0.0, float(value))
    except ValueError:
        pass
    try:
        at = parsedate_to_datetime(value)
    except ValueError:
        return None
    return max(0.0, (at.replace(tzinfo=at.tzinfo or UTC) - datetime.now(UTC)).total_seconds())
