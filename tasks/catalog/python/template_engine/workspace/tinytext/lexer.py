"""From a source to texts and tags."""

import re

from tinytext.errors import TemplateError

OPEN = re.compile(r"\{[{%]")
CLOSE = {"{{": "}}", "{%": "%}"}
KINDS = {"{{": "value", "{%": "statement"}


def tokens(name, source):
    """Yield (kind, content, line) for each text and tag."""
    place = 0
    while True:
        opening = OPEN.search(source, place)
        yield "text", source[place : opening.start() if opening else len(source)], 0
        if opening is None:
            return
        mark, line = opening.group(), source.count("\n", 0, opening.start()) + 1
        end = source.find(CLOSE[mark], opening.end())
        if end < 0:
            raise TemplateError(name, line, f"{mark} is not closed")
        yield KINDS[mark], source[opening.end() : end], line
        place = end + 2
