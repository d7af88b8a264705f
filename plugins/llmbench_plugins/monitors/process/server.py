"""Finds the process behind a server's address, so that memory and time are those of the right one."""

from collections.abc import Iterable, Iterator
from contextlib import suppress

import psutil

from llmbench.api import Watched

_FORWARDERS = {
    "com.docker.backend",
    "docker-proxy",
    "gvproxy",
    "pasta",
    "rootlessport",
    "slirp4netns",
    "ssh",
    "sshd",
}
"""Programs that listen for somebody else: a container, or another machine."""


class NotFound(Exception):
    """Which process serves can't be said; the message is the reason."""


def serving(server: Watched) -> psutil.Process:
    """Return the process that serves.

    Raises:
        NotFound: it is on another machine, in a container, or hidden from us.
    """
    if server.pid is not None:
        return _alive(server.pid)
    if not server.is_local or server.port is None:
        raise NotFound("the server is not on this machine")
    found = _listening(server.port) or _named(str(server.facts.get("server") or ""))
    if found is None:
        raise NotFound(
            f"which process listens at port {server.port} can't be seen: another user's, or a container's"
        )
    with suppress(psutil.Error):
        if found.name() in _FORWARDERS:
            raise NotFound(
                f"'{found.name()}' listens at port {server.port} for a container or another machine"
            )
    return found


def _alive(pid: int) -> psutil.Process:
    try:
        return psutil.Process(pid)
    except psutil.Error as error:
        raise NotFound(f"the server's process {pid} can't be seen: {error}") from None


def _listening(port: int) -> psutil.Process | None:
    """Look at our own children first, then at all processes: that is slower, and may be forbidden."""
    ours = (process for process in psutil.Process().children(recursive=True) if _listens(process, port))
    if (found := next(ours, None)) is not None:
        return found
    try:
        everyone = psutil.net_connections("tcp")
    except psutil.AccessDenied:  # macOS lets only root see them all at once
        return next((process for process in psutil.process_iter() if _listens(process, port)), None)
    pids = {c.pid for c in everyone if c.status == psutil.CONN_LISTEN and c.laddr and c.laddr.port == port}
    return next(_processes(pid for pid in pids if pid), None)


def _listens(process: psutil.Process, port: int) -> bool:
    with suppress(psutil.Error):
        sockets = process.net_connections("tcp")
        return any(s.status == psutil.CONN_LISTEN and s.laddr and s.laddr.port == port for s in sockets)
    return False


def _processes(pids: Iterable[int]) -> Iterator[psutil.Process]:
    for pid in pids:
        with suppress(psutil.Error):
            yield psutil.Process(pid)


def _named(server: str) -> psutil.Process | None:
    """Return the only tree of processes that bears the server's name: a service of another user's."""
    name = server.partition(" ")[0].lower()
    fitting = [process for process in psutil.process_iter(["name"]) if _name(process) == name]
    pids = {process.pid for process in fitting}
    roots = [process for process in fitting if _parent(process) not in pids]
    return roots[0] if len(roots) == 1 else None


def _name(process: psutil.Process) -> str:
    return str(process.info.get("name") or "").lower() or "?"


def _parent(process: psutil.Process) -> int | None:
    with suppress(psutil.Error):
        return process.ppid()
    return None
