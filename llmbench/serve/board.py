"""The leaderboard as a page shows it: what runs share a table, and why others stand in one of their own."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from llmbench.history.choice import Choice
from llmbench.history.leaders import Conditions, Leader, LeaderTable, Reference, leader_tables
from llmbench.history.where import table_in_order
from llmbench.report.leaderboard import notes, title
from llmbench.serve.filters import Chosen, run_path
from llmbench.serve.runs import Runs


@dataclass(frozen=True, slots=True)
class Line:
    """A model's best run."""

    leader: Leader
    path: str
    """Of the page of that run; empty where it has none here."""


@dataclass(frozen=True, slots=True)
class Board:
    """Runs that can be compared."""

    title: str
    table: LeaderTable
    lines: tuple[Line, ...]
    references: tuple[Reference, ...]
    notes: tuple[str, ...]
    apart: str
    """Why it can't be compared with a table above it; empty for the first of a dataset."""


def boards(runs: Runs, chosen: Chosen, choice: Choice) -> list[Board]:
    """Return the tables of these runs.

    Raises:
        UsageError: there is nothing by which the tables are to be sorted.
    """
    tables = leader_tables(chosen.rows)
    if choice.sort:
        tables = [table_in_order(table, choice.sort) for table in tables]
    return [
        Board(
            title=title(table),
            table=table,
            lines=tuple(Line(leader, run_path(runs, leader.row)) for leader in table.leaders),
            references=table.references,
            notes=tuple(notes(table)),
            apart=_apart(table, tables[:place]),
        )
        for place, table in enumerate(tables)
    ]


def _apart(table: LeaderTable, above: Sequence[LeaderTable]) -> str:
    """Say what keeps a table from the most similar one above it of the same dataset."""
    same = [other for other in above if other.conditions.dataset == table.conditions.dataset]
    found = sorted((list(differences(table, other)) for other in same), key=len)
    return "; ".join(found[0]) if found else ""


def differences(table: LeaderTable, other: LeaderTable) -> Iterator[str]:
    """Yield what was done otherwise than in another table of that dataset."""
    mine: Conditions = table.conditions
    yours: Conditions = other.conditions
    if mine.sha256 != yours.sha256:
        counted = table.tasks != other.tasks
        yield f"{table.tasks} tasks instead of {other.tasks}" if counted else "other versions of the tasks"
    if mine.tries != yours.tries:
        yield f"tries={mine.tries} instead of tries={yours.tries}"
    if mine.preset != yours.preset:
        yield f"preset={mine.preset} instead of preset={yours.preset}"
    if mine.tests_shown != yours.tests_shown:
        yield f"tests {'shown to' if mine.tests_shown else 'hidden from'} the model"
