"""The journal: one line a finished sample, append-only; the last line about a sample counts."""

import os
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import Self

import msgspec

from llmbench.errors import RunError
from llmbench.records.masking import Mask
from llmbench.records.record import Record

_DECODER = msgspec.json.Decoder(Record)
_ENCODER = msgspec.json.Encoder()


def read_journal(path: Path) -> dict[tuple[str, int], Record]:
    """Return the records that count, by task and sample, in the order of their first appearance.

    A last line without its newline was cut off by a crash and is dropped.

    Raises:
        RunError: a line in the middle can't be read; the message names it.
    """
    if not path.is_file():
        return {}
    lines = path.read_bytes().split(b"\n")
    records: dict[tuple[str, int], Record] = {}
    for number, line in enumerate(lines[:-1], start=1):
        if not line.strip():
            continue
        try:
            record = _DECODER.decode(line)
        except msgspec.DecodeError as error:
            raise RunError(
                f"{path}:{number}: not a record ({error}); remove that line to go on without it"
            ) from None
        records[record.key] = record
    return records


class Journal:
    """The journal of a run, open for appending; the caller holds the run's lock."""

    def __init__(self, path: Path, mask: Mask) -> None:
        self._path = path
        self._mask = mask
        self._file: int | None = None

    def __enter__(self) -> Self:
        self._file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o644)
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
        """Write one record; it survives the death of this process once this returns."""
        if self._file is None:
            raise RuntimeError("the journal is not open")
        write_whole(self._file, self._mask.data(_ENCODER.encode(record)) + b"\n")


def write_whole(file: int, data: bytes) -> None:
    """Write all of ``data`` to a descriptor, however many writes it takes."""
    while data:
        data = data[os.write(file, data) :]


def drop_torn_line(file: int) -> None:
    """Cut off a last line without its newline, which a crash has left."""
    size = os.fstat(file).st_size
    tail = b""
    while size and b"\n" not in tail:
        step = min(size, 65536)
        size -= step
        tail = os.pread(file, step, size) + tail
    os.ftruncate(file, size + tail.rfind(b"\n") + 1)


def by_task(records: Iterable[Record]) -> dict[str, list[Record]]:
    """Group records by task, samples in ascending order."""
    groups: dict[str, list[Record]] = {}
    for record in sorted(records, key=lambda record: record.sample):
        groups.setdefault(record.task, []).append(record)
    return groups
