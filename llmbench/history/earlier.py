"""Earlier runs of the same model on the same machine, for what they say of the next one."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from llmbench.errors import LlmbenchError
from llmbench.records.journal import FILE, read_journal
from llmbench.records.manifest import Manifest, machine, read_manifest
from llmbench.records.monitors import read_monitors
from llmbench.records.runs import find_runs
from llmbench.score.forecast import OTHER, SAME, Observed, observe, together
from llmbench.wording import plural

_MOST = 5
"""Runs that are read: the newest say most of today's server."""
_SAME_MACHINE = ("system", "architecture", "cores", "memory_mb")


@dataclass(frozen=True, slots=True)
class Earlier:
    """What is known of a model's speed here, and on what that rests."""

    observed: Observed
    between: float
    """How far another run's means may lie from these, as a share of them."""
    basis: str
    """In words: ``20 samples of 2 earlier runs of …``."""


def earlier_runs(root: Path, folder: Path, wanted: Mapping[str, str]) -> Earlier | None:
    """Return what the newest runs say: of the same dataset and agent, where there are such.

    Args:
        root: the folder of runs.
        folder: that of the run in question; its own records count as well.
        wanted: names of its model, backend, dataset and agent.
    """
    alike: list[Observed] = []
    others: list[Observed] = []
    for manifest, observed in _observed(root, folder, wanted):
        is_alike = _has(manifest, wanted, "dataset", "agent")
        (alike if is_alike else others).append(observed)
        if len(alike) == _MOST or len(others) == 4 * _MOST:
            break
    found = alike or others[:_MOST]
    if not found:
        return None
    observed = together(found)
    what = (
        "the same model, dataset and agent" if alike else "the same model with other tasks or another agent"
    )
    return Earlier(observed, SAME if alike else OTHER, f"{_counted(observed)} of {what}, on this machine")


def _counted(observed: Observed) -> str:
    return f"{plural(len(observed.samples), 'sample')} in {plural(observed.runs, 'run')}"


def _observed(root: Path, folder: Path, wanted: Mapping[str, str]) -> Iterator[tuple[Manifest, Observed]]:
    """Yield what runs of the same model and backend on this machine tell, the newest first."""
    here = machine()
    beginning = folder.name.rpartition("-")[0].removesuffix(f"-{wanted['agent']}")
    for run in find_runs(root):
        if not run.folder.name.startswith(beginning):
            continue
        try:
            manifest = read_manifest(run.folder)
            if _is_akin(manifest, wanted, here):
                records = read_journal(run.folder / FILE).values()
                found = observe(manifest.sessions, records, read_monitors(run.folder))
                if found is not None:
                    yield manifest, found
        except (LlmbenchError, ValueError):
            continue  # damaged: others tell enough, and its report says so


def _is_akin(manifest: Manifest, wanted: Mapping[str, str], here: Mapping[str, Any]) -> bool:
    if not _has(manifest, wanted, "model", "backend") or not manifest.sessions:
        return False
    there = manifest.sessions[-1].machine
    return all(there.get(key) == here.get(key) for key in _SAME_MACHINE)


def _has(manifest: Manifest, wanted: Mapping[str, str], *axes: str) -> bool:
    return all(manifest.settings(axis).get("name") == wanted[axis] for axis in axes)
