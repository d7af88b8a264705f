"""Monitor ``apple``: what macOS tells of its GPU without root, by the program ``ioreg``.

Power, energy and temperature are not among it: ``powermetrics`` needs root, and the private interface that
gives them otherwise may change with any release.
"""

import plistlib
import subprocess
import sys
from collections.abc import Mapping
from time import monotonic
from typing import Any
from xml.parsers.expat import ExpatError

from llmbench.api import Context, Monitor, NoOptions, Watched

IOREG = "/usr/sbin/ioreg"
_ARGUMENTS = ("-r", "-d", "1", "-a", "-c", "IOAccelerator")
_EVERY_S = 3.0
"""A look costs a process of some ten milliseconds, so one every half second would be too dear."""
_LIMIT_S = 5.0
_MEGA = 2**20
_FIGURES = {
    "utilization_percent": ("Device Utilization %", 1),
    "memory_mb": ("In use system memory", _MEGA),
}
_ROOT = "macOS tells it to root only (powermetrics)"


class Apple(Monitor):
    """Apple's GPU: utilisation and memory, without root; and the swap of the machine."""

    Options = NoOptions

    def __init__(self, options: NoOptions, context: Context) -> None:
        super().__init__(options, context)
        self._next = 0.0
        self._gpus: list[dict[str, Any]] = []

    def unavailable(self) -> str:
        """Return why this is no Mac with a GPU that can be read."""
        if sys.platform != "darwin":
            return "only on macOS"
        return "" if read_ioreg() else f"{IOREG} tells of no GPU"

    def open(self, server: Watched) -> str:
        """Look once, to learn what there is."""
        self._gpus = gpus_in(read_ioreg())
        return "" if self._gpus else f"{IOREG} tells of no GPU"

    def sample(self) -> Mapping[str, float]:
        """Return what the GPU does, every third second."""
        import psutil

        if monotonic() < self._next:
            return {}
        self._next = monotonic() + _EVERY_S
        return {**figures_in(read_ioreg()), "machine.swap_mb": psutil.swap_memory().used / _MEGA}

    def describe(self) -> Mapping[str, Any]:
        """Return the GPUs, and what only root is told."""
        return {
            "gpus": self._gpus,
            "not_measured": {f"gpu0.{name}": _ROOT for name in ("power_w", "energy_j", "temperature_c")},
        }

    def close(self) -> None:
        """Keep nothing open."""


def read_ioreg(program: str = IOREG) -> bytes:
    """Return what ``ioreg`` says of the accelerators, as a property list; empty where it says nothing."""
    try:
        ran = subprocess.run([program, *_ARGUMENTS], capture_output=True, timeout=_LIMIT_S, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return b""
    return ran.stdout


def figures_in(answer: bytes) -> dict[str, float]:
    """Return the figures of all GPUs in a property list of ``ioreg``."""
    found = {}
    for number, entry in enumerate(_accelerators(answer)):
        statistics = entry["PerformanceStatistics"]
        for name, (key, scale) in _FIGURES.items():
            if isinstance(value := statistics.get(key), int | float):
                found[f"gpu{number}.{name}"] = value / scale
    return found


def gpus_in(answer: bytes) -> list[dict[str, Any]]:
    """Return which GPUs there are."""
    keys = {"model": "name", "gpu-core-count": "cores"}
    return [
        {"index": number, **{name: _plain(entry[key]) for key, name in keys.items() if key in entry}}
        for number, entry in enumerate(_accelerators(answer))
    ]


def _accelerators(answer: bytes) -> list[Mapping[str, Any]]:
    try:
        entries = plistlib.loads(answer) if answer.strip() else []
    except (ExpatError, plistlib.InvalidFileException, ValueError):
        return []
    entries = entries if isinstance(entries, list) else [entries]
    return [e for e in entries if isinstance(e, dict) and isinstance(e.get("PerformanceStatistics"), dict)]


def _plain(value: Any) -> Any:
    # Intel Macs keep the name as bytes with a zero at the end.
    return value.rstrip(b"\0").decode(errors="replace") if isinstance(value, bytes) else value
