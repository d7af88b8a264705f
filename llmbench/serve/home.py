"""What the home page shows: what runs now, what was run last, the best models."""

from collections.abc import Sequence
from dataclasses import dataclass

from llmbench.api import Outcome
from llmbench.history.leaders import LeaderTable, leader_tables
from llmbench.history.rows import RunRow
from llmbench.records.status import Status
from llmbench.serve.launching.running import live_statuses
from llmbench.serve.live_words import Words, words_of
from llmbench.serve.runs import RunName, Runs

_LATEST = 8
_TABLES, _LEADERS = 2, 6


@dataclass(frozen=True, slots=True)
class Listed:
    """A run, and its name in addresses; None where its folder is elsewhere."""

    row: RunRow
    name: RunName | None


@dataclass(frozen=True, slots=True)
class Working:
    """A run that a command works on now, and its row, which comes a moment after its beginning."""

    name: RunName
    row: RunRow | None
    status: Status

    @property
    def passed(self) -> float | None:
        """The share that passed of what was graded since the command began; None before anything was."""
        graded = sum(self.status.outcomes.get(outcome, 0) for outcome in Outcome if outcome.graded)
        return self.status.outcomes.get(Outcome.PASSED, 0) / graded if graded else None

    @property
    def words(self) -> Words:
        """What it does, how far it is and how long it still takes, as the Live page says it."""
        return words_of(self.status)


@dataclass(frozen=True, slots=True)
class Best:
    """The best models of runs that can be compared."""

    table: LeaderTable
    leaders: tuple[Listed, ...]
    left_out: int


@dataclass(frozen=True, slots=True)
class Totals:
    """What all runs come to."""

    runs: int
    models: int
    graded: int
    tokens: int
    cost_usd: float | None
    """None where no run has a price."""


@dataclass(frozen=True, slots=True)
class Home:
    """All of it."""

    totals: Totals
    working: tuple[Working, ...]
    latest: tuple[Listed, ...]
    best: tuple[Best, ...]


def home_of(runs: Runs) -> Home:
    """Look at the runs."""
    rows = runs.rows()
    listed = [_listed(runs, row) for row in rows]
    working = _working(runs, listed)
    busy = {one.name for one in working}
    latest = tuple([one for one in listed if one.name not in busy][:_LATEST])
    return Home(_totals(rows), working, latest, _best(runs, rows))


def _working(runs: Runs, listed: Sequence[Listed]) -> tuple[Working, ...]:
    rows = {one.name: one.row for one in listed}
    found = {
        RunName.of(folder.relative_to(runs.root).as_posix()): status
        for folder, status in live_statuses(runs.root).items()
    }
    return tuple(Working(name, rows.get(name), status) for name, status in found.items())


def _totals(rows: Sequence[RunRow]) -> Totals:
    priced = [row.cost_usd for row in rows if row.cost_usd is not None]
    return Totals(
        runs=len(rows),
        models=len({row.model for row in rows if row.model}),
        graded=sum(row.graded for row in rows),
        tokens=sum(row.tokens or 0 for row in rows),
        cost_usd=sum(priced) if priced else None,
    )


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
