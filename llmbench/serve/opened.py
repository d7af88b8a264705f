"""Runs that pages look into: read once, and again when something was written."""

import threading
import time
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from llmbench.report.read import Run, read_run
from llmbench.report.sample_rows import Filters, Row, filters_of, rows_of

_MOST = 6
"""Runs that are kept: what somebody who compares has open, and not what they looked at an hour ago."""
_FRESH_S = 1.0
"""How long a look at the files holds: many who watch a run cost one reading."""
_FILES = ("manifest.json", "journal.jsonl", "monitors.jsonl")

Stamp = tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class Opened:
    """A run that was read, and its samples as rows."""

    run: Run

    @cached_property
    def rows(self) -> Sequence[Row]:
        """All planned samples, in the plan's order."""
        return rows_of(self.run)

    @cached_property
    def found(self) -> Filters:
        """What they can be filtered by."""
        return filters_of(self.rows)


class OpenRuns:
    """The runs that were looked into last. Safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: OrderedDict[Path, tuple[float, Stamp, Opened]] = OrderedDict()

    def read(self, folder: Path) -> Opened:
        """Return a run as it is, or was a second ago.

        Raises:
            UsageError: its manifest can't be read.
            RunError: its journal is no file, or may not be read.
        """
        with self._lock:
            looked, stamp, opened = self._kept.pop(folder, (0.0, None, None))
            now = time.monotonic()
            if opened is None or now - looked > _FRESH_S:
                looked, seen = now, _stamp(folder)
                opened = opened if opened is not None and seen == stamp else Opened(read_run(folder))
                stamp = seen
            self._kept[folder] = (looked, stamp or (), opened)
            if len(self._kept) > _MOST:
                self._kept.popitem(last=False)
            return opened


def _stamp(folder: Path) -> Stamp:
    return tuple(_seen(folder / name) for name in _FILES)


def _seen(path: Path) -> tuple[int, int]:
    try:
        found = path.stat()
    except OSError:
        return 0, 0
    return found.st_mtime_ns, found.st_size
