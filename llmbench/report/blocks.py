"""Markdown that foreign text can't break out of, as blocks that Markdown and HTML both render."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from llmbench.report.words import inert, one_line

_SPECIAL = re.compile(r"([\\`*\[\]<>|~#$@]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])|&(?=[#\w]))")
LONGEST = 200_000
"""Characters of one text that a report holds; the sample's folder has the rest."""


@dataclass(frozen=True, slots=True)
class Text:
    """Markdown of our own."""

    markdown: str


@dataclass(frozen=True, slots=True)
class Fold:
    """Something to open: a title of our own, and Markdown."""

    title: str
    markdown: str
    is_open: bool = False


Block = Text | Fold


def join(blocks: Iterable[Block]) -> str:
    """Return the blocks as one Markdown file."""
    return "\n\n".join(_markdown(block) for block in blocks) + "\n"


def _markdown(block: Block) -> str:
    if isinstance(block, Text):
        return block.markdown
    opened = " open" if block.is_open else ""
    return f"<details{opened}><summary>{block.title}</summary>\n\n{block.markdown}\n\n</details>"


def plain(text: str, longest: int = 160) -> str:
    """Return foreign text as one line in which no character means anything to Markdown."""
    return _SPECIAL.sub(r"\\\1", one_line(text, longest))


def fence(text: str, language: str = "text", most: int = LONGEST) -> str:
    """Return foreign text, or its first ``most`` characters, between fences longer than any that it holds."""
    kept = inert(text[:most])
    if len(text) > most:
        kept += f"\n[… {len(text) - most} characters more in the sample's folder]"
    longest = max(map(len, re.findall(r"`{3,}", kept)), default=2)
    marks = "`" * (longest + 1)
    return f"{marks}{language}\n{kept.rstrip()}\n{marks}"


def table(head: Sequence[str], rows: Iterable[Sequence[str]], right: Iterable[int] = ()) -> str:
    """Return a table; the columns numbered in ``right`` are set to the right. Cells are Markdown."""
    aligned = set(right)
    rule = ["---:" if column in aligned else "---" for column in range(len(head))]
    return "\n".join(f"| {' | '.join(row)} |" for row in (head, rule, *rows))
