"""The home page."""

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from llmbench.report.leaderboard import title
from llmbench.report.words import count, money
from llmbench.serve.home import home_of
from llmbench.serve.pages.page import page
from llmbench.serve.parts import RunsPart

router = APIRouter(include_in_schema=False)


@router.get("/")
def home(request: Request, runs: RunsPart) -> HTMLResponse:
    """Show what runs now, what was run last, and the best models."""
    return page(
        request,
        "home.html.j2",
        here="home",
        title="Home",
        home=home_of(runs),
        title_of=title,
        count=count,
        money=money,
    )
