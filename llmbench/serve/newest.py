"""The newest samples of a run, read from the end of its journal, and the number of its last line."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from llmbench.records.journal import read_record
from llmbench.records.lines import UNREADABLE
from llmbench.serve.samples import SampleLine
from llmbench.serve.tail import event_row

_PIECE = 1 << 20
_MOST_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Newest:
    """The newest samples, the newest first."""

    samples: tuple[SampleLine, ...]
    seq: int
    """The number of the journal's last line: events go on behind it."""


def newest_of(journal: Path, most: int) -> Newest:
    """Return the last samples of a journal; none where it is not there."""
    lines, tail = 0, b""
    try:
        with journal.open("rb") as file:
            while piece := file.read(_PIECE):
                lines += piece.count(b"\n")
                tail = (tail + piece)[-_MOST_BYTES:]
    except OSError:
        return Newest((), 0)
    whole = tail.rpartition(b"\n")[0].split(b"\n")[-most:]
    return Newest(tuple(reversed(list(_readable(whole)))), lines)


def _readable(lines: list[bytes]) -> Iterator[SampleLine]:
    for line in lines:
        try:
            yield event_row(read_record(line))
        except UNREADABLE:
            continue
