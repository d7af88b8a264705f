"""Monitor: what the machine does while a model answers. It watches beside a run and never fails one."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

from llmbench.api.context import Context
from llmbench.api.options import NoOptions

if TYPE_CHECKING:
    from urllib.parse import SplitResult


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """The server whose machine is watched, as far as its backend tells."""

    facts: Mapping[str, Any] = field(default_factory=dict)
    """What the backend's ``describe()`` returns."""

    @property
    def pid(self) -> int | None:
        """The server's process, where the backend names it (``pid``)."""
        found = self.facts.get("pid")
        return found if isinstance(found, int) else None

    @property
    def port(self) -> int | None:
        """The port of its address."""
        parts = _parts(self._url)
        try:
            return parts.port or {"http": 80, "https": 443}.get(parts.scheme)
        except ValueError:
            return None

    @property
    def is_local(self) -> bool:
        """Whether the model computes on this machine: it has a process or a loopback address here."""
        if self.facts.get("remote_host"):
            return False
        return self.pid is not None or _is_loopback(_parts(self._url).hostname or "")

    @property
    def _url(self) -> str:
        return str(self.facts.get("url") or "")


class Monitor(ABC):
    """Reads figures every half second or so, in a thread of its own; all calls come from that thread.

    The name of a figure is ``<device>.<quantity>_<unit>``: ``gpu0.power_w``, ``process.memory_mb``. Devices
    that are GPUs are called ``gpu0``, ``gpu1`` …, and their ``utilization_percent``, ``memory_mb``,
    ``power_w`` and ``temperature_c`` have a place in reports. A unit ``j`` marks a counter that only rises;
    everything else is a value of the moment, of which mean and peak are kept. What can't be measured is left
    out: it is never 0.
    """

    Options: ClassVar[type] = NoOptions

    def __init__(self, options: Any, context: Context) -> None:
        self.options = options
        self.context = context

    @abstractmethod
    def unavailable(self) -> str:
        """Return why this machine can't be measured so, with the cure if there is one; else an empty string.

        Cheap, and asked before anything is opened, also in a run that names the monitor.
        """

    @abstractmethod
    def open(self, server: Watched) -> str:
        """Begin to watch; return why there is nothing to measure about this server, else an empty string."""

    @abstractmethod
    def sample(self) -> Mapping[str, float]:
        """Return the figures of this moment; empty where there is nothing new.

        An exception ends the monitor, with a warning; the run goes on.
        """

    @abstractmethod
    def describe(self) -> Mapping[str, Any]:
        """Return what is measured, as JSON-ready data; asked after ``open``, and again before ``close``.

        ``not_measured``, where given, maps a figure to the reason why it is missing.
        """

    @abstractmethod
    def close(self) -> None:
        """Let go of everything; may be called twice, and without ``open``."""


def _parts(url: str) -> "SplitResult":
    # Only a run needs these two modules, and every verb imports this one.
    from urllib.parse import urlsplit

    try:
        return urlsplit(url)
    except ValueError:
        return urlsplit("")


def _is_loopback(host: str) -> bool:
    from ipaddress import ip_address

    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
