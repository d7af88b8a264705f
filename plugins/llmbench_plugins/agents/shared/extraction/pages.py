"""What a piece of text is as a page: markup from its first mark to its last."""

import re

from llmbench_plugins.agents.shared.extraction.reader import Parsed, is_elided

_BEGINS = re.compile(r"\s*(?:<!--.*?-->\s*)*<(?:!doctype\s|[a-z][\w-]*[\s/>])", re.IGNORECASE | re.DOTALL)
_ENDS = re.compile(r"(?:</[a-z][\w-]*\s*>|-->|/>)\s*\Z", re.IGNORECASE)
_WHOLE = re.compile(r"<html[\s>]", re.IGNORECASE)
_CLOSED = re.compile(r"</html\s*>\s*(?:<!--.*?-->\s*)*\Z", re.IGNORECASE | re.DOTALL)


def look(text: str) -> Parsed:
    """Read a text as a page."""
    if not _BEGINS.match(text):
        return Parsed(problem=1, stub=is_elided(text))
    is_cut = _WHOLE.search(text) and not _CLOSED.search(text)
    problem = text.count("\n") + 1 if is_cut or not _ENDS.search(text) else None
    return Parsed(problem=problem, stub=is_elided(text))
