"""What runs now, what waits and what has just ended, whoever started it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from llmbench.records.manifest import FILE as MANIFEST
from llmbench.records.status import ENDED, Status
from llmbench.serve.launching.launcher import Launcher
from llmbench.serve.launching.ledger import Entry
from llmbench.serve.launching.processes import tail
from llmbench.serve.launching.running import recent_statuses
from llmbench.serve.runs import RunName

_RECENT_S = 3600.0
_MOST_ENDED = 12
_TAIL = 12
_TOLD = (0, 130)
"""Exit codes of launches that did what they were to do, or were stopped: their runs tell of it."""
_USAGE = 2
"""The exit code of a request that was wrong: nothing was begun."""


@dataclass(frozen=True, slots=True)
class LiveRun:
    """A run on which a command works, or has just worked."""

    name: RunName
    status: Status
    has_page: bool
    """Whether there is a manifest, so that it can be opened."""
    entry: Entry | None = None
    """How it was launched from here, where it was."""


@dataclass(frozen=True, slots=True)
class Launch:
    """A launch without a run to show: it begins, or has come to nothing."""

    entry: Entry
    log: Sequence[str]
    """The last lines that it printed."""

    @property
    def word(self) -> str:
        """What became of it, in a word."""
        if self.entry.state == "started":
            return "starting"
        return "refused" if self.entry.code == _USAGE else "ended"


@dataclass(frozen=True, slots=True)
class Live:
    """All of it."""

    running: Sequence[LiveRun]
    starting: Sequence[Launch]
    waiting: Sequence[Entry]
    ended: Sequence[LiveRun]
    came_to_nothing: Sequence[Launch]


def live_of(root: Path, launcher: Launcher) -> Live:
    """Look at the folders and at what was launched from here."""
    entries = launcher.ledger.read()
    runs = [
        LiveRun(_name(root, folder), status, (folder / MANIFEST).is_file(), _entry_of(entries, status))
        for folder, status in recent_statuses(root, _RECENT_S).items()
    ]
    runs.sort(key=lambda run: run.status.session)
    shown = {run.entry.id for run in runs if run.entry}
    ended = [run for run in runs if run.status.state in ENDED]
    return Live(
        running=[run for run in runs if run.status.state not in ENDED],
        starting=[
            _launch(launcher, entry)
            for entry in entries
            if entry.state == "started" and entry.id not in shown
        ],
        waiting=[entry for entry in entries if entry.state == "queued"],
        ended=sorted(ended, key=lambda run: run.status.updated, reverse=True)[:_MOST_ENDED],
        came_to_nothing=[_launch(launcher, entry) for entry in _nothing(entries, runs)][:_MOST_ENDED],
    )


def _launch(launcher: Launcher, entry: Entry) -> Launch:
    return Launch(entry, tail(launcher.ledger.log(entry), _TAIL))


def _nothing(entries: Sequence[Entry], runs: Sequence[LiveRun]) -> list[Entry]:
    """Return the launches that have ended lately without a word in a run's folder, the newest first."""
    said = {run.name.folder: run.status.updated for run in runs}
    since = (datetime.now(UTC) - timedelta(seconds=_RECENT_S)).isoformat(timespec="milliseconds")
    found = (entry for entry in entries if entry.state == "ended" and entry.ended >= since)
    wordless = [
        entry
        for entry in found
        if entry.code not in _TOLD
        and not any(said.get(folder, "") >= entry.began for folder in entry.folders)
    ]
    return sorted(wordless, key=lambda entry: entry.ended, reverse=True)


def run_of(root: Path, folder: Path, status: Status, launcher: Launcher) -> LiveRun:
    """Return one run as it is shown."""
    entry = _entry_of(launcher.ledger.read(), status)
    return LiveRun(_name(root, folder), status, (folder / MANIFEST).is_file(), entry)


def _name(root: Path, folder: Path) -> RunName:
    return RunName.of(folder.relative_to(root).as_posix())


def _entry_of(entries: Sequence[Entry], status: Status) -> Entry | None:
    """Return the launch whose process works on a run."""
    return next(
        (
            entry
            for entry in entries
            if entry.process
            and entry.process.pid == status.process.pid
            and abs(entry.process.started - status.process.started) < 2
        ),
        None,
    )
