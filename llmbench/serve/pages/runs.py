"""The page of all runs."""

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from llmbench.serve.pages.page import page
from llmbench.serve.parts import RunsPart

router = APIRouter(include_in_schema=False)


@router.get("/runs")
def runs(request: Request, runs: RunsPart) -> HTMLResponse:
    """Show a line a run."""
    return page(request, "runs.html.j2", here="runs", title="Runs", rows=runs.rows())
