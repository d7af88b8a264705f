"""What the home page shows: what runs now, what was run last, the best models."""

from collections.abc import Sequence
from dataclasses import dataclass

from llmbench.history.leaders import LeaderTable, leader_tables
from llmbench.history.rows import RunRow
from llmbench.serve.faults import NotFound
from llmbench.serve.runs import RunName, Runs
from llmbench.serve.working import is_working

_LATEST = 8
_TABLES, _LEADERS = 2, 6
_LOOKED_AT = 60
"""Runs whose locks are read, those last begun first."""


@dataclass(frozen=True, slots=True)
class Listed:
    """A run, and its name in addresses; None where its folder is elsewhere."""

    row: RunRow
    name: RunName | None


@dataclass(frozen=True, slots=True)
class Best:
    """The best models of runs that can be compared."""

    table: LeaderTable
    leaders: tuple[Listed, ...]
    left_out: int


@dataclass(frozen=True, slots=True)
class Home:
    """All of it."""

    number: int
    """Of all runs."""
    working: tuple[Listed, ...]
    latest: tuple[Listed, ...]
    best: tuple[Best, ...]


def home_of(runs: Runs) -> Home:
    """Look at the runs."""
    rows = runs.rows()
    listed = [_listed(runs, row) for row in rows[:_LOOKED_AT]]
    working = tuple(one for one in listed if one.name and _works(runs, one.name))
    latest = tuple(one for one in listed if one not in working)[:_LATEST]
    return Home(len(rows), working, latest, _best(runs, rows))


def _best(runs: Runs, rows: Sequence[RunRow]) -> tuple[Best, ...]:
    return tuple(
        Best(
            table,
            tuple(_listed(runs, leader.row) for leader in table.leaders[:_LEADERS]),
            max(0, len(table.leaders) - _LEADERS),
        )
        for table in leader_tables(rows)[:_TABLES]
    )


def _listed(runs: Runs, row: RunRow) -> Listed:
    return Listed(row, RunName.of(row.folder) if row.place == runs.history.place.name else None)


def _works(runs: Runs, name: RunName) -> bool:
    try:
        return is_working(runs.folder(name))
    except NotFound:
        return False
