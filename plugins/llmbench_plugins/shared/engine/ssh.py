"""Engines at ssh://: each connection is a run of the ssh command, whose streams are one end of a socket pair.

The SDK's own way needs paramiko, knows less of the user's settings, and gives no socket to wait for.
"""

import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import urllib3
from docker.transport import UnixHTTPAdapter
from urllib3.connection import HTTPConnection

from llmbench_plugins.shared.engine.endpoint import EngineError

_CONNECT_S = 15
_END_S = 5.0


class Dialer:
    """Connects to an engine by ``docker system dial-stdio`` on its machine, as the docker command does."""

    def __init__(self, url: str) -> None:
        self._argv = dial_command(url)
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the dialer
        self._running: list[subprocess.Popen[bytes]] = []

    def dial(self) -> socket.socket:
        """Return a socket that leads to the engine, or ends where ssh fails."""
        ours, theirs = socket.socketpair()
        with theirs:
            process = subprocess.Popen(
                self._argv,
                stdin=theirs.fileno(),
                stdout=theirs.fileno(),
                stderr=self._errors,
                start_new_session=True,
            )
        self._running = [each for each in self._running if each.poll() is None] + [process]
        return ours

    def said(self) -> str:
        """Return the end of what ssh has complained of."""
        time.sleep(0.1)  # it complains a moment after the connection has ended
        self._errors.seek(0)
        return self._errors.read().decode(errors="replace").strip()[-300:]

    def close(self) -> None:
        """End what runs."""
        for process in self._running:
            process.terminate()
        for process in self._running:
            try:
                process.wait(_END_S)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self._running.clear()
        self._errors.close()


def dial_command(url: str) -> list[str]:
    """Return the command that connects to the engine of another machine.

    Raises:
        EngineError: the address can't be read, or there is no ssh here.
    """
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise EngineError(f"{url} is no address ({error}); expected ssh://[user@]host[:port]") from None
    if not host or host.startswith("-") or (parts.username or "").startswith("-"):
        raise EngineError(f"{url} is no address; expected ssh://[user@]host[:port]")
    program = shutil.which("ssh")
    if program is None:
        raise EngineError(f"{url} needs the ssh command; install it: sudo apt-get install openssh-client")
    there = ["--host", f"unix://{parts.path}"] if parts.path.strip("/") else []
    return [
        *(program, "-T", "-o", "BatchMode=yes", "-o", f"ConnectTimeout={_CONNECT_S}"),
        *(("-l", parts.username) if parts.username else ()),
        *(("-p", str(port)) if port else ()),
        *("--", host, "docker", *there, "system", "dial-stdio"),
    ]


class SshAdapter(UnixHTTPAdapter):
    """Has the SDK's requests go by ssh; whatever they are for, the engine is behind each connection."""

    def __init__(self, dialer: Dialer, *, connections: int) -> None:
        super().__init__("http+unix:///ssh", max_pool_size=connections)
        self._pool = _Pool(dialer, maxsize=connections)

    def get_connection(self, url: str | bytes, proxies: Mapping[str, str] | None = None) -> Any:
        """Return the one pool of connections."""
        return self._pool

    def close(self) -> None:
        """Close the connections that nobody uses."""
        super().close()
        self._pool.close()


class _Pool(urllib3.HTTPConnectionPool):
    def __init__(self, dialer: Dialer, *, maxsize: int) -> None:
        super().__init__("localhost", maxsize=maxsize)
        self._dialer = dialer

    def _new_conn(self) -> "_Connection":
        return _Connection(self._dialer)


class _Connection(HTTPConnection):
    def __init__(self, dialer: Dialer) -> None:
        super().__init__("localhost")
        self._dialer = dialer

    def connect(self) -> None:
        self.sock = self._dialer.dial()
