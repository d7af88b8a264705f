"""Answers in one file of text: ``=== NAME``, perhaps ``>>> WORDS``, and for each file ``--- PATH`` and it."""

import re
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Section:
    """An answer, and what is said of it."""

    said: str
    files: dict[str, bytes]


def sections(path: Path) -> dict[str, Section]:
    """Return the answers of a file by their names."""
    parts = re.split(r"(?m)^=== (.+)\n", path.read_text(encoding="utf-8"))
    return {name: _section(body) for name, body in zip(parts[1::2], parts[2::2], strict=True)}


def _section(body: str) -> Section:
    head, *files = re.split(r"(?m)^--- (.+)\n", body)
    contents = (content.encode() for content in files[1::2])
    return Section(head.removeprefix(">>> ").strip(), dict(zip(files[::2], contents, strict=True)))
