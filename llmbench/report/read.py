"""A run as a report needs it: read once, a pure function of what is on disk."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from llmbench.records.journal import read_journal
from llmbench.records.manifest import Manifest, read_manifest
from llmbench.records.monitors import read_monitors
from llmbench.records.record import Record
from llmbench.score.summary import Summary, planned_records, summarize


@dataclass(frozen=True, slots=True)
class Run:
    """A run folder's content, and what follows from it."""

    folder: Path
    manifest: Manifest
    records: Mapping[tuple[str, int], Record]
    planned: tuple[Record, ...]
    """The records that the score is about, in the plan's order."""
    summary: Summary


def read_run(folder: Path) -> Run:
    """Read a run folder.

    Raises:
        UsageError: it is no run folder.
        RunError: a line of its journal can't be read.
    """
    manifest = read_manifest(folder)
    records = read_journal(folder / "journal.jsonl")
    planned = tuple(planned_records(manifest, records))
    return Run(folder, manifest, records, planned, summarize(manifest, records, read_monitors(folder)))


def reference(folder: Path) -> str:
    """Return the shortest words that name a run on a command line from here."""
    shown = relative(folder)
    parts = Path(shown).parts
    return folder.name.rpartition("-")[2] if parts[0] == "outputs" and len(parts) == 3 else shown


def relative(path: Path) -> str:
    """Return ``path`` relative to the current folder where it lies below it."""
    try:
        return str(path.resolve().relative_to(Path.cwd()))
    except ValueError:
        return str(path)
