"""What was launched from here and what waits: one small file below the folder of runs, replaced as a whole.

Several dashboards may share it: whoever changes it holds its lock.
"""

import fcntl
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Literal

import msgspec

from llmbench.records.process import Process

FOLDER = ".serve"
_FILE = "launches.json"
_MOST_ENDED = 50
State = Literal["queued", "started", "ended"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What is to be launched, once it was checked."""

    argv: tuple[str, ...]
    """Of ``llmbench``, as it is started."""
    line: str
    """The same, to be read and copied."""
    folders: tuple[str, ...] = ()
    """Of its runs, below the folder of all; those of a sweep as far as they were looked at."""
    cells: int = 1
    beside: bool = False
    """Whether it may begin while others run."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry(Order):
    """A launch."""

    id: str
    state: State = "queued"
    added: str
    began: str = ""
    ended: str = ""
    process: Process | None = None
    code: int | None = None
    """The exit code; None where another process would have had to wait for it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Launches:
    schema: Literal["llmbench.launches/1"] = "llmbench.launches/1"
    entries: tuple[Entry, ...] = ()


class Ledger:
    """The launches of a folder of runs: those that wait in their order, then the others."""

    def __init__(self, root: Path) -> None:
        """Nothing is read or made yet."""
        self.folder = root / FOLDER

    def read(self) -> tuple[Entry, ...]:
        """Return all entries; none where the file is not there, or is no ledger."""
        try:
            return msgspec.json.decode((self.folder / _FILE).read_bytes(), type=_Launches).entries
        except (OSError, msgspec.DecodeError, RecursionError):
            return ()

    def change(self, how: Callable[[Sequence[Entry]], Sequence[Entry]]) -> tuple[Entry, ...]:
        """Let ``how`` turn the entries into others, with nobody else at it; return those.

        Raises:
            OSError: the folder can't be written.
        """
        with self._locked():
            before = self.read()
            after = _kept(how(before))
            if after != before:
                self._write(after)
            return after

    def log(self, entry: Entry) -> Path:
        """Return where a launch writes what it prints."""
        return self.folder / "logs" / f"{entry.id}.log"

    @contextmanager
    def _locked(self) -> Iterator[None]:
        self.folder.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(self.folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)

    def _write(self, entries: tuple[Entry, ...]) -> None:
        data = msgspec.json.encode(_Launches(entries=entries))
        with NamedTemporaryFile(dir=self.folder, prefix=f"{_FILE}.", delete=False) as file:
            file.write(data)
        draft = Path(file.name)
        try:
            draft.replace(self.folder / _FILE)
        finally:
            draft.unlink(missing_ok=True)
        kept = {entry.id for entry in entries}
        for log in (self.folder / "logs").glob("*.log"):
            if log.stem not in kept:
                log.unlink(missing_ok=True)


def _kept(entries: Sequence[Entry]) -> tuple[Entry, ...]:
    """Return what is remembered: all that wait or run, and the newest of those that ended."""
    ended = sorted((entry.ended for entry in entries if entry.state == "ended"), reverse=True)
    oldest = ended[_MOST_ENDED - 1] if len(ended) >= _MOST_ENDED else ""
    return tuple(entry for entry in entries if entry.state != "ended" or entry.ended >= oldest)
