"""Runs of originals and of their twins, where a report is about both."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from llmbench.report.read import Run
from llmbench.report.words import plural
from llmbench.score.twins import Gap, are_twins, gap_finding, twin_gap


def with_gaps(runs: Sequence[Run]) -> list[Run]:
    """Return the runs; what the twins among them say about a run of originals is part of its trust report."""
    return [_with_gaps(run, runs) for run in runs]


def gaps(runs: Sequence[Run]) -> Iterator[Gap]:
    """Yield the gap of each pair of runs that are originals and twins of them."""
    for run in runs:
        yield from _gaps(run, runs)


def gap_text(gap: Gap) -> str:
    """Return a gap as one line."""
    alike = f"; {plural(gap.alike, 'task')} that can't be renamed left out" if gap.alike else ""
    found = gap_finding(gap).text
    return (
        f"{gap.original_run} against its twin {gap.twin}, {gap.twin_run}: {found} "
        f"({plural(gap.tasks, 'task')} in pairs{alike})"
    )


def are_a_pair(one: Run, other: Run) -> bool:
    """Say whether one of the runs asks the twins of the other's tasks."""
    return are_twins(one.manifest, other.manifest) or are_twins(other.manifest, one.manifest)


def _gaps(original: Run, runs: Sequence[Run]) -> Iterator[Gap]:
    for run in runs:
        if not are_twins(original.manifest, run.manifest) or not _have_scores(original, run):
            continue
        found = twin_gap(original.manifest, original.planned, run.manifest, run.planned)
        if found is not None:
            yield found


def _have_scores(*runs: Run) -> bool:
    return all(run.summary.score.pass_at_1 is not None for run in runs)


def _with_gaps(run: Run, runs: Sequence[Run]) -> Run:
    found = tuple(_gaps(run, runs))
    if not found:
        return run
    trust = (*run.summary.trust, *map(gap_finding, found))
    return replace(run, summary=replace(run.summary, trust=trust, twins=found))
