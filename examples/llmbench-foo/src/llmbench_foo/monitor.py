"""Monitor ``load``: how many programs want a processor, beside every run."""

import os
from collections.abc import Mapping
from typing import Any

from llmbench.api import Monitor, Watched


class Load(Monitor):
    """The load average of the last minute."""

    def unavailable(self) -> str:
        """Return why this system tells no load average."""
        return "" if hasattr(os, "getloadavg") else "this system tells no load average"

    def open(self, server: Watched) -> str:
        """Watch only where the model computes."""
        return "" if server.is_local else "the server is not on this machine"

    def sample(self) -> Mapping[str, float]:
        """Return the load; the name of a figure is its device, its quantity and its unit."""
        return {"machine.load_count": os.getloadavg()[0]}

    def describe(self) -> Mapping[str, Any]:
        """Return what the load has to be compared with."""
        return {"cores": os.cpu_count()}

    def close(self) -> None:
        """Keep nothing open."""
