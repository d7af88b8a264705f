"""``GET /api/runs``: what came of every run."""

from collections.abc import Sequence
from dataclasses import dataclass

from fastapi import APIRouter, Request, Response

from llmbench.serve.answers import answer
from llmbench.serve.api.asked import ChoicePart, PageNumber, one_page, pages
from llmbench.serve.parts import RunsPart
from llmbench.serve.run_lines import RunLine, run_lines

router = APIRouter(tags=["runs"])


@dataclass(frozen=True, slots=True, kw_only=True)
class RunPage:
    """Runs, 200 a page."""

    total: int
    page: int
    pages: int
    runs: Sequence[RunLine]


@router.get("/api/runs", response_model=RunPage)
def runs(request: Request, runs: RunsPart, choice: ChoicePart, page: PageNumber = 1) -> Response:
    """Return the runs that fit, the newest first or as `sort` says."""
    rows = choice.of(runs.rows(), runs.configs)
    found = RunPage(
        total=len(rows), page=page, pages=pages(len(rows)), runs=run_lines(runs, one_page(rows, page))
    )
    return answer(request, found)
