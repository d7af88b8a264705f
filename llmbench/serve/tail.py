"""The end of a journal, read once for all who watch the run: which lines there are, and what is new.

A line has its number for all time, from 1, so that whoever knows the number of the last line that it got gets
every other one once. Of lines that were told a place in the file is kept, and their text only for a while.
"""

import hashlib
import os
from array import array
from bisect import bisect_right
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import BinaryIO

from llmbench.records.journal import FILE, read_record
from llmbench.records.lines import UNREADABLE
from llmbench.records.masking import Mask
from llmbench.records.record import Record
from llmbench.report.sample_rows import row_of
from llmbench.serve.answers import encoded
from llmbench.serve.faults import NotFound
from llmbench.serve.files import open_file
from llmbench.serve.runs import RunName
from llmbench.serve.samples import SampleLine, line_of

MOST = 500
"""Events that are told at once."""
_PIECE = 1 << 20
_FRESH = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """A line of the journal; or that all lines before are void, since the journal was written anew."""

    seq: int
    """The line's number, from 1; 0 of a reset."""
    kind: str
    """``record``, ``damaged`` (a line that can't be read) or ``reset``."""
    row: SampleLine | None = None


_RESET = Event(seq=0, kind="reset")


@dataclass(frozen=True, slots=True)
class Batch:
    """Some events, as JSON each, and what to ask with for the next."""

    events: list[bytes]
    seq: int
    journal: str
    has_more: bool


class Tail:
    """The journal of a run; safe to use from several threads."""

    def __init__(self, root: Path, name: RunName, mask: Mask) -> None:
        """Know of a journal; nothing is read yet."""
        self._root = root
        self._name = name
        self._mask = mask
        self._lock = Lock()
        self._file = (0, 0)
        self._size = 0
        self._ends = array("Q")
        """Where each line ends, behind its newline."""
        self._fresh: dict[int, bytes] = {}
        self._journal = ""

    def look(self) -> bool:
        """Look for new lines, and say whether anything has changed."""
        with self._lock:
            before = (self._journal, len(self._ends))
            try:
                with open_file(self._root, self._name, FILE) as file:
                    self._read(file)
            except NotFound:
                self._forget((0, 0))
            return (self._journal, len(self._ends)) != before

    def after(self, seq: int, journal: str = "") -> Batch:
        """Return the events behind a number.

        Args:
            seq: of the last line that is known.
            journal: of which journal, as an earlier batch said; where it is another one now, all is void.
        """
        with self._lock:
            is_void = seq > len(self._ends) or (seq > 0 and journal not in ("", self._journal))
            start = 0 if is_void else seq
            last = self._last(start)
            events = [encoded(_RESET, self._mask)] if is_void else []
            events += self._events(start, last)
            return Batch(events, last, self._journal, last < len(self._ends))

    def _read(self, file: BinaryIO) -> None:
        found = os.fstat(file.fileno())
        if (found.st_dev, found.st_ino) != self._file or found.st_size < self._end:
            self._forget((found.st_dev, found.st_ino))
        if found.st_size == self._size:
            return
        self._size = found.st_size
        file.seek(self._end)
        at = self._end
        while piece := file.read(_PIECE):
            place = -1
            while (place := piece.find(b"\n", place + 1)) >= 0:
                self._ends.append(at + place + 1)
            at += len(piece)
        if self._ends and not self._journal:
            file.seek(0)
            first = file.read(self._ends[0])
            self._journal = f"{found.st_ino:x}-{hashlib.sha256(first).hexdigest()[:12]}"

    @property
    def _end(self) -> int:
        return self._ends[-1] if self._ends else 0

    def _forget(self, file: tuple[int, int]) -> None:
        self._file = file
        self._size = 0
        self._ends = array("Q")
        self._fresh.clear()
        self._journal = ""

    def _last(self, start: int) -> int:
        """Return the last line that is told with those behind ``start``: not too many, and not too long."""
        begin = self._ends[start - 1] if start else 0
        fitting = max(bisect_right(self._ends, begin + _PIECE), start + 1)
        return min(start + MOST, fitting, len(self._ends))

    def _events(self, start: int, last: int) -> list[bytes]:
        """Return events; the caller holds the lock."""
        if any(seq not in self._fresh for seq in range(start + 1, last + 1)):
            return self._made(start, last)
        return [self._fresh[seq] for seq in range(start + 1, last + 1)]

    def _made(self, start: int, last: int) -> list[bytes]:
        begin = self._ends[start - 1] if start else 0
        try:
            with open_file(self._root, self._name, FILE) as file:
                file.seek(begin)
                data = file.read(self._ends[last - 1] - begin)
        except NotFound:
            data = b""
        lines = data.split(b"\n")[: last - start]
        made = [encoded(_event(seq, line), self._mask) for seq, line in enumerate(lines, start=start + 1)]
        eldest = len(self._ends) - _FRESH
        for seq in [seq for seq in self._fresh if seq <= eldest]:
            del self._fresh[seq]
        self._fresh |= {seq: event for seq, event in enumerate(made, start=start + 1) if seq > eldest}
        return made


def _event(seq: int, line: bytes) -> Event:
    try:
        return Event(seq=seq, kind="record", row=event_row(read_record(line)))
    except UNREADABLE:
        return Event(seq=seq, kind="damaged")


def event_row(record: Record) -> SampleLine:
    """Return a finished sample in a line."""
    return line_of(row_of(record.key, record, "", several=False))
