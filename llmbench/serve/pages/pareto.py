"""The page of correctness against what it took."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse

from llmbench.serve.filters import ChoicePart, choose, datasets_of, query_of
from llmbench.serve.fronts import QUANTITIES, fronts, usual_quantity
from llmbench.serve.pages.figures import FIGURES
from llmbench.serve.pages.page import page
from llmbench.serve.parts import RunsPart

router = APIRouter(include_in_schema=False)


@router.get("/pareto")
def pareto(
    request: Request,
    runs: RunsPart,
    choice: ChoicePart,
    x: Annotated[Literal["", "cost", "time", "tokens", "speed"], Query()] = "",
) -> HTMLResponse:
    """Show a picture for each set of runs that were asked the same tasks, with its points in a table."""
    chosen = choose(runs, choice)
    against = x or usual_quantity(chosen.rows)
    quantity = QUANTITIES[against]
    return page(
        request,
        "pareto.html.j2",
        here="pareto",
        title="Pareto",
        status=400 if chosen.problem else 200,
        choice=choice,
        query=query_of(choice),
        problem=chosen.problem,
        fronts=fronts(runs, chosen.rows, quantity),
        quantity=quantity,
        against=against,
        choices=tuple(QUANTITIES),
        datasets=datasets_of(runs),
        has_runs=bool(runs.rows()),
        **FIGURES,
    )
