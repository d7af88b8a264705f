"""``llmbench du``: what runs take on the disk, the biggest first."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from llmbench.commands.arguments import Parser, columns
from llmbench.commands.sizes import Size, shown, size_of
from llmbench.records.runs import find_runs
from llmbench.wording import plural


@dataclass(frozen=True, slots=True)
class Taken:
    """What a run, or something else in the folder of runs, takes."""

    name: str
    size: Size
    is_run: bool


def main(argv: list[str]) -> int:
    """Print what each run takes."""
    parser = Parser("du", "What the folder of runs takes on the disk, by run, the biggest first.")
    parser.add_argument("--root", type=Path, default=Path("outputs"), help="where the runs are (outputs)")
    parser.add_argument("--json", action="store_true", help="for machines")
    options = parser.parse_args(argv)
    found = sorted(_taken(options.root), key=lambda taken: (-taken.size.bytes, taken.name))
    if options.json:
        print(json.dumps([_data(taken) for taken in found], indent=2))
        return 0
    total = sum((taken.size for taken in found), Size())
    rows = [[shown(taken.size.bytes), str(taken.size.files), taken.name] for taken in found]
    rows.append(
        [
            shown(total.bytes),
            str(total.files),
            f"{options.root}: {plural(sum(t.is_run for t in found), 'run')}",
        ]
    )
    print(columns([["SIZE", "FILES", "RUN"], *rows]))
    return 0


def _taken(root: Path) -> Iterator[Taken]:
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


def _data(taken: Taken) -> dict[str, object]:
    name = taken.name if taken.is_run else taken.name.strip("()")
    return {"name": name, "is_run": taken.is_run, "bytes": taken.size.bytes, "files": taken.size.files}
