"""A cheap look at the folders of runs: names, times and sizes, so that only what has changed is read."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from llmbench import __version__

_MANIFEST, _JOURNAL = "manifest.json", "journal.jsonl"


@dataclass(frozen=True, slots=True)
class Look:
    """What a run's folder looks like from outside."""

    folder: str
    """Relative to the folder of runs."""
    stamp: str
    """Times and sizes of manifest and journal, and the llmbench that looks: another one may score anew."""
    changed: float
    """When a command last wrote the manifest, in seconds since 1970."""


def look(root: Path) -> dict[str, Look]:
    """Return all runs below ``root``, at most two folders deep, by their folder."""
    return {found.folder: found for found in _walk(os.fspath(root), "", 2)}


def look_at(root: Path, folder: str) -> Look | None:
    """Look at one folder; None where it holds no run."""
    return _look(f"{root}/{folder}", folder)


def _walk(path: str, within: str, depth: int) -> Iterator[Look]:
    # Plain strings: with pathlib, 2,000 runs took as long again as all the rest of a leaderboard.
    try:
        with os.scandir(path) as entries:
            names = [entry.name for entry in entries if entry.name[0] != "." and entry.is_dir()]
    except (FileNotFoundError, NotADirectoryError, PermissionError):
        return
    for name in sorted(names):
        folder, inside = f"{within}{name}", f"{path}/{name}"
        found = _look(inside, folder)
        if found is not None:
            yield found
        elif depth > 1:
            yield from _walk(inside, f"{folder}/", depth - 1)


def _look(path: str, folder: str) -> Look | None:
    manifest = _stat(f"{path}/{_MANIFEST}")
    if manifest is None:
        return None
    journal = _stat(f"{path}/{_JOURNAL}")
    seen = f"{journal.st_mtime_ns}.{journal.st_size}" if journal else "none"
    stamp = f"{__version__} {manifest.st_mtime_ns}.{manifest.st_size} {seen}"
    return Look(folder, stamp, manifest.st_mtime)


def _stat(path: str) -> os.stat_result | None:
    try:
        return os.stat(path)  # noqa: PTH116 - see _walk
    except OSError:
        return None
