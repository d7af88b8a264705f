"""Makes rows of run folders, from the same summary that a report is made of."""

import gc
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from llmbench.api import Outcome
from llmbench.errors import LlmbenchError
from llmbench.history.folders import Look
from llmbench.history.rows import Indexed, RunRow, TaskRow, row_id
from llmbench.records.journal import FILE, by_task, scan_journal
from llmbench.records.manifest import Manifest, Session, read_manifest
from llmbench.records.record import Record
from llmbench.score.summary import Summary, planned_records, summarize
from llmbench.score.trust import Level, worst
from llmbench.wording import plural

_MANY = 100
"""Runs that take a while to read."""


def read(root: Path, place: str, look: Look) -> Indexed:
    """Read a run folder; one that can't be read is kept with the reason."""
    folder = root / look.folder
    try:
        manifest, journal = read_manifest(folder), scan_journal(folder / FILE)
    except LlmbenchError as error:
        return unreadable(place, look, str(error))
    except OSError as error:
        return unreadable(place, look, f"{folder} can't be read: {error.strerror}")
    summary = summarize(manifest, journal.records, damaged=len(journal.damaged))
    return indexed(place, look, manifest, planned_records(manifest, journal.records), summary)


def read_all(root: Path, place: str, looks: Sequence[Look], busy: Callable[[str], None]) -> Iterator[Indexed]:
    """Read many run folders, and say so where it takes a while."""
    if len(looks) >= _MANY:
        busy(f"reading {plural(len(looks), 'new or changed run')}")
    # Records hold no circles: looking for some is a quarter of the time that reading takes.
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        for found in looks:
            yield read(root, place, found)
    finally:
        if was_enabled:
            gc.enable()


def unreadable(place: str, look: Look, problem: str) -> Indexed:
    """Return what is kept of a run that can't be read."""
    row = RunRow(
        id=row_id(place, look.folder),
        place=place,
        folder=look.folder,
        stamp=look.stamp,
        changed=look.changed,
        problem=problem,
    )
    return Indexed(row=row, config="{}", tasks=())


def indexed(
    place: str, look: Look, manifest: Manifest, planned: Sequence[Record], summary: Summary
) -> Indexed:
    """Return what is kept of a run that was read."""
    row = RunRow(
        id=row_id(place, look.folder),
        place=place,
        folder=look.folder,
        stamp=look.stamp,
        changed=look.changed,
        run_id=manifest.run_id,
        **_about(manifest),
        **_figures(summary),
    )
    config = msgspec.json.encode(manifest.config).decode()
    return Indexed(row=row, config=config, tasks=tuple(_tasks(planned)) if row.pass_at_1 is not None else ())


def _about(manifest: Manifest) -> dict[str, Any]:
    sessions, names = manifest.sessions, manifest.names
    server = next((session.server for session in reversed(sessions) if session.server), {})
    return {
        "started": sessions[0].started if sessions else "",
        "ended": next((session.ended for session in reversed(sessions) if session.ended), ""),
        **{axis: names.get(axis, "") for axis in ("dataset", "model", "backend", "agent", "validator")},
        "dataset_sha256": str(manifest.dataset.get("sha256") or ""),
        "preset": _preset(manifest.overrides),
        "tests_shown": int(manifest.tests_shown),
        "quantization": str(server.get("quantization") or ""),
        "server": " ".join(str(server[key]) for key in ("server", "build") if server.get(key)),
        "machine": _machine(sessions),
        "llmbench": sessions[-1].llmbench if sessions else "",
        "notice": manifest.notice,
        "tasks": len(manifest.plan.tasks),
        "whole": manifest.plan.whole,
        "samples": manifest.plan.samples,
        "tries": manifest.plan.tries,
    }


def _preset(overrides: Sequence[str]) -> str:
    """Return the preset that the last command named; the composed configuration does not say."""
    chosen = [word.partition("=")[2] for word in overrides if word.lstrip("+").startswith("preset=")]
    return chosen[-1].strip("'\"") if chosen else "none"


def _machine(sessions: Sequence[Session]) -> str:
    """Return the machines that worked on the run in a few words, the last one's first."""
    told = [_one_machine(session.machine) for session in reversed(sessions) if session.machine]
    return "; ".join(dict.fromkeys(filter(None, told)))


def _one_machine(facts: Mapping[str, Any]) -> str:
    memory = facts.get("memory_mb")
    parts = [
        str(facts.get("system") or ""),
        str(facts.get("architecture") or ""),
        f"{facts['cores']} cores" if facts.get("cores") else "",
        f"{memory / 1024:.0f} GB" if isinstance(memory, int | float) else "",
    ]
    return " ".join(filter(None, parts))


def _figures(summary: Summary) -> dict[str, Any]:
    score = summary.score
    return {
        "planned": summary.planned,
        "graded": summary.graded,
        "damaged": summary.damaged,
        "pass_at_1": score.pass_at_1,
        "low": score.interval_95.low if score.interval_95 else None,
        "high": score.interval_95.high if score.interval_95 else None,
        "bound_low": score.bounds.low if score.bounds else None,
        "bound_high": score.bounds.high if score.bounds else None,
        "pass_within": score.by_try[-1] if score.by_try else None,
        "cost_usd": summary.cost_usd,
        "wall_s": summary.wall_s,
        "generation_s": summary.generation_s,
        "grading_s": summary.grading_s,
        "completions": summary.completions,
        "prompt_tokens": summary.prompt_tokens,
        "completion_tokens": summary.completion_tokens,
        "reasoning_tokens": summary.reasoning_tokens,
        "decode_tokens_per_s": summary.speed.decode_tokens_per_s,
        "trust": str(worst(summary.trust)),
        "reasons": _reasons(summary),
        **_published(summary),
    }


def _published(summary: Summary) -> dict[str, Any]:
    """Return the published pass@1 that can be compared with the run's, or else the one that differs least."""
    if summary.published is not None:
        found = summary.published
        share, source, date, differs = found.pass_at_1, found.source, found.date, ""
    else:
        beside = next((one for one in summary.published_figures if one.metric == "pass@1"), None)
        if beside is None:
            return {}
        share, source, date, differs = beside.share, beside.source, beside.date, ", ".join(beside.differs)
    return {
        "published": share,
        "published_source": source,
        "published_date": date,
        "published_differs": differs,
    }


def _reasons(summary: Summary) -> str:
    by_weight = [
        finding.rule
        for level in (Level.RED, Level.AMBER)
        for finding in summary.trust
        if finding.level is level
    ]
    return ", ".join(by_weight)


def _tasks(planned: Sequence[Record]) -> Iterable[TaskRow]:
    graded = [record for record in planned if record.outcome.graded]
    for task, records in by_task(graded).items():
        first = sum(record.tries[0].outcome is Outcome.PASSED for record in records)
        within = sum(any(done.outcome is Outcome.PASSED for done in record.tries) for record in records)
        yield TaskRow(task, len(records), first, within)
