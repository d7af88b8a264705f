"""The texts of a sample as far as an answer holds them: their beginning, inert, and where the whole is."""

import os
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from llmbench.records.samples import sample_folder
from llmbench.report.words import inert
from llmbench.serve.faults import NotFound
from llmbench.serve.files import open_file
from llmbench.serve.runs import RunName

LONGEST = 1 << 16
"""Bytes of a text that an answer holds."""
FILES = {
    "prompt": "prompt.md",
    "answer": "response.md",
    "reasoning": "reasoning.md",
    "patch": "patch.diff",
    "stdout": "stdout.log",
    "stderr": "stderr.log",
}
"""Of a try, by what they are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """The first 64 kB of a file; control characters are made visible."""

    text: str
    size: int
    """Bytes of the whole file."""
    truncated: bool
    artifact: str
    """The address of the whole file."""


def try_texts(root: Path, name: RunName, key: tuple[str, int], number: int, base: str) -> dict[str, Text]:
    """Return the texts of a try that are there, by what they are; ``base`` stands before each address."""
    folder = f"{relative_folder(key)}/try-{number}"
    found = {part: text_of(root, name, f"{folder}/{file}", base) for part, file in FILES.items()}
    return {part: text for part, text in found.items() if text is not None}


def relative_folder(key: tuple[str, int]) -> str:
    """Return the folder of a sample, from that of its run."""
    return sample_folder(Path(), *key).as_posix()


def text_of(root: Path, name: RunName, path: str, base: str) -> Text | None:
    """Return the beginning of a file of a run; None where it is not there."""
    try:
        with open_file(root, name, path) as file:
            data, size = file.read(LONGEST + 1), os.fstat(file.fileno()).st_size
    except NotFound:
        return None
    return Text(
        text=inert(data[:LONGEST].decode(errors="replace" if len(data) <= LONGEST else "ignore")),
        size=size,
        truncated=len(data) > LONGEST,
        artifact=f"{base}/artifacts/{quote(f'{name}/{path}')}",
    )
