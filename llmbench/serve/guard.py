"""Who may ask: exact Host and Origin, a token off loopback, bounds, and what keeps a page to itself."""

import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from hmac import compare_digest
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import cookie_parser
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from llmbench.serve.settings import Settings

COOKIE = "llmbench_token"
"""The token's cookie begins so; its port follows, for cookies know no ports."""
PARAMETER = "token"
"""Of the address that is printed: the next one does without."""
POLICY = (
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
_HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "private, no-cache",
}
_READS = ("GET", "HEAD")
_OPEN = ("/health",)
"""Paths that need no token: what watches over the server asks there."""
_MOST_BODY = 1 << 20
_MOST_PATH, _MOST_QUERY = 4096, 8192
_LOG = logging.getLogger("llmbench.serve")


@dataclass(frozen=True, slots=True)
class _Asked:
    """A request as far as it matters here."""

    scope: Scope
    headers: Headers

    @property
    def is_socket(self) -> bool:
        return bool(self.scope["type"] == "websocket")

    @property
    def method(self) -> str:
        return "GET" if self.is_socket else str(self.scope["method"])

    @property
    def path(self) -> str:
        """Without what a proxy puts before."""
        return str(self.scope["path"]).removeprefix(self.scope.get("root_path", ""))

    @property
    def parameters(self) -> list[tuple[str, str]]:
        return parse_qsl(self.scope["query_string"].decode("latin-1"), keep_blank_values=True)


class Guard:
    """Stands before everything else, WebSockets included."""

    def __init__(
        self, app: ASGIApp, settings: Settings, note: Callable[[str, int], None] = lambda method, status: None
    ) -> None:
        """Guard ``app`` as ``settings`` say; ``note`` is told how each request was answered."""
        self._app = app
        self._note = note
        self._hosts = settings.hosts
        self._token = settings.token
        self._root_path = settings.root_path
        self._cookie = f"{COOKIE}_{settings.port}"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or refuse in one line."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        if self._root_path:
            scope = {**scope, "root_path": self._root_path}
        asked = _Asked(scope, Headers(scope=scope))
        send = self._noting(send, asked.method)
        if refusal := self._refusal(asked):
            await _refuse(*refusal, scope, receive, send)
        elif (entered := self._entered(asked)) is not None:
            await entered(scope, receive, _guarded(send, asked.method))
        elif not self._knows(asked):
            why = "a token is needed: open the address that llmbench serve has printed"
            await _refuse(401, why, scope, receive, send)
        else:
            await self._answer(asked, receive, send)

    async def _answer(self, asked: _Asked, receive: Receive, send: Send) -> None:
        """Let the application answer; where it fails, say no more than that."""
        has_begun = False

        async def noting(message: Message) -> None:
            nonlocal has_begun
            has_begun = True
            await _guarded(send, asked.method)(message)

        # What answers GET answers HEAD: its body is left out on the way.
        scope = {**asked.scope, "method": "GET"} if asked.method == "HEAD" else asked.scope
        try:
            await self._app(scope, receive, noting)
        except Exception:
            _LOG.exception("%s %s", asked.method, asked.scope["path"])
            if has_begun or asked.is_socket:
                raise
            await _refuse(500, "something went wrong; the server's log says what", asked.scope, receive, send)

    def _noting(self, send: Send, method: str) -> Send:
        async def noting(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._note(method if method in (*_READS, "POST") else "other", message["status"])
            await send(message)

        return noting

    def _refusal(self, asked: _Asked) -> tuple[int, str] | None:
        hosts = asked.headers.getlist("host")
        if len(hosts) != 1 or hosts[0].lower() not in self._hosts:
            return 400, "Host: not a name of this dashboard; start it with --name NAME to allow one"
        if asked.method not in (*_READS, "POST"):
            return 405, f"{asked.method}: expected GET, HEAD or POST"
        if len(asked.scope["path"]) > _MOST_PATH or len(asked.scope["query_string"]) > _MOST_QUERY:
            return 414, f"the address is longer than {_MOST_PATH} characters, or {_MOST_QUERY} behind the ?"
        if (asked.is_socket or asked.method == "POST") and not _is_own(asked.headers):
            return 403, "Origin: another site may not do this"
        return _too_much(asked.headers) if asked.method == "POST" else None

    def _entered(self, asked: _Asked) -> Response | None:
        """Return the answer to the printed address: a cookie, and the way to the same without the token."""
        given = [value for name, value in asked.parameters if name == PARAMETER]
        if not self._token or asked.is_socket or asked.method == "POST" or not given:
            return None
        if not self._fits(given):
            return None
        rest = urlencode([pair for pair in asked.parameters if pair[0] != PARAMETER])
        base = asked.scope.get("root_path", "")
        place = f"{base}/{quote(asked.path.lstrip('/'))}{f'?{rest}' if rest else ''}"
        answer = RedirectResponse(place, 303)
        answer.set_cookie(self._cookie, self._token, path=f"{base}/", httponly=True, samesite="strict")
        return answer

    def _knows(self, asked: _Asked) -> bool:
        if not self._token or asked.path in _OPEN:
            return True
        return self._fits([*_bearer(asked.headers), *self._cookies(asked.headers)])

    def _cookies(self, headers: Headers) -> Iterable[str]:
        for line in headers.getlist("cookie"):
            if (found := cookie_parser(line).get(self._cookie)) is not None:
                yield found

    def _fits(self, given: Sequence[str]) -> bool:
        token = self._token.encode()
        return any(compare_digest(one.encode(errors="replace"), token) for one in given)


def _guarded(send: Send, method: str) -> Send:
    """Return what sends an answer with our headers, and to HEAD without its body."""

    async def guarded(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in _HEADERS.items():
                headers.setdefault(name, value)
        elif message["type"] == "http.response.body" and method == "HEAD":
            message = {**message, "body": b""}
        await send(message)

    return guarded


def _is_own(headers: Headers) -> bool:
    """Say whether the request comes from a page of ours, or from a program, which sends no Origin."""
    origins = headers.getlist("origin")
    if not origins:
        site = headers.get("sec-fetch-site")
        # A browser that tells neither is of another time, and can't be trusted to keep sites apart.
        return (
            site in ("same-origin", "none")
            if site
            else "mozilla" not in headers.get("user-agent", "").lower()
        )
    if len(origins) > 1:
        return False
    try:
        origin = urlsplit(origins[0])
    except ValueError:
        return False
    return origin.scheme in ("http", "https") and origin.netloc.lower() == headers["host"].lower()


def _too_much(headers: Headers) -> tuple[int, str] | None:
    if "transfer-encoding" in headers:
        return 411, "Transfer-Encoding: expected a Content-Length"
    length = headers.get("content-length", "0")
    if not length.isdecimal() or int(length) > _MOST_BODY:
        return 413, f"Content-Length: expected at most {_MOST_BODY >> 20} MiB"
    return None


def _bearer(headers: Headers) -> Iterable[str]:
    kind, _, word = headers.get("authorization", "").partition(" ")
    if kind.lower() == "bearer":
        yield word.strip()


async def _refuse(status: int, why: str, scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.close", "code": 4000 + status, "reason": why})
        return
    answer = PlainTextResponse(f"llmbench: {why}\n", status, headers=_HEADERS)
    await answer(scope, receive, _guarded(send, scope["method"]))
