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
    said: dict[str, dict[str, list[str]]] = {}
    for a, b in combinations(list(_runs(cells)), 2):
        if _are_twins(a.names, b.names) and (line := prompts_line(prompts_of(a, b), a.names, b.names)):
            pair = f"{a.names.get('model')} on {a.names['backend']} and {b.names['backend']}"
            said.setdefault(pair, {}).setdefault(line, []).append(a.names.get("agent", "?"))
    return [
        f"prompts of {pair}{_by(agents) if len(lines) > 1 else ''}: {line}"
        for pair, lines in said.items()
        for line, agents in lines.items()
    ]


def _by(agents: Sequence[str]) -> str:
    """Name the agents whose messages these were: tools make another prompt."""
    return f" (agent {', '.join(dict.fromkeys(agents))})"


def _runs(cells: Sequence[Cell]) -> Iterator[Manifest]:
    for folder in dict.fromkeys(cell.folder for cell in cells if cell.folder):
        with suppress(UsageError):
            yield read_manifest(Path(folder))


def _are_twins(a: Mapping[str, str], b: Mapping[str, str]) -> bool:
    """Say whether two runs are one but for the backend."""
    return {axis for axis in {*a, *b} if a.get(axis) != b.get(axis)} == {"backend"}
