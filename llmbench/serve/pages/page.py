"""What every page has: the layout, the theme that was chosen, addresses that hold behind a proxy."""

from functools import cache
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined

from llmbench import __version__
from llmbench.report.web import TONES
from llmbench.report.words import inert
from llmbench.wording import plural

THEME = "llmbench_theme"
"""The cookie of the chosen theme."""
THEMES = ("auto", "dark", "light")
PLACES = (
    ("launch", "Launch"),
    ("live", "Live"),
    ("leaderboard", "Leaderboard"),
    ("runs", "Runs"),
    ("compare", "Compare"),
    ("matrix", "Matrix"),
    ("pareto", "Pareto"),
    ("tasks", "Tasks"),
    ("machine", "Machine"),
)
"""What the bar leads to: path and word."""


def page(
    request: Request, template: str, *, here: str = "", status: int = 200, **values: Any
) -> HTMLResponse:
    """Return ``templates/TEMPLATE`` filled with ``values``; ``here`` is its place in the bar.

    Templates extend ``layout.html.j2`` and have ``url('/path')`` for addresses, ``inert(text)`` for foreign
    text in one line, ``plural(number, word)``, and ``tones`` by outcome. ``title`` is among the values.
    """
    base = request.scope.get("root_path", "").rstrip("/")
    chosen = request.cookies.get(THEME, "")
    html = (
        _environment()
        .get_template(template)
        .render(
            values,
            here=here,
            status=status,
            places=PLACES,
            themes=THEMES,
            theme=chosen if chosen in THEMES else "auto",
            path=request.url.path + (f"?{request.url.query}" if request.url.query else ""),
            url=lambda path: f"{base}{path}",
        )
    )
    return HTMLResponse(html, status)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=ChoiceLoader([PackageLoader("llmbench.serve"), PackageLoader("llmbench.report")]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals |= {"inert": inert, "plural": plural, "tones": TONES, "version": __version__}
    return environment
