"""Foreign texts cut to what a page can hold: their beginning and their end, inert, and what is left out."""

from dataclasses import dataclass
from pathlib import Path

from llmbench.report.words import count, inert

_UTF8 = 4
"""Bytes that a character has at most."""


@dataclass(frozen=True, slots=True)
class Excerpt:
    """A text to be shown, and a note where that is not all of it."""

    text: str
    note: str = ""


def excerpt(text: str, longest: int) -> Excerpt:
    """Return at most ``longest`` characters of a text."""
    left_out = len(text) - longest
    if left_out <= 0:
        return Excerpt(inert(text).rstrip())
    return _cut(text[: longest - longest // 3], text[-(longest // 3) :], f"{count(left_out)} characters")


def file_excerpt(path: Path, longest: int) -> Excerpt:
    """Return at most ``longest`` characters of a file; of a long one, only its ends are read.

    A file that is not there, or can't be read, is an empty text.
    """
    try:
        with path.open("rb") as file:
            start = file.read(_UTF8 * longest)
            size = path.stat().st_size if len(start) == _UTF8 * longest else len(start)
            if size == len(start):
                return excerpt(start.decode(errors="replace"), longest)
            file.seek(-(longest // 3), 2)
            end = file.read().decode(errors="replace")
    except OSError:
        return Excerpt("")
    shown = longest - longest // 3
    return _cut(start.decode(errors="replace")[:shown], end, f"most of {count(size)} bytes")


def _cut(start: str, end: str, left_out: str) -> Excerpt:
    gap = f"[… {left_out} left out …]"
    return Excerpt(f"{inert(start)}\n{gap}\n{inert(end).rstrip()}", f"{left_out} left out")
