"""From a source to texts and tags."""

import re

from tinytext.errors import TemplateError

OPEN = re.compile(r"\{[{%#]")
CLOSE = {"{{": "}}", "{%": "%}", "{#": "#}"}
KINDS = {"{{": "value", "{%": "statement", "{#": "comment"}


def tokens(name, source):
    """Yield (kind, content, line) for each text and tag."""
    place, cut = 0, False
    while True:
        opening = OPEN.search(source, place)
        text = source[place : opening.start() if opening else len(source)]
        if cut:
            text = re.sub(r"\A[ \t]*\n?", "", text)
        if opening is None:
            yield "text", text, 0
            return
        mark, line = opening.group(), source.count("\n", 0, opening.start()) + 1
        end = closing(source, opening.end(), mark)
        if end < 0:
            raise TemplateError(name, line, f"{mark} is not closed")
        body = source[opening.end() : end]
        if body.startswith("-"):
            text, body = re.sub(r"\n?[ \t]*\Z", "", text, count=1), body[1:]
        cut = body.endswith("-")
        yield "text", text, 0
        yield KINDS[mark], body[:-1] if cut else body, line
        place = end + 2


def closing(source, place, mark):
    """Return where a tag's closing mark is, or -1."""
    close = CLOSE[mark]
    if mark == "{#":
        return source.find(close, place)
    quoted = False
    while place < len(source):
        if quoted and source[place] == "\\":
            place += 1
        elif False:
            quoted = not quoted
        elif not quoted and source.startswith(close, place):
            return place
        place += 1
    return -1
