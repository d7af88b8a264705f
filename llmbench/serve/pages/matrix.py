"""The page of runs by two of their choices."""

from collections.abc import Iterator, Sequence
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse
from pydantic import StringConstraints

from llmbench.errors import UsageError
from llmbench.history.rows import RunRow
from llmbench.serve.filters import ChoicePart, Chosen, choose, datasets_of, query_of
from llmbench.serve.matrix import AXES, Axes, Grid, grids
from llmbench.serve.pages.figures import FIGURES
from llmbench.serve.pages.page import page
from llmbench.serve.parts import RunsPart
from llmbench.serve.runs import RunName, Runs

router = APIRouter(include_in_schema=False)

_KEY = r"^[A-Za-z_@][\w.@\-]*$"
_RunWord = Annotated[str, StringConstraints(max_length=512)]


@router.get("/matrix")
def matrix(
    request: Request,
    runs: RunsPart,
    choice: ChoicePart,
    rows: Annotated[str, Query(max_length=100, pattern=_KEY)] = "model",
    columns: Annotated[str, Query(max_length=100, pattern=_KEY)] = "dataset",
    run: Annotated[list[_RunWord] | None, Query(max_length=500)] = None,
) -> HTMLResponse:
    """Show the matrix of the runs that are named, or that fit the filters."""
    chosen = choose(runs, choice)
    if run:
        chosen = Chosen(list(_named(chosen.rows, runs, set(run))), chosen.problem)
    found: list[Grid] = []
    try:
        found = grids(runs, chosen.rows, Axes(rows, columns))
    except UsageError as error:
        chosen = Chosen([], str(error))
    return page(
        request,
        "matrix.html.j2",
        here="matrix",
        title="Matrix",
        status=400 if chosen.problem else 200,
        choice=choice,
        query=query_of(choice),
        problem=chosen.problem,
        grids=found,
        down=rows,
        across=columns,
        axes=_axes(rows, columns),
        named=run or [],
        datasets=datasets_of(runs),
        has_runs=bool(runs.rows()),
        **FIGURES,
    )


def _named(rows: Sequence[RunRow], runs: Runs, names: set[str]) -> Iterator[RunRow]:
    """Yield the runs that an address names: by folder, or by id."""
    mine = runs.history.place.name
    for row in rows:
        if row.place == mine and (str(RunName.of(row.folder)) in names or row.run_id in names):
            yield row


def _axes(*chosen: str) -> list[str]:
    return [*AXES, *(axis for axis in dict.fromkeys(chosen) if axis not in AXES)]
