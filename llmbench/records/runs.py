"""Finding run folders. Looks at names and times only: no manifest and no journal is parsed.

A word may name a bundle, too: it is unpacked then, so that whatever reads runs reads bundles.
"""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from llmbench.errors import UsageError
from llmbench.records.bundle import looks_like_bundle

NEWEST = ("last", "-")
"""Words that name the newest run."""
_MANIFEST = "manifest.json"
_SHOWN = 8


@dataclass(frozen=True, slots=True)
class FoundRun:
    """A run folder, and when a command last wrote its manifest (seconds since 1970)."""

    folder: Path
    changed: float

    @property
    def name(self) -> str:
        """Dataset and folder: ``catalog/demo-llamacpp-prompt-1a2b3c4d5e``."""
        return f"{self.folder.parent.name}/{self.folder.name}"

    @property
    def run_id(self) -> str:
        """The hash at the end of the folder's name."""
        return self.folder.name.rpartition("-")[2]


def find_runs(root: Path) -> list[FoundRun]:
    """Return all runs below ``root``, at most two folders deep, the newest first."""
    found = [FoundRun(folder, changed) for folder, changed in _walk(root, 2)]
    return sorted(found, key=lambda run: (-run.changed, run.name))


def find_run(word: str, root: Path) -> Path:
    """Return the run folder that ``word`` means.

    It is a folder, ``last`` or ``-``, a run id or part of a name, or the file of a bundle, which is unpacked.

    Raises:
        UsageError: no run fits, or several do, and the message names them; or a bundle can't be read.
    """
    path = Path(word)
    if word not in NEWEST and (path / _MANIFEST).is_file():
        return path
    if word not in NEWEST and looks_like_bundle(path):
        from llmbench.records.unpacked import unpacked

        return unpacked(path)
    if path.suffix == ".zip" and not path.exists():
        raise UsageError(f"there is no file {path}; make a bundle: llmbench export RUN --bundle FILE")
    if len(path.parts) > 1 and path.is_dir():
        raise UsageError(f"{path} is no run folder: it has no {_MANIFEST} (llmbench list runs)")
    runs = find_runs(root)
    if not runs:
        raise UsageError(
            f"{root}: holds no run; make one first: llmbench, or name another folder with --root"
        )
    if word in NEWEST:
        return runs[0].folder
    fitting = [run for run in runs if word.casefold() in run.name.casefold()]
    exact = [
        run for run in fitting if word in (run.name, run.folder.name, run.folder.name.rpartition("-")[2])
    ]
    if len(chosen := exact or fitting) == 1:
        return chosen[0].folder
    raise UsageError(_several(word, chosen) if chosen else _none(word, runs, root))


def _walk(folder: Path, depth: int) -> Iterator[tuple[Path, float]]:
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except (FileNotFoundError, NotADirectoryError, PermissionError):
        return
    for entry in entries:
        if entry.name.startswith(".") or not entry.is_dir():
            continue
        try:
            yield Path(entry.path), (Path(entry.path) / _MANIFEST).stat().st_mtime
        except OSError:
            if depth > 1:
                yield from _walk(Path(entry.path), depth - 1)


def _several(word: str, runs: Sequence[FoundRun]) -> str:
    return f"'{word}' fits {len(runs)} runs; name one of: {_names(runs)}"


def _none(word: str, runs: Sequence[FoundRun], root: Path) -> str:
    close = get_close_matches(word, [run.folder.name for run in runs], n=1)
    hint = f"did you mean '{close[0]}'? " if close else ""
    return f"there is no run '{word}' in {root}; {hint}there are: {_names(runs)}"


def _names(runs: Sequence[FoundRun]) -> str:
    more = f" and {len(runs) - _SHOWN} more (llmbench list runs)" if len(runs) > _SHOWN else ""
    return ", ".join(run.name for run in runs[:_SHOWN]) + more
