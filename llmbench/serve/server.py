"""The server: where it listens, what it puts up with, and how it ends."""

import errno
import signal
import socket
from types import FrameType

import uvicorn
from starlette.types import ASGIApp

from llmbench.errors import UsageError

_HEAD_BYTES = 1 << 15
_MESSAGE_BYTES = 1 << 12
"""Of what a browser says over a WebSocket, where nothing is expected of it."""
_PING_S = 20.0
_END_S = 3
_MOST_AT_ONCE = 1000


def listening(host: str, port: int) -> socket.socket:
    """Return a socket that listens there; port 0 takes a free one.

    Raises:
        UsageError: it can't be listened there.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except OSError as error:
        raise UsageError(
            f"serve: --host {host}: {error.strerror or error}; expected an address of this machine"
        ) from None
    family, kind, protocol, _, address = found[0]
    opened = socket.socket(family, kind, protocol)
    try:
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        opened.bind(address)
        opened.listen(1024)
    except OSError as error:
        opened.close()
        raise UsageError(_refused(host, port, error)) from None
    return opened


def _refused(host: str, port: int, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"serve: --port {port} is in use; choose another, or 0 for a free one"
    if error.errno == errno.EACCES:
        return f"serve: --port {port}: you may not use it; choose one above 1023"
    return f"serve: --host {host}: {error.strerror}; expected an address of this machine"


class Server(uvicorn.Server):
    """Ends when it is told to, and says nothing of it; a second Ctrl-C waits for nobody."""

    def __init__(self, app: ASGIApp) -> None:
        """Serve ``app``; nothing is opened yet."""
        super().__init__(
            uvicorn.Config(
                app,
                http="h11",  # whose bounds are known
                lifespan="on",
                log_level="warning",
                access_log=False,
                server_header=False,
                proxy_headers=False,
                ws_max_size=_MESSAGE_BYTES,
                ws_per_message_deflate=False,  # on loopback it costs more than it saves
                ws_ping_interval=_PING_S,
                ws_ping_timeout=_PING_S,
                h11_max_incomplete_event_size=_HEAD_BYTES,
                limit_concurrency=_MOST_AT_ONCE,
                timeout_graceful_shutdown=_END_S,
            )
        )

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """End; uvicorn itself would raise the signal again afterwards."""
        self.force_exit = self.should_exit and sig == signal.SIGINT
        self.should_exit = True
