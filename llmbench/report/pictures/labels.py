"""Words in pictures: how wide they are, shortened where they must be, foreign ones made inert."""

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence

from llmbench.report.words import one_line

SIZE = 12.0
"""Of letters, in units of a picture."""

_STRONG = 1.1
"""How much wider strong letters are."""
_NO_XML = re.compile("[\ufffe\uffff]")
_NARROW = frozenset("iljtfrI.,:;'|![]() \u202f")
_WIDE = frozenset("mwMW@%&")
_LONGEST = 400
_MARKS = 2
"""Combining marks that a letter keeps: more of them would grow out of the line."""
BETWEEN = " · "
"""Stands between the parts of a name."""


def text_width(text: str, *, strong: bool = False) -> float:
    """Return how wide a text may come out: rather too wide, for which font draws it is not known here."""
    return SIZE * (_STRONG if strong else 1.0) * sum(map(_width, text))


def _width(letter: str) -> float:
    if unicodedata.category(letter) in ("Mn", "Me"):
        return 0.0
    if letter in _NARROW:
        return 0.4
    if letter in _WIDE:
        return 0.98
    if ord(letter) > 0x2E7F or unicodedata.east_asian_width(letter) in "WF":
        return 1.1
    return 0.72 if letter.isupper() else 0.64 if letter.isascii() else 0.75


def inert_label(text: str) -> str:
    """Return foreign text as one line that acts on nothing, keeps to its line and may stand in XML."""
    kept, marks = [], 0
    for letter in _NO_XML.sub("\ufffd", one_line(text, _LONGEST)):
        marks = marks + 1 if unicodedata.category(letter) in ("Mn", "Me") else 0
        if marks <= _MARKS:
            kept.append(letter)
    return "".join(kept)


def shortened(text: str, width: float) -> str:
    """Return a text that is at most so wide; the longest of its parts lose their middles, for ends differ."""
    parts = text.split(BETWEEN)
    lengths = [len(part) for part in parts]
    short = text
    while text_width(short) > width and max(lengths) > 2:
        longest = lengths.index(max(lengths))
        lengths[longest] -= 1
        short = BETWEEN.join(map(_without_middle, parts, lengths))
    return short if text_width(short) <= width else _without_middle(short, 2)


def _without_middle(text: str, kept: int) -> str:
    if len(text) <= kept:
        return text
    tail = (kept - 1) // 2
    return f"{text[: kept - 1 - tail]}…{text[len(text) - tail :]}"


def fitting_labels(texts: Sequence[str], width: float) -> tuple[str, ...]:
    """Return the texts at most so wide, numbered where shortening has made two of them alike."""
    short = [shortened(text, width) for text in texts]
    times = Counter(short)
    seen: Counter[str] = Counter()
    labels = []
    for text, label in zip(texts, short, strict=True):
        seen[label] += 1
        mark = f" #{seen[label]}" if times[label] > 1 else ""
        labels.append(shortened(text, width - text_width(mark)) + mark)
    return tuple(labels)
