"""The runs of the folder: found by the name in an address, never outside it, never through a link."""

import re
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from llmbench.history.history import History
from llmbench.history.rows import RunRow
from llmbench.serve.faults import NotFound
from llmbench.serve.opened import Opened, OpenRuns
from llmbench.serve.settings import Settings
from llmbench.serve.shown import shown

_FRESH_S = 1.0
"""How long a look at the folders holds: fifty clients that ask at once cost one."""
_NAME = re.compile(r"[^/\\\0]{1,255}")


@dataclass(frozen=True, slots=True)
class RunName:
    """A run as addresses name it: ``catalog/demo-llamacpp-1a2b3c4d5e``, or ``-/NAME`` outside those."""

    dataset: str
    name: str

    @classmethod
    def of(cls, folder: str) -> "RunName":
        """Return the name of a folder relative to the folder of runs, as the history has it."""
        dataset, _, name = folder.rpartition("/")
        return cls(dataset or "-", name)

    def __str__(self) -> str:
        return f"{self.dataset}/{self.name}"

    @property
    def folder(self) -> str:
        """Relative to the folder of runs."""
        return self.name if self.dataset == "-" else f"{self.dataset}/{self.name}"


class Runs:
    """The runs, as the history knows them."""

    def __init__(self, settings: Settings, warn: Callable[[str], None]) -> None:
        """Find the history; nothing is read yet.

        Raises:
            UsageError: the URL of the history is wrong.
            PrerequisiteError: what speaks to its server is not installed.
        """
        self.root = settings.root
        self.history = History(settings.root, settings.history_url, warn=warn)
        self._open = OpenRuns()
        self._lock = threading.Lock()
        self._seen: tuple[float, list[RunRow]] | None = None
        self._configs: tuple[dict[int, str], Mapping[int, Mapping[str, Any]]] | None = None

    def rows(self) -> list[RunRow]:
        """Return the rows of all runs, the newest first; at most a second old."""
        with self._lock:
            if self._seen is None or time.monotonic() - self._seen[0] > _FRESH_S:
                rows = self.history.runs()
                self._seen = (time.monotonic(), rows)
            return self._seen[1]

    def configs(self) -> Mapping[int, Mapping[str, Any]]:
        """Return the composed configuration of each run, by the row's id, without what may be secret.

        Filters and tables are given these: what is not shown can't be asked for either.
        """
        stamps = {row.id: row.stamp for row in self.rows()}
        with self._lock:
            if self._configs is None or self._configs[0] != stamps:
                known = self.history.configs()
                self._configs = (stamps, {number: shown(config) for number, config in known.items()})
            return self._configs[1]

    def forget(self) -> None:
        """Look anew at the next question: something was written or removed."""
        with self._lock:
            self._seen = None

    def row(self, name: RunName) -> RunRow:
        """Return the row of one run of this folder.

        Raises:
            NotFound: there is none of that name.
        """
        self.folder(name)
        mine = self.history.place.name
        for row in self.rows():
            if row.folder == name.folder and row.place == mine:
                return row
        raise NotFound(f"no run '{name}'")

    def opened(self, name: RunName) -> Opened:
        """Return a run with its samples; what is read is kept for the next page.

        Raises:
            NotFound: there is none of that name.
            UsageError: its manifest can't be read.
            RunError: its journal can't be read.
        """
        return self._open.read(self.folder(name))

    def folder(self, name: RunName) -> Path:
        """Return the folder of a run.

        Raises:
            NotFound: there is none of that name, or the name leads elsewhere.
        """
        parts = (name.name,) if name.dataset == "-" else (name.dataset, name.name)
        folder = self.root
        for part in parts:
            if part in (".", "..") or not _NAME.fullmatch(part):
                raise NotFound(f"no run '{name}'")
            folder /= part
            if folder.is_symlink():
                raise NotFound(f"no run '{name}': a link is not followed")
        if not (folder / "manifest.json").is_file():
            raise NotFound(f"no run '{name}'")
        return folder
