"""Who may ask: exact Host and Origin, a token off loopback, and the headers that keep a page to itself."""

from collections.abc import Iterable
from hmac import compare_digest
from http.cookies import SimpleCookie
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from llmbench.serve.settings import Settings

COOKIE = "llmbench_token"
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
}
_READS = ("GET", "HEAD")
_OPEN = ("/health",)
"""Paths that need no token: what watches over the server asks there."""


class Guard:
    """Stands before everything else, WebSockets included."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        """Guard ``app`` as ``settings`` say."""
        self._app = app
        self._settings = settings

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or refuse with 400, 401, 403 or 405 in one line."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        if refusal := self._refusal(scope, Headers(scope=scope)):
            await _refuse(*refusal, scope, receive, send)
            return

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        await self._app(scope, receive, guarded)

    def _refusal(self, scope: Scope, headers: Headers) -> tuple[int, str] | None:
        hosts = headers.getlist("host")
        if len(hosts) != 1 or hosts[0].lower() not in self._settings.hosts:
            return 400, "Host: not a name of this dashboard; start it with --name NAME to allow one"
        is_socket = scope["type"] == "websocket"
        method = "GET" if is_socket else scope["method"]
        if method not in (*_READS, "POST"):
            return 405, f"{method}: expected GET, HEAD or POST"
        if (is_socket or method == "POST") and not self._is_own(headers, is_socket=is_socket):
            return 403, "Origin: another site may not do this"
        if not self._knows(scope, headers):
            return 401, "a token is needed: open the address that llmbench serve has printed"
        return None

    def _is_own(self, headers: Headers, *, is_socket: bool) -> bool:
        """Say whether the request comes from a page of ours, or from a program, which sends no Origin."""
        origins = headers.getlist("origin")
        if not origins:
            return headers.get("sec-fetch-site", "same-origin") in ("same-origin", "none")
        if len(origins) > 1:
            return False
        origin = urlsplit(origins[0])
        return origin.scheme in ("http", "https") and origin.netloc.lower() == headers["host"].lower()

    def _knows(self, scope: Scope, headers: Headers) -> bool:
        token = self._settings.token
        if not token or scope["path"].removeprefix(scope.get("root_path", "")) in _OPEN:
            return True
        return any(compare_digest(given.encode(), token.encode()) for given in _tokens(headers))


def _tokens(headers: Headers) -> Iterable[str]:
    kind, _, word = headers.get("authorization", "").partition(" ")
    if kind.lower() == "bearer":
        yield word.strip()
    cookie = SimpleCookie()
    cookie.load(headers.get("cookie", ""))
    if COOKIE in cookie:
        yield cookie[COOKIE].value


async def _refuse(status: int, why: str, scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.close", "code": 4000 + status, "reason": why})
        return
    await PlainTextResponse(f"llmbench: {why}\n", status, headers=_HEADERS)(scope, receive, send)
