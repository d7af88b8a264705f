"""The newest samples of a run, read from the end of its journal, and the number of its last line."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from llmbench.records.journal import read_record
from llmbench.records.lines import UNREADABLE
from llmbench.records.record import Record
from llmbench.report.sample_rows import row_of
from llmbench.report.web import TONES

_PIECE = 1 << 20
_MOST_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class NewSample:
    """A finished sample in a line; all texts but ``task`` are inert and short."""

    task: str
    sample: int
    name: str
    outcome: str
    tone: str
    tests: str
    tokens: str
    seconds: str
    reason: str


@dataclass(frozen=True, slots=True)
class Newest:
    """The newest samples, the newest first."""

    samples: tuple[NewSample, ...]
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


def _readable(lines: list[bytes]) -> Iterator[NewSample]:
    for line in lines:
        try:
            yield _shown(read_record(line))
        except UNREADABLE:
            continue


def _shown(record: Record) -> NewSample:
    row = row_of(record.key, record, "", several=False)
    return NewSample(
        task=record.task,
        sample=record.sample,
        name=row.task,
        outcome=row.outcome,
        tone=TONES.get(row.outcome, "other"),
        tests=row.tests,
        tokens=row.tokens,
        seconds=row.seconds,
        reason=row.reason,
    )
