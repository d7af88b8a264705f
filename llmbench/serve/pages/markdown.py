"""Markdown of tasks as a part of a page, which has headings of its own."""

import re

from markupsafe import Markup

from llmbench.report.web import render
from llmbench.report.words import inert

_HEADING = re.compile(r"<(/?)h([1-6])[^>]*>")
_DEEPER = 2
_STYLE = re.compile(r' style="[^"<>]*"')


def instructions(text: str) -> Markup:
    """Return what a model is asked as HTML: headings two levels lower, without ids or styles."""
    html = _HEADING.sub(lambda found: f"<{found[1]}h{min(6, int(found[2]) + _DEEPER)}>", render(inert(text)))
    return Markup(_STYLE.sub("", html))  # noqa: S704 - rendered text, of which only marks were taken away
