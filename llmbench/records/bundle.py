"""A bundle: one file with what others need to check a run.

It is a zip archive of a run folder in small: ``bundle.json`` (``Bundle``), manifest, journal, what the
monitors saw, and of each sample what was submitted and said of it.
"""

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from llmbench import __version__

FILE = "bundle.json"
_NAME = r"(?!\.{1,2}(?:/|$))[^/\\\x00-\x1f\x7f-\x9f]{1,255}"
RUN_NAME = re.compile(f"{_NAME}/{_NAME}")
"""What ``Bundle.run`` looks like."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bundle:
    """What ``bundle.json`` says of the others."""

    schema: Literal["llmbench.bundle/1"] = "llmbench.bundle/1"
    run: str
    """Dataset and folder of the run."""
    llmbench: str = __version__
    """Which version packed it."""
    transcripts: bool = False
    """Whether prompts, reasoning and tool calls are in it."""
    altered: tuple[str, ...] = ()
    """Samples in whose answers a folder or a secret of the machine was replaced: ``task#0``."""
    files: dict[str, str] = field(default_factory=dict)
    """sha256 of every other file by name."""


@dataclass(frozen=True, slots=True)
class Unpacked:
    """A bundle, and the run folder that it was unpacked to."""

    file: Path
    folder: Path
    bundle: Bundle


UNPACKED: dict[Path, Unpacked] = {}
"""What this process has unpacked, by file: a bundle that is named twice is unpacked once."""


def bundle_of(folder: Path) -> Unpacked | None:
    """Return the bundle that a folder was unpacked from, or that it lies in; None where it was not."""
    return next((one for one in UNPACKED.values() if folder.is_relative_to(one.folder)), None)


def looks_like_bundle(path: Path) -> bool:
    """Say whether a word of the command line names an archive; what is in it is not looked at."""
    try:
        if not path.is_file():
            return False
        with path.open("rb") as file:
            return file.read(2) == b"PK" or path.suffix in (".zip", ".bundle")
    except (OSError, ValueError):
        return False
