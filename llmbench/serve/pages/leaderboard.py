"""The page of the best run of each model."""

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from llmbench.errors import UsageError
from llmbench.serve.board import boards
from llmbench.serve.filters import ChoicePart, Chosen, choose, datasets_of, query_of
from llmbench.serve.pages.figures import FIGURES
from llmbench.serve.pages.page import page
from llmbench.serve.parts import RunsPart

router = APIRouter(include_in_schema=False)

SORTS = ("accuracy", "cost", "time", "tokens", "speed", "date", "model")
"""What the form offers; an address may name any fact."""


@router.get("/leaderboard")
def leaderboard(request: Request, runs: RunsPart, choice: ChoicePart) -> HTMLResponse:
    """Show a table for each set of runs that can be compared."""
    chosen = choose(runs, choice)
    try:
        found = boards(runs, chosen, choice)
    except UsageError as error:
        chosen, found = Chosen([], str(error).removeprefix("--")), []
    return page(
        request,
        "leaderboard.html.j2",
        here="leaderboard",
        title="Leaderboard",
        status=400 if chosen.problem else 200,
        choice=choice,
        query=query_of(choice),
        problem=chosen.problem,
        boards=found,
        datasets=datasets_of(runs),
        sorts=SORTS,
        has_runs=bool(runs.rows()),
        **FIGURES,
    )
