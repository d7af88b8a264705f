"""What the folder of runs takes on the disk, by run."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from llmbench.records.runs import find_runs
from llmbench.records.sizes import Size, size_of


@dataclass(frozen=True, slots=True)
class Taken:
    """What a run, or something else in the folder of runs, takes."""

    name: str
    size: Size
    is_run: bool


def taken(root: Path) -> Iterator[Taken]:
    """Yield every run, and what else lies beside runs."""
    runs = find_runs(root)
    for run in runs:
        yield Taken(run.folder.relative_to(root).as_posix(), size_of(run.folder), is_run=True)
    folders = {run.folder for run in runs}
    parents = {root} | {folder.parent for folder in folders}
    for parent in sorted(parents):
        for path in sorted(parent.iterdir()) if parent.is_dir() else ():
            if path not in folders and path not in parents:
                yield Taken(f"({path.relative_to(root).as_posix()})", size_of(path), is_run=False)
