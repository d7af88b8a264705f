"""``GET /api/leaderboard``: the best run of each model."""

from collections.abc import Sequence
from dataclasses import dataclass

from fastapi import APIRouter, Request, Response

from llmbench.history.leaders import LeaderTable, leader_tables
from llmbench.serve.answers import answer
from llmbench.serve.api.asked import ChoicePart
from llmbench.serve.parts import RunsPart
from llmbench.serve.run_lines import RunLine, run_line
from llmbench.serve.runs import Runs

router = APIRouter(tags=["runs"])


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaderLine:
    """The best run of a model, of so many."""

    runs: int
    best: RunLine


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedLine:
    """What somebody published for a model; no run of ours."""

    model: str
    pass_at_1: float
    source: str
    date: str
    differs: str
    """What was done otherwise there; empty where it can be compared."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Runs that can be compared: of the very same tasks, tries, preset and view of the tests."""

    dataset: str
    dataset_sha256: str
    tasks: int
    whole: int | None
    tests_shown: bool
    tries: int
    preset: str
    leaders: Sequence[LeaderLine]
    published: Sequence[PublishedLine]


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaderboard:
    """Tables; scores of different ones can't be compared."""

    tables: Sequence[Table]


@router.get("/api/leaderboard", response_model=Leaderboard)
def leaderboard(request: Request, runs: RunsPart, choice: ChoicePart) -> Response:
    """Return the best run of each model, in tables of runs that can be compared."""
    rows = choice.of(runs.rows(), runs.configs)
    return answer(request, Leaderboard(tables=[_table(runs, table) for table in leader_tables(rows)]))


def _table(runs: Runs, found: LeaderTable) -> Table:
    said = found.conditions
    return Table(
        dataset=said.dataset,
        dataset_sha256=said.sha256,
        tasks=found.tasks,
        whole=found.whole,
        tests_shown=said.tests_shown,
        tries=said.tries,
        preset=said.preset,
        leaders=[LeaderLine(runs=leader.runs, best=run_line(runs, leader.row)) for leader in found.leaders],
        published=[
            PublishedLine(
                model=one.model,
                pass_at_1=one.pass_at_1,
                source=one.source,
                date=one.date,
                differs=one.differs,
            )
            for one in found.references
        ],
    )
