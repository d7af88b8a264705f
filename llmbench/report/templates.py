"""The templates of pages and pictures: Jinja2, with everything escaped that is not said to be safe."""

from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup


def render(name: str, **values: object) -> Markup:
    """Return ``templates/NAME`` filled with ``values``; a name that is missing there is an error of ours."""
    return Markup(_environment().get_template(name).render(values))  # noqa: S704 - the template has escaped them


@cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("llmbench.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
