"""This machine: what it is busy with now, and what llmbench takes on its disks."""

import os
import shutil
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import platformdirs
import psutil

from llmbench import registry
from llmbench.api import Context, Monitor, Watched
from llmbench.history.place import Place
from llmbench.records.manifest import machine
from llmbench.records.sizes import Size, size_of
from llmbench.records.taken import Taken, taken
from llmbench.serve.doctor import Checkup, check
from llmbench.serve.jobs import Job

_CPU_S = 0.1
"""Over which the load of the processor is measured."""
_BIGGEST = 200
"""Runs that are listed with what they take."""


@dataclass(frozen=True, slots=True)
class Readings:
    """What the machine is busy with at this moment."""

    facts: Mapping[str, Any]
    cpu_percent: float
    load: tuple[float, float, float] | None
    memory_total: int
    memory_used: int
    gpus: Mapping[str, Mapping[str, float]]
    """Figures by device, as the monitors name them: ``gpu0`` has ``power_w``."""


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder of the user that all runs share."""

    name: str
    size: Size


@dataclass(frozen=True, slots=True)
class Disk:
    """What llmbench takes on the disks."""

    runs: tuple[Taken, ...]
    """The biggest first."""
    beside: tuple[Taken, ...]
    """What else lies in the folder of runs."""
    total: Size
    left_out: int
    cache: tuple[Folder, ...]
    cache_dir: Path
    free: int
    whole: int
    took_s: float


class Machine:
    """What the page of the machine tells; whatever takes time is done once for all who ask."""

    def __init__(self, root: Path, place: Place, ask: Callable[[], Checkup] = check) -> None:
        """Know about a folder of runs.

        Args:
            root: the folder.
            place: where its history is.
            ask: makes the findings of doctor.
        """
        self.root = root
        self.place = place
        self.doctor = Job(ask)
        self.disk = Job(lambda: measured(root))
        self.readings = Job(readings)


def readings() -> Readings:
    """Look at processor, memory and what the monitors know of GPUs."""
    memory = psutil.virtual_memory()
    return Readings(
        facts=machine(),
        cpu_percent=psutil.cpu_percent(_CPU_S),
        load=os.getloadavg() if hasattr(os, "getloadavg") else None,
        memory_total=memory.total,
        memory_used=memory.total - memory.available,
        gpus=_gpus(),
    )


def _gpus() -> dict[str, dict[str, float]]:
    found: dict[str, dict[str, float]] = {}
    for name in registry.names("monitor"):
        for figure, value in _figures(name).items():
            device, _, quantity = figure.partition(".")
            if device.startswith("gpu"):
                found.setdefault(device, {})[quantity] = value
    return found


def _figures(name: str) -> Mapping[str, float]:
    """Return what a monitor sees at this moment; nothing where it can't see."""
    try:
        kind: type[Monitor] = registry.load("monitor", name)
        with TemporaryDirectory(prefix="llmbench-") as folder:
            context = Context(work_dir=Path(folder), cache_dir=_cache_dir())
            monitor = kind(kind.Options(), context)
            try:
                is_blind = monitor.unavailable() or monitor.open(Watched(facts={"pid": os.getpid()}))
                return {} if is_blind else dict(monitor.sample())
            finally:
                monitor.close()
    except Exception:  # of a third party's: a page about the machine stands without it
        return {}


def measured(root: Path) -> Disk:
    """Add up what lies in the folder of runs and in the cache."""
    began = time.monotonic()
    found = sorted(taken(root), key=lambda one: (-one.size.bytes, one.name))
    runs = [one for one in found if one.is_run]
    cache = _cache_dir()
    folders = [Folder(path.name, size_of(path)) for path in _children(cache)]
    usage = shutil.disk_usage(root if root.is_dir() else Path.cwd())
    return Disk(
        runs=tuple(runs[:_BIGGEST]),
        beside=tuple(one for one in found if not one.is_run),
        total=sum((one.size for one in found), Size()),
        left_out=max(0, len(runs) - _BIGGEST),
        cache=tuple(sorted(folders, key=lambda folder: -folder.size.bytes)),
        cache_dir=cache,
        free=usage.free,
        whole=usage.total,
        took_s=time.monotonic() - began,
    )


def _children(folder: Path) -> list[Path]:
    return sorted(folder.iterdir()) if folder.is_dir() else []


def _cache_dir() -> Path:
    return Path(platformdirs.user_cache_dir("llmbench"))
