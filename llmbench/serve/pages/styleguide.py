"""Every part of pages in all its states: for those who build pages, and for the screenshots of tests."""

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from markupsafe import Markup

from llmbench.api import Outcome
from llmbench.report.blocks import table
from llmbench.report.pictures import figures
from llmbench.report.pictures.heat import Cell, heat_picture
from llmbench.report.pictures.intervals import Row, interval_picture
from llmbench.report.web import render
from llmbench.score.passk import Interval
from llmbench.serve.pages.page import page

router = APIRouter(include_in_schema=False)

COLOURS = (
    *("ink", "soft", "paper", "card", "raised", "line", "edge", "accent", "glow"),
    *("good", "good-bg", "bad", "bad-bg", "care", "care-bg", "other", "other-bg"),
)
_SHARES = {"glm-4.7-flash": (0.74, 0.66, 0.81, 164), "qwen3-coder": (0.62, 0.53, 0.7, 164)}


@router.get("/styleguide")
def styleguide(request: Request) -> HTMLResponse:
    """Show all parts."""
    return page(
        request,
        "styleguide.html.j2",
        here="styleguide",
        title="Styleguide",
        colours=COLOURS,
        outcomes=[*map(str, Outcome), "not run"],
        pictures=_pictures(),
        markdown=render(table(["rule", "weight"], [["`ok`", "1"], ["`problem`", "12"]], right=[1])),
    )


def _pictures() -> Markup:
    bars = [
        Row(name=name, share=share, interval=Interval(low, high), samples=samples)
        for name, (share, low, high, samples) in _SHARES.items()
    ]
    cells = {
        (model, agent): Cell(0.2 + 0.19 * (2 * down + across), doubted=down == across)
        for down, model in enumerate(_SHARES)
        for across, agent in enumerate(("prompt", "tools"))
    }
    heat = heat_picture(cells, "pass@1 of a matrix in %")
    drawn = [interval_picture(bars, "pass@1 with 95 % intervals"), *([heat] if heat else [])]
    return figures(drawn)
