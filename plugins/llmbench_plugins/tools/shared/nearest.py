"""What a model probably meant: the place of a file that looks most like lines that are not in it."""

import difflib
import re
from collections.abc import Sequence

from llmbench_plugins.tools.shared.text import lines_of, numbered

_LINES = 2000
_CHARS = 120
_SHOWN = 12


def nearest(text: str, wanted: str) -> str:
    """Return a hint on where ``wanted`` may be meant to stand, as the end of a sentence."""
    lines, sought = lines_of(text), lines_of(wanted)
    if sought and all(re.match(r"\s*\d+\t", line) for line in sought):
        return "leave out the line numbers that read shows"
    at = _but_for_spaces(lines, sought)
    if at is not None:
        shown = numbered(lines[at : at + len(sought)][:_SHOWN], at + 1)
        return f"lines that differ only in white space:\n{shown}"
    at = _most_alike(lines, sought)
    if at is None:
        return "nothing there looks like it: read the file again"
    first = max(at - 2, 0)
    return f"the nearest lines:\n{numbered(lines[first : first + min(len(sought) + 4, _SHOWN)], first + 1)}"


def _but_for_spaces(lines: Sequence[str], sought: Sequence[str]) -> int | None:
    plain, wanted = [line.strip() for line in lines], [line.strip() for line in sought]
    if not any(wanted):
        return None
    starts = (at for at, line in enumerate(plain) if line == wanted[0])
    return next((at for at in starts if plain[at : at + len(wanted)] == wanted), None)


def _most_alike(lines: Sequence[str], sought: Sequence[str]) -> int | None:
    """Return where the line is that looks most like one of the first lines that say something."""
    telling = [line.strip()[:_CHARS] for line in sought if len(line.strip()) > 3][:3]
    plain = [line.strip()[:_CHARS] for line in lines[:_LINES]]
    for line in telling:
        if close := difflib.get_close_matches(line, plain, n=1, cutoff=0.6):
            return plain.index(close[0])
    return None
