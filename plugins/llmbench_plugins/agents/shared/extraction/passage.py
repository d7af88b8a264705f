"""A passage: a piece of an answer that may be a file's content."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """Where it stands, what is said of it, and its code without the markup around it."""

    method: str
    """fence, tag, heredoc, data, run, whole or joined."""
    text: str
    start: int
    end: int
    language: str = ""
    path: str = ""
    sure: bool = False
    """A line or label is there only to name the file."""
    mended: str = ""
    """What had to be done to the text besides removing the markup."""


def shorter(lines: list[str], width: int) -> list[str]:
    """Take as much blank indentation from each line as there is, up to a width; nothing else changes."""
    return [line[_blank(line, width) :] for line in lines]


def common_indentation(lines: list[str]) -> int:
    """Return the indentation that all lines that hold something have."""
    return min((len(line) - len(line.lstrip(" \t")) for line in lines if line.strip()), default=0)


def _blank(line: str, width: int) -> int:
    return min(width, len(line) - len(line.lstrip(" \t")))
