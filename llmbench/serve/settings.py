"""What the dashboard was started with."""

import ipaddress
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowed:
    """What launches from a browser may do besides what is safe everywhere."""

    local: bool = False
    """``sandbox=local``: model-written code beside the user's own files."""
    cli: bool = False
    """``agent=cli``: commands of the host."""
    folders: tuple[Path, ...] = ()
    """Where paths in options may lead, besides the folder of runs and what llmbench ships."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What ``llmbench serve`` was told."""

    root: Path
    """The folder of runs."""
    history_url: str | None = None
    host: str = "127.0.0.1"
    port: int = 7860
    token: str = field(default="", repr=False)
    """What a browser or script has to know; empty on loopback, where none is needed."""
    names: tuple[str, ...] = ()
    """Host names that requests may bear besides the address itself: of a proxy, say."""
    root_path: str = ""
    """What a proxy puts before every path, such as ``/llmbench``."""
    allowed: Allowed = Allowed()

    @property
    def is_loopback(self) -> bool:
        """Whether only this machine can reach it."""
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return self.host == "localhost"

    @property
    def hosts(self) -> frozenset[str]:
        """The values of ``Host`` that are answered, in lower case."""
        own = {self.host, "127.0.0.1", "localhost", "[::1]"} if self.is_loopback else {self.host}
        own = {bracketed(name) for name in own}
        ports = {f"{name}:{self.port}" for name in (*own, *self.names)}
        return frozenset(name.lower() for name in (*ports, *self.names, *(own if self.port == 80 else ())))

    @property
    def url(self) -> str:
        """Where a browser of this machine finds it."""
        host = "127.0.0.1" if self.is_wildcard else self.host
        return f"http://{bracketed(host)}:{self.port}{self.root_path}/"

    @property
    def is_wildcard(self) -> bool:
        """Whether it listens on all addresses of this machine."""
        return self.host in ("", "0.0.0.0", "::")  # noqa: S104 - this only asks


def bracketed(host: str) -> str:
    """Return an address as URLs bear it."""
    return f"[{host}]" if ":" in host and not host.startswith("[") else host
