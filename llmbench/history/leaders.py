"""The best run of each model, in tables of runs that can be compared. A pure function of rows."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from llmbench.history.rows import RunRow


@dataclass(frozen=True, slots=True, order=True)
class Conditions:
    """What runs must share to stand in one table: the very same tasks, asked under the same rules."""

    dataset: str
    sha256: str
    """Over all tasks that were asked: a part of a dataset is another one."""
    tests_shown: bool
    tries: int
    preset: str


@dataclass(frozen=True, slots=True)
class Leader:
    """The best run of a model: all that stands beside its score is of that very run."""

    row: RunRow
    runs: int
    """Of that model in this table: the best of many is higher by chance alone."""


@dataclass(frozen=True, slots=True)
class Reference:
    """A figure that somebody published for a model; no run of ours."""

    model: str
    pass_at_1: float
    source: str
    date: str
    differs: str = ""
    """What was done otherwise there; empty where it can be compared with the runs of the table."""


@dataclass(frozen=True, slots=True)
class LeaderTable:
    """Runs that can be compared, the best of each model."""

    conditions: Conditions
    tasks: int
    whole: int | None
    leaders: tuple[Leader, ...]
    references: tuple[Reference, ...] = ()

    @property
    def is_whole(self) -> bool:
        """Whether all tasks of the dataset were asked."""
        return self.whole is not None and self.whole == self.tasks


def leader_tables(rows: Iterable[RunRow]) -> list[LeaderTable]:
    """Return a table for each set of conditions, whole datasets and those with most models first.

    Runs without a score are left out: their grader could not be trusted, or nothing was graded.
    """
    groups: dict[Conditions, list[RunRow]] = {}
    for row in rows:
        if row.pass_at_1 is not None:
            groups.setdefault(conditions_of(row), []).append(row)
    tables = [_table(conditions, group) for conditions, group in groups.items()]
    return sorted(tables, key=lambda table: (not table.is_whole, -len(table.leaders), table.conditions))


def conditions_of(row: RunRow) -> Conditions:
    """Return under which conditions a run was made."""
    return Conditions(row.dataset, row.dataset_sha256, bool(row.tests_shown), row.tries, row.preset)


def _table(conditions: Conditions, rows: Sequence[RunRow]) -> LeaderTable:
    models: dict[str, list[RunRow]] = {}
    for row in rows:
        models.setdefault(row.model, []).append(row)
    leaders = [Leader(max(group, key=worth), len(group)) for group in models.values()]
    leaders.sort(key=lambda leader: (*map(_negated, worth(leader.row)[1:]), leader.row.model))
    table = LeaderTable(
        conditions, rows[0].tasks, next((row.whole for row in rows if row.whole), None), tuple(leaders)
    )
    return _with_references(table, rows)


def worth(row: RunRow) -> tuple[bool, float, float, float]:
    """Rank runs of a model: believable ones first, then by accuracy, by how much was graded, and by cost."""
    cost = float("inf") if row.cost_usd is None else row.cost_usd
    return row.trust != "red", row.pass_at_1 or 0.0, row.graded / max(row.planned, 1), -cost


def _negated(value: float) -> float:
    return -value


def _with_references(table: LeaderTable, rows: Sequence[RunRow]) -> LeaderTable:
    """Return the table with one published figure a model, one that can be compared where there is one."""
    told = [row for row in rows if row.published is not None]
    told.sort(key=lambda row: not row.published_differs)
    found = {row.model: _reference(row) for row in told}
    by_score = sorted(found.values(), key=lambda reference: (-reference.pass_at_1, reference.model))
    return LeaderTable(table.conditions, table.tasks, table.whole, table.leaders, tuple(by_score))


def _reference(row: RunRow) -> Reference:
    return Reference(
        model=row.model,
        pass_at_1=row.published or 0.0,
        source=row.published_source,
        date=row.published_date,
        differs=row.published_differs,
    )
