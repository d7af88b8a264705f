"""A run as a report needs it: read once, a pure function of what is on disk."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from llmbench.records.bundle import bundle_of
from llmbench.records.journal import damage, scan_journal
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
    damage: tuple[str, ...] = ()
    """What is to be said of lines of the journal that can't be read."""


def read_run(folder: Path) -> Run:
    """Read a run folder.

    Raises:
        UsageError: it is no run folder, or its manifest can't be read.
        RunError: its journal is no file, or may not be read.
    """
    manifest, path = read_manifest(folder), folder / "journal.jsonl"
    journal = scan_journal(path)
    records = journal.records
    planned = tuple(planned_records(manifest, records))
    summary = summarize(manifest, records, read_monitors(folder), damaged=len(journal.damaged))
    return Run(folder, manifest, records, planned, summary, damage(Path(relative(path)), journal.damaged))


def narrowed(run: Run, tasks: Collection[str]) -> Run:
    """Return what a run holds of some tasks; the run itself where it holds no others.

    What the machine did is left out: it was measured of whole commands.
    """
    plan = run.manifest.plan
    kept = [place for place, task in enumerate(plan.tasks) if task in tasks]
    if len(kept) == len(plan.tasks):
        return run
    part = replace(
        plan,
        tasks=tuple(plan.tasks[place] for place in kept),
        digests=tuple(plan.digests[place] for place in kept),
        about=tuple(plan.about[place] for place in kept) if plan.about else (),
        counts=tuple(plan.counts[place] for place in kept) if plan.counts else (),
    )
    manifest = replace(run.manifest, plan=part)
    records = {key: record for key, record in run.records.items() if key[0] in part.tasks}
    summary = summarize(manifest, records, damaged=run.summary.damaged)
    planned = tuple(planned_records(manifest, records))
    return replace(run, manifest=manifest, planned=planned, summary=summary)


def reference(folder: Path) -> str:
    """Return the shortest words that name a run on a command line from here."""
    if bundle := bundle_of(folder):
        return relative(bundle.file)
    shown = relative(folder)
    parts = Path(shown).parts
    return folder.name.rpartition("-")[2] if parts[0] == "outputs" and len(parts) == 3 else shown


def relative(path: Path) -> str:
    """Return ``path`` relative to the current folder where it lies below it; in a bundle, behind its name."""
    if bundle := bundle_of(path):
        return f"{relative(bundle.file)}/{path.relative_to(bundle.folder)}".removesuffix("/.")
    try:
        return str(path.resolve().relative_to(Path.cwd()))
    except ValueError:
        return str(path)
