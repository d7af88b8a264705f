"""Runs by two of their choices, in cells; scores that can't be compared never share a heading."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from llmbench.errors import UsageError
from llmbench.history.leaders import LeaderTable, conditions_of, worth
from llmbench.history.rows import RunRow
from llmbench.history.where import FACTS, SHORT, fact
from llmbench.report.leaderboard import title
from llmbench.report.pictures.heat import level_of
from llmbench.serve.filters import run_path
from llmbench.serve.runs import Runs

AXES = (
    "model",
    "dataset",
    "backend",
    "agent",
    "quantization",
    "preset",
    "tries",
    "samples",
    "server",
    "machine",
    "llmbench",
)
"""What a form offers; an address may name any fact or key of a configuration."""
MOST_ROWS, MOST_COLUMNS = 200, 40
_UNKNOWN = "–"


@dataclass(frozen=True, slots=True)
class Cell:
    """The best run of a place in the matrix."""

    row: RunRow
    path: str
    runs: int

    @property
    def level(self) -> str:
        """The shade; ``none`` without a score."""
        return "none" if self.row.pass_at_1 is None else str(level_of(self.row.pass_at_1))


@dataclass(frozen=True, slots=True)
class Grid:
    """A matrix: the words of its columns, and its rows, each with a cell or None for each column."""

    title: str
    """What its runs have in common; empty where the datasets are an axis and say it themselves."""
    columns: tuple[str, ...]
    rows: tuple[tuple[str, tuple[Cell | None, ...]], ...]
    hidden: int
    """Rows and columns for which there was no room."""


@dataclass(frozen=True, slots=True)
class Axes:
    """By what runs are told apart."""

    down: str = "model"
    across: str = "dataset"


def grids(runs: Runs, rows: Sequence[RunRow], axes: Axes) -> list[Grid]:
    """Return one matrix, or one for each set of conditions where the datasets are no axis.

    Raises:
        UsageError: no run has such a fact or key.
    """
    keys = [SHORT.get(axis, axis) for axis in (axes.down, axes.across)]
    known = runs.configs() if any(key not in FACTS for key in keys) else {}
    _check(rows, keys, known)
    named = _names(rows)
    ways = [_way(key, known, named) for key in keys]
    if "dataset" in keys:
        return [_grid(runs, rows, ways, "")] if rows else []
    groups: dict[str, list[RunRow]] = {}
    for row in rows:
        groups.setdefault(named[row.id], []).append(row)
    return [_grid(runs, group, ways, name) for name, group in sorted(groups.items())]


def _check(rows: Iterable[RunRow], keys: Sequence[str], known: Mapping[int, Mapping[str, Any]]) -> None:
    listed = list(rows)
    for key in keys:
        if listed and key not in FACTS and all(fact(row, key, known) is None for row in listed):
            raise UsageError(
                f"{key}: no run has it; expected one of {', '.join(AXES)}, or a key of a run's "
                "configuration, such as model.reasoning.answer_tokens"
            )


def _names(rows: Iterable[RunRow]) -> dict[int, str]:
    """Return under which conditions each run was made, in words; the digest only where it is needed."""
    full = {row.id: title(LeaderTable(conditions_of(row), row.tasks, row.whole, ())) for row in rows}
    short = {text: text.rpartition(" · ")[0] for text in full.values()}
    shared = list(short.values())
    return {number: short[text] if shared.count(short[text]) == 1 else text for number, text in full.items()}


def _way(
    key: str, known: Mapping[int, Mapping[str, Any]], named: Mapping[int, str]
) -> Callable[[RunRow], str]:
    def told(row: RunRow) -> str:
        if key == "dataset":
            return named[row.id]
        found = fact(row, key, known)
        return _UNKNOWN if found is None or found == "" else str(found)

    return told


def _grid(runs: Runs, rows: Sequence[RunRow], ways: Sequence[Callable[[RunRow], str]], name: str) -> Grid:
    found: dict[tuple[str, str], list[RunRow]] = {}
    for row in rows:
        found.setdefault((ways[0](row), ways[1](row)), []).append(row)
    down = sorted({place for place, _ in found}, key=_natural)
    across = sorted({place for _, place in found}, key=_natural)
    hidden = max(0, len(down) - MOST_ROWS) + max(0, len(across) - MOST_COLUMNS)

    def cell(place: tuple[str, str]) -> Cell | None:
        if place not in found:
            return None
        best = max(found[place], key=worth)
        return Cell(best, run_path(runs, best), len(found[place]))

    columns = tuple(across[:MOST_COLUMNS])
    lines = tuple((one, tuple(cell((one, other)) for other in columns)) for one in down[:MOST_ROWS])
    return Grid(name, columns, lines, hidden)


def _natural(text: str) -> tuple[float, str]:
    """Sort numbers as numbers, before words."""
    try:
        return float(text), ""
    except ValueError:
        return float("inf"), text.casefold()
