"""Files of runs, opened step by step below the folder of runs: no link is followed, and no name leads out."""

import os
import re
import stat
from pathlib import Path
from typing import BinaryIO

from llmbench.serve.faults import NotFound
from llmbench.serve.runs import RunName

_STEP = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_LAST = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
"""Without blocking: a pipe in the place of a file would hold the server up."""
_KNOWN = re.compile(
    r"(?:journal(?:\.damaged)?|monitors)\.jsonl|summary\.json|REPORT\.md|report\.html|report-samples/\d{1,8}\.html"
    r"|samples/(?:[^/]+/)+\d{1,9}/"
    r"(?:transcript\.jsonl|try-\d{1,9}/(?:prompt\.md|response\.md|reasoning\.md|patch\.diff|verdict(?:\.\d+)?\.json"
    r"|[\w-][\w.-]*\.log))"
)
"""What a browser may have of a run's folder. The manifest is not among it: the API shows what may be seen."""


def is_known(path: str) -> bool:
    """Say whether a path below a run's folder is one that is served."""
    return _KNOWN.fullmatch(path) is not None


def open_file(root: Path, name: RunName, path: str) -> BinaryIO:
    """Open a file of a run for reading.

    Args:
        root: the folder of runs.
        name: of the run.
        path: below the run's folder; not checked against the names that are served.

    Raises:
        NotFound: there is no such file, it is none, or a link stands on the way.
    """
    *folders, last = f"{name.folder}/{path}".split("/")
    try:
        return _opened(root, folders, last)
    except (OSError, ValueError):  # ValueError: a NUL in the name
        raise NotFound(f"no file '{path}' of run '{name}'") from None


def _opened(root: Path, folders: list[str], last: str) -> BinaryIO:
    at = os.open(root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        for folder in folders:
            below = os.open(_checked(folder), _STEP, dir_fd=at)
            os.close(at)
            at = below
        file = os.open(_checked(last), _LAST, dir_fd=at)
    finally:
        os.close(at)
    if stat.S_ISREG(os.fstat(file).st_mode):
        return os.fdopen(file, "rb")
    os.close(file)
    raise ValueError("no file")


def _checked(name: str) -> str:
    if name in ("", ".", ".."):
        raise ValueError("it leads elsewhere")
    return name
