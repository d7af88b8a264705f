"""What a piece of text is as a Vue component: blocks at its top level, each with an end."""

import re

from llmbench_plugins.agents.shared.extraction.reader import Parsed, is_elided

_BETWEEN = re.compile(r"\s*(?:<!--.*?-->\s*)*", re.DOTALL)
_OPENS = re.compile(r"<([a-z][\w-]*)(?:\s[^<>]*)?>")


def look(text: str) -> Parsed:
    """Read a text as a component."""
    names: set[str] = set()
    at = _after_comments(text, 0)
    while at < len(text):
        opened = _OPENS.match(text, at)
        end = _end(text, opened) if opened else -1
        if opened is None or end < 0:
            return Parsed(problem=text.count("\n", 0, at) + 1, names=frozenset(names), stub=is_elided(text))
        names.add(f"<{opened[1]}>")
        at = _after_comments(text, end)
    return Parsed(problem=None, names=frozenset(names), stub=is_elided(text), substance=bool(names))


def _after_comments(text: str, at: int) -> int:
    found = _BETWEEN.match(text, at)
    return found.end() if found else at


def _end(text: str, opened: re.Match[str]) -> int:
    """Return where a block ends: at its mark at a line's beginning, or else at the first there is."""
    mark = f"</{opened[1]}>"
    at = text.find(f"\n{mark}", opened.end() - 1) + 1 or text.find(mark, opened.end())
    return -1 if at < 0 else at + len(mark)
