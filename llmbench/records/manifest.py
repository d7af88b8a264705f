"""manifest.json: what a run is, on what it ran, and whether its grader could be trusted."""

import os
import sys
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

import msgspec

from llmbench import __version__
from llmbench.api import SelfTest
from llmbench.errors import UsageError
from llmbench.records.masking import Mask


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What the last command asked for: the score is about these samples."""

    tasks: tuple[str, ...]
    digests: tuple[str, ...]
    """sha256 of each task."""
    samples: int
    tries: int
    about: tuple[dict[str, Any], ...] = ()
    """What each task says of itself (``difficulty``, ``kind``, ``tags`` …); empty where none does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """One command that worked on the run: a resumed run has several."""

    started: str
    ended: str = ""
    interrupted: bool = False
    llmbench: str = __version__
    server: dict[str, Any] = field(default_factory=dict)
    """What the backend's ``describe()`` said; empty where no server was needed."""
    agent: dict[str, Any] = field(default_factory=dict)
    """What the agent's ``describe()`` said: program and version of an outside agent, how it was confined."""
    sandbox: str = ""
    machine: dict[str, Any] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """The run's identity card."""

    schema: Literal["llmbench.manifest/1"] = "llmbench.manifest/1"
    run_id: str
    config: dict[str, Any]
    """The composed configuration of the last command, secrets masked."""
    overrides: tuple[str, ...] = ()
    """The words of the last command, so that a report can say how to go on."""
    providers: dict[str, str]
    """By axis: which distribution and version provided the plugin."""
    names: dict[str, str]
    """By axis: what was chosen (``backend``, ``model``, ``agent``, ``dataset``, ``validator``)."""
    notice: str = ""
    """Shown beside every score of this model."""
    plan: Plan
    dataset: dict[str, Any]
    """``sha256`` over all planned tasks, and what the dataset says of itself."""
    self_test: SelfTest | None = None
    sessions: tuple[Session, ...] = ()

    def with_session(self, session: Session) -> "Manifest":
        """Return the manifest with ``session`` added, or updated if it is the last one."""
        earlier = self.sessions
        if earlier and earlier[-1].started == session.started:
            earlier = earlier[:-1]
        return replace(self, sessions=(*earlier, session))


def machine() -> dict[str, Any]:
    """Describe this machine as far as scores and speeds may depend on it."""
    # Readers of manifests should not pay for what only a run needs.
    import platform

    import psutil

    return {
        "system": platform.system(),
        "release": platform.release(),
        "architecture": platform.machine(),
        "cores": os.cpu_count(),
        "memory_mb": psutil.virtual_memory().total // 2**20,
        "python": sys.version.split()[0],
    }


def now() -> str:
    """Return the time as ISO 8601 in UTC, to the millisecond."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")


def read_manifest(folder: Path) -> Manifest:
    """Return the manifest of a run folder.

    Raises:
        UsageError: it is no run folder, or one of a version that can't be read.
    """
    path = folder / "manifest.json"
    try:
        return msgspec.json.decode(path.read_bytes(), type=Manifest)
    except FileNotFoundError:
        raise UsageError(f"{folder} is no run folder: it has no manifest.json (llmbench list runs)") from None
    except msgspec.DecodeError as error:
        raise UsageError(f"{path} can't be read: {error}") from None


def write_manifest(folder: Path, manifest: Manifest, mask: Mask) -> None:
    """Write the manifest; a crash leaves the earlier one whole."""
    write_json(folder / "manifest.json", manifest, mask)


def write_json(path: Path, value: Any, mask: Mask) -> None:
    """Write ``value`` as indented JSON by way of a second file, so that readers never see half of it."""
    data = msgspec.json.format(msgspec.json.encode(value), indent=2) + b"\n"
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    temporary.write_bytes(mask.data(data))
    temporary.replace(path)
