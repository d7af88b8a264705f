"""What a sweep over servers tells: whether the same messages became the same prompts there."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import combinations
from pathlib import Path

from llmbench.config.cells import Cell
from llmbench.errors import UsageError
from llmbench.records.manifest import Manifest, read_manifest
from llmbench.report.prompts import prompts_line
from llmbench.score.prompts import prompts_of


def prompt_lines(cells: Sequence[Cell]) -> list[str]:
    """Return a line for each two backends of a model; what all agents and datasets show is said once."""
    runs = list(_runs(cells))
    lines = [
        f"prompts of {a.names.get('model')} on {a.names['backend']} and {b.names['backend']}: {line}"
        for a, b in combinations(runs, 2)
        if _are_twins(a.names, b.names) and (line := prompts_line(prompts_of(a, b), a.names, b.names))
    ]
    return list(dict.fromkeys(lines))


def _runs(cells: Sequence[Cell]) -> Iterator[Manifest]:
    for folder in dict.fromkeys(cell.folder for cell in cells if cell.folder):
        with suppress(UsageError):
            yield read_manifest(Path(folder))


def _are_twins(a: Mapping[str, str], b: Mapping[str, str]) -> bool:
    """Say whether two runs are one but for the backend."""
    return {axis for axis in {*a, *b} if a.get(axis) != b.get(axis)} == {"backend"}
