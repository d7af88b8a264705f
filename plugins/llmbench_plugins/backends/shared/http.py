"""One server over HTTP: one session, bounded and visible retries, an idle watchdog, no secret in an error."""

import asyncio
import os
import random
import re
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, TypeVar
from urllib.parse import urlencode, urljoin, urlsplit, urlunsplit
from urllib.request import proxy_bypass_environment  # type: ignore[attr-defined]

import aiohttp

from llmbench.errors import BackendError, ProtocolError, UsageError
from llmbench_plugins.backends.shared.faults import BrokenOffError, BusyError, LostError, error_of, fault_of
from llmbench_plugins.backends.shared.foreign import NotJson, loads

T = TypeVar("T")
Read = Callable[[aiohttp.ClientResponse, float], Awaitable[T]]
"""Reads a response that was 200; told when its request was sent (``perf_counter``)."""

_LONGEST_WAIT_S = 600.0
_CONNECT_S = 30.0
_LOOK_S = 30.0
# Common servers close an idle connection after five seconds: ours never races for its last moment.
_KEEP_ALIVE_S = 3.0
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
        headers: Mapping[str, str] | None = None,
        hidden: Iterable[str] = (),
        query: Mapping[str, str] | None = None,
        environment: Mapping[str, str] | None = None,
        check: Callable[[], Awaitable[None]] = nothing_to_check,
    ) -> None:
        """Prepare a session.

        Args:
            url: the base, for instance ``http://127.0.0.1:8080/v1``.
            capacity: requests at once.
            idle_timeout_s: seconds without a byte after which a request is given up; readers also
                count keep-alives as nothing.
            retries: how often a request is sent again after the first time.
            progress: told of each wait.
            headers: sent with each request.
            hidden: secrets, masked in every error.
            query: added to each URL (``api-version``).
            environment: where proxies are named (``HTTPS_PROXY``, ``NO_PROXY``).
            check: awaited when a connection fails; raises where it knows that trying again is vain.
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
        self._headers = {"Accept-Encoding": "identity", "User-Agent": "llmbench", **(headers or {})}
        self._query = f"?{urlencode(query)}" if query else ""
        self._hidden = [secret for secret in hidden if secret]
        self._proxy = proxy_for(self.url, environment or {})
        self._check = check
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> "Endpoint":
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=self._capacity + 2, keepalive_timeout=_KEEP_ALIVE_S),
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=_CONNECT_S, sock_read=self.idle_timeout_s),
            headers=self._headers,
            cookie_jar=aiohttp.DummyCookieJar(),
            read_bufsize=2**18,
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._session is not None:
            await self._session.close()
            self._session = None

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
        raise BackendError(f"{failure}; gave up after {self._retries + 1} tries", raw=failure.raw)

    async def get_json(self, path: str, *, base: str = "") -> Any:
        """Return the decoded body of a GET, or None where the server has no such page."""
        try:
            async with self._open.get(
                (base or self.url) + path + self._query,
                timeout=aiohttp.ClientTimeout(total=_LOOK_S),
                proxy=self._proxy,
            ) as response:
                return loads(await response.read()) if response.status == 200 else None
        except (aiohttp.ClientError, TimeoutError, NotJson):
            return None

    @property
    def _open(self) -> aiohttp.ClientSession:
        if self._session is None:
            raise RuntimeError("the backend was asked before it was entered or after it was left")
        return self._session

    async def _post(self, path: str, body: bytes, read: "Read[T]", target: str = "") -> T:
        started = time.perf_counter()
        url = self.shown_url + path
        try:
            headers = _JSON_ONCE if self.hangs_up else _JSON
            async with self._open.post(
                target or self.url + path + self._query,
                data=body,
                headers=headers,
                proxy=self._proxy,
                # Followed, a POST would become a GET without a word.
                allow_redirects=False,
            ) as response:
                if 300 <= response.status < 400:
                    moved = urljoin(str(response.url), response.headers.get("Location", ""))
                    if target or not _keeps_post(response.status, self.url, moved):
                        raise UsageError(_redirected(url, moved))
                    return await self._post(path, body, read, moved)
                if response.status != 200:
                    fault = fault_of(response.status, await response.read())
                    wait_s = retry_after_s(response.headers.get("Retry-After", ""))
                    raise error_of(fault, url=url, retry_after_s=wait_s)
                return await read(response, started)
        except BackendError as error:
            raise self._masked(error) from None
        except aiohttp.SocketTimeoutError:
            raise BackendError(
                f"{url} sent nothing for {self.idle_timeout_s:g} s (backend.idle_timeout_s)"
            ) from None
        except (aiohttp.ClientConnectionError, aiohttp.ClientPayloadError) as error:
            raise LostError(self._mask(f"{url} can't be reached: {_why(error)}")) from None
        except aiohttp.ClientError as error:
            raise BackendError(self._mask(f"{url}: {type(error).__name__}: {error}")) from None

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


async def pieces_of(response: aiohttp.ClientResponse) -> AsyncIterator[bytes]:
    """Yield the bytes of a body as they come.

    Raises:
        LostError: the connection was lost before its end.
        TimeoutError: nothing came for too long.
    """
    try:
        async for piece in response.content.iter_any():
            yield piece
    except TimeoutError:
        raise
    except (aiohttp.ClientPayloadError, aiohttp.ClientConnectionError) as error:
        raise LostError(str(error) or type(error).__name__) from None


async def read_object(response: aiohttp.ClientResponse, started: float) -> Mapping[str, Any]:
    """Return the object that an answer is.

    Raises:
        ProtocolError: it is none.
    """
    body = await response.read()
    try:
        decoded = loads(body)
    except NotJson:
        decoded = None
    if not isinstance(decoded, dict):
        raise ProtocolError("the answer is no JSON object", raw=body.decode("utf-8", errors="replace"))
    return decoded


def _why(error: Exception) -> str:
    number = getattr(error, "errno", None)
    return os.strerror(number) if number else str(error) or type(error).__name__


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


def proxy_for(url: str, environment: Mapping[str, str]) -> str | None:
    """Return the proxy that the environment names for ``url``; this machine is always reached directly."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    proxies = {
        name.lower().removesuffix("_proxy"): value
        for name, value in environment.items()
        if name.lower().endswith("_proxy") and value
    }
    if host in ("localhost", "::1") or host.startswith("127.") or proxy_bypass_environment(host, proxies):
        return None
    return proxies.get(parts.scheme) or proxies.get("all")


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
