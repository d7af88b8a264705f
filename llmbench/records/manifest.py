"""manifest.json: what a run is, on what it ran, and whether its grader could be trusted."""

import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

import msgspec

from llmbench import __version__
from llmbench.api import SelfTest
from llmbench.errors import RunError, UsageError
from llmbench.records.lines import UNREADABLE, check_moment, encoded, newer_schema
from llmbench.records.masking import Mask
from llmbench.records.rendered import RenderedPrompt


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What the run holds: the tasks of the last command, and those that earlier ones left records of."""

    tasks: tuple[str, ...]
    digests: tuple[str, ...]
    """sha256 of each task."""
    samples: int
    tries: int
    about: tuple[dict[str, Any], ...] = ()
    """What each task says of itself (``difficulty``, ``kind``, ``tags`` …); empty where none does."""
    counts: tuple[int, ...] = ()
    """Samples of each task, where not all have as many (``grade --solutions``); ``samples`` is the most."""
    whole: int | None = None
    """How many tasks the dataset has; None in manifests that were written before this was noted."""

    @property
    def planned(self) -> list[tuple[str, int]]:
        """Return task and sample of each planned sample, by task."""
        counts = self.counts or (self.samples,) * len(self.tasks)
        return [(task, n) for task, count in zip(self.tasks, counts, strict=True) for n in range(count)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """One command that worked on the run: a resumed run has several."""

    started: str
    ended: str = ""
    interrupted: bool = False
    stopped: str = ""
    """What looked like a broken set-up, so that the run was ended early; empty where it was not."""
    llmbench: str = __version__
    server: dict[str, Any] = field(default_factory=dict)
    """What the backend's ``describe()`` said; empty where no server was needed."""
    rendered: RenderedPrompt | None = None
    """What the server makes of a small conversation; None without a server, and before this was noted."""
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
    """The composed configuration, secrets masked: of the last command that did not ask for less."""
    overrides: tuple[str, ...] = ()
    """The words of the same command, so that a report can say how to go on."""
    origins: dict[str, str] = field(default_factory=dict)
    """By key: which variable or file of somebody's own it came from; llmbench's own are not named."""
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

    @property
    def tests_shown(self) -> bool:
        """Whether the model saw the tests by which it was graded."""
        return bool(self.dataset.get(TESTS_SHOWN))

    def settings(self, *path: str) -> Mapping[str, Any]:
        """Return a section of the configuration; an empty one where there is none."""
        found: Any = self.config
        for key in path:
            found = found.get(key) if isinstance(found, Mapping) else None
        return found if isinstance(found, Mapping) else {}

    def with_session(self, session: Session) -> "Manifest":
        """Return the manifest with ``session`` added, or updated if it is the last one."""
        earlier = self.sessions
        if earlier and earlier[-1].started == session.started:
            earlier = earlier[:-1]
        return replace(self, sessions=(*earlier, session))


FILE = "manifest.json"
TESTS_SHOWN = "tests_shown"
"""Key of ``dataset``, there and true where the model may see tests by which it is graded."""
DAMAGED_FILE = "manifest.damaged.json"
"""Where one that can't be read is kept."""
_DECODER = msgspec.json.Decoder(Manifest)


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
        UsageError: it is no run folder, or its manifest can't be read.
    """
    path = folder / FILE
    try:
        return _manifest(path.read_bytes())
    except FileNotFoundError:
        raise UsageError(f"{folder} is no run folder: it has no {FILE} (llmbench list runs)") from None
    except OSError as error:
        raise UsageError(f"{path} can't be read: {error.strerror}") from None
    except UNREADABLE as error:
        if newer := _newer(path):
            raise UsageError(_made_by_newer(path, newer)) from None
        raise UsageError(
            f"{path} can't be read: {_one_line(error)}; give the run's command again: it writes a new one"
        ) from None


def recover_manifest(folder: Path, warn: Callable[[str], None]) -> Manifest | None:
    """Return the manifest that a command finds which goes on with the run; None where there is none.

    One that can't be read is set aside, for the command writes it anew. The caller holds the run's lock.

    Raises:
        RunError: it was made by a newer llmbench, or is no file.
    """
    path = folder / FILE
    try:
        return _manifest(path.read_bytes())
    except FileNotFoundError:
        return None
    except OSError as error:
        raise RunError(f"{path} can't be read: {error.strerror}; move it away") from None
    except UNREADABLE as error:
        if newer := _newer(path):
            raise RunError(_made_by_newer(path, newer)) from None
        path.replace(folder / DAMAGED_FILE)
        warn(
            f"{path} can't be read ({_one_line(error)}): it is kept as {DAMAGED_FILE} and written anew; what "
            "earlier commands noted of server and machine is missing"
        )
        return None


def _manifest(data: bytes) -> Manifest:
    """Decode a manifest; what has the right types and can't be true is refused as well."""
    manifest = _DECODER.decode(data)
    if len(manifest.plan.tasks) != len(manifest.plan.digests):
        raise ValueError("plan: as many digests as tasks were expected")
    for session in manifest.sessions:
        check_moment(session.started)
        if session.ended:
            check_moment(session.ended)
    return manifest


def _newer(path: Path) -> str:
    return newer_schema(path.read_bytes())


def _made_by_newer(path: Path, schema: str) -> str:
    return f"{path} was made by a newer llmbench ({schema}); upgrade llmbench to read it"


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split()) or type(error).__name__


def write_manifest(folder: Path, manifest: Manifest, mask: Mask) -> None:
    """Write the manifest; a crash leaves the earlier one whole.

    Raises:
        RecordError: it could not be read back, and nothing was written.
    """
    replace_json(folder / FILE, encoded(manifest, _manifest, mask, "the run"))


def replace_json(path: Path, data: bytes) -> None:
    """Write JSON, indented, by way of a second file, so that readers never see half of it."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        temporary.write_bytes(msgspec.json.format(data, indent=2) + b"\n")
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
