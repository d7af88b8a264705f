"""The journal: one line a finished sample, append-only; the last line about a sample counts."""

import os
import re
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

import msgspec

from llmbench.errors import RunError
from llmbench.records.lines import (
    Damaged,
    append_line,
    check_moment,
    drop_torn_line,
    encoded,
    read_line,
    scan_lines,
    shown_numbers,
    write_whole,
)
from llmbench.records.masking import Mask
from llmbench.records.record import Record

FILE = "journal.jsonl"
DAMAGED_FILE = "journal.damaged.jsonl"
"""Where lines that can't be read are kept, beside the journal."""
_DECODER = msgspec.json.Decoder(Record)
_BEGINNING = re.compile(rb'\{"schema": ?"llmbench\.record/')


@dataclass(frozen=True, slots=True)
class JournalContent:
    """What a journal holds."""

    records: Mapping[tuple[str, int], Record]
    """Those that count, by task and sample, in the order of their first appearance."""
    damaged: tuple[Damaged, ...] = ()
    """Lines that can't be read: their samples count as not made, unless another line is about them."""


def read_journal(path: Path) -> Mapping[tuple[str, int], Record]:
    """Return the records that count, by task and sample; see ``scan_journal``."""
    return scan_journal(path).records


def scan_journal(path: Path) -> JournalContent:
    """Read a journal; a last line without its newline was cut off by a crash and is dropped.

    Raises:
        RunError: it is no file, or may not be read.
    """
    damaged: list[Damaged] = []
    records = {record.key: record for record in scan_records(path, damaged)}
    return JournalContent(records, tuple(damaged))


def scan_records(path: Path, damaged: list[Damaged]) -> Iterator[Record]:
    """Yield the records of a journal as they were written, none of them held: the last about a sample counts.

    Args:
        path: the journal.
        damaged: takes what can't be read.

    Raises:
        RunError: it is no file, or may not be read.
    """
    for _, record in scan_lines(path, read_record, _BEGINNING, damaged):
        if record is not None:
            yield record


def records_in(number: int, line: bytes, damaged: list[Damaged]) -> Iterator[Record]:
    """Yield the records of one line of a journal: one, unless it is damaged; see ``scan_records``."""
    for _, record in read_line(number, line, read_record, _BEGINNING, damaged):
        if record is not None:
            yield record


def records_of(path: Path, task: str, damaged: list[Damaged]) -> dict[int, Record]:
    """Return the records that count of one task, by sample; the other lines are not decoded.

    Args:
        path: the journal.
        task: the task's id.
        damaged: takes what can't be read of the lines that name the task.

    Raises:
        RunError: it is no file, or may not be read.
    """
    name = msgspec.json.encode(task)
    marks = (b'"task":' + name, b'"task": ' + name)

    def of_task(line: bytes) -> Record | None:
        return read_record(line) if any(mark in line for mark in marks) else None

    found: dict[int, Record] = {}
    for _, record in scan_lines(path, of_task, _BEGINNING, damaged):
        if record is not None and record.task == task:
            found[record.sample] = record
    return found


def read_record(data: bytes) -> Record:
    """Decode a line; what has the right types and can't be true is refused as well."""
    record = _DECODER.decode(data)
    if record.timing.finished_at:
        check_moment(record.timing.finished_at)
    if record.outcome.graded and not record.tries:
        raise ValueError("a graded sample without a try")
    if record.sample < 0:
        raise ValueError(f"sample {record.sample}: expected a number from 0")
    return record


def damage(path: Path, damaged: Sequence[Damaged]) -> tuple[str, ...]:
    """Return what is to be said of the lines of a journal that can't be read, a sentence a kind."""
    bad = [line for line in damaged if not line.newer]
    newer = [line for line in damaged if line.newer]
    said = []
    if bad:
        said.append(f"{path}: {_lines(bad)} can't be read ({shown_numbers(bad)}: {bad[0].why})")
    if newer:
        made = f"{_lines(newer)} made by a newer llmbench ({shown_numbers(newer)}: {newer[0].newer})"
        said.append(f"{path}: {made}; left as it is and not counted here; upgrade llmbench to read it")
    return tuple(said)


def set_aside(path: Path) -> tuple[str, ...]:
    """Move the lines that can't be read to ``journal.damaged.jsonl``; return what is to be said of it.

    The caller holds the run's lock. Lines of a newer version stay, for it can read them.

    Raises:
        RunError: the folder can't be written.
    """
    damaged: list[Damaged] = []
    deque(scan_lines(path, read_record, _BEGINNING, damaged), maxlen=0)
    bad = [line.data for line in damaged if not line.newer]
    said = damage(path, damaged)
    if not bad:
        return said
    aside = path.with_name(DAMAGED_FILE)
    try:
        _append_all(aside, bad)
        _replace(path, (line for line, _ in scan_lines(path, read_record, _BEGINNING, [])))
    except OSError as error:
        raise RunError(f"{aside} can't be written: {error.strerror}; nothing was changed") from None
    first, *rest = said
    return (f"{first}; they are kept in {aside.name}, and the run's command makes their samples again", *rest)


def _append_all(path: Path, lines: Iterable[bytes]) -> None:
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    try:
        write_whole(file, b"".join(line + b"\n" for line in lines))
        os.fsync(file)
    finally:
        os.close(file)


def _replace(path: Path, lines: Iterable[bytes]) -> None:
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        file = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
        try:
            for line in lines:
                write_whole(file, line + b"\n")
            os.fsync(file)
        finally:
            os.close(file)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def _lines(damaged: Sequence[Damaged]) -> str:
    return "1 line" if len(damaged) == 1 else f"{len(damaged)} lines"


class Journal:
    """The journal of a run, open for appending; the caller holds the run's lock."""

    def __init__(self, path: Path, mask: Mask) -> None:
        self._path = path
        self._mask = mask
        self._file: int | None = None

    def __enter__(self) -> Self:
        try:
            self._file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o644)
        except OSError as error:
            raise RunError(f"{self._path} can't be written: {error.strerror}; move it away") from None
        drop_torn_line(self._file)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._file is not None:
            os.fsync(self._file)
            os.close(self._file)
            self._file = None

    def append(self, record: Record) -> None:
        """Write one record; it survives the death of this process once this returns.

        Raises:
            RecordError: it could not be read back, and nothing was written.
        """
        if self._file is None:
            raise RuntimeError("the journal is not open")
        append_line(self._file, encoded(record, read_record, self._mask, "the run"))


def by_task(records: Iterable[Record]) -> dict[str, list[Record]]:
    """Group records by task, samples in ascending order."""
    groups: dict[str, list[Record]] = {}
    for record in sorted(records, key=lambda record: record.sample):
        groups.setdefault(record.task, []).append(record)
    return groups
