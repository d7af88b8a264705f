"""A picture: SVG from a template, with its words beside it."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from llmbench.report.templates import render

WIDTH = 480
"""Of an ordinary picture, in its own units: two stand side by side on a page, and a telephone shows one."""


@dataclass(frozen=True, slots=True)
class Picture:
    """An SVG that can stand in any page which has our style sheet."""

    title: str
    """Plain text."""
    svg: Markup
    alternative: str
    """What the picture shows, with its numbers, in words."""
    is_wide: bool = False
    """Too wide to stand beside another one."""


def draw(
    template: str, *, title: str, alternative: str, width: float = WIDTH, height: float, **values: object
) -> Picture:
    """Fill ``templates/pictures/TEMPLATE``.

    The ids in it follow from all that it shows, so that several can stand in one page.
    """
    told = repr((template, title, alternative, width, height, sorted(values.items())))
    svg = render(
        f"pictures/{template}",
        title=title,
        alternative=alternative,
        width=round(width),
        height=round(height),
        id=f"pic-{hashlib.sha256(told.encode('utf-8', 'replace')).hexdigest()[:12]}",
        **values,
    )
    return Picture(title, svg, alternative, is_wide=width > WIDTH)


def figures(pictures: Sequence[Picture]) -> Markup:
    """Return pictures as a part of a page, each with its words to open; nothing where there are none."""
    return render("pictures/figures.html.j2", pictures=pictures) if pictures else Markup("")
