"""What making an image and installing libraries share: a toolchain's files, and a lock among processes."""

import asyncio
import fcntl
import os
import re
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from llmbench.api import Packages, Toolchain
from llmbench.errors import PrerequisiteError

WANTED = "wanted"
"""The folder of the files that name packages, beside the script that installs them."""
_PACKAGES = "packages/"
_ERROR = re.compile(r"(?:npm )?err(?:or)?\b", re.IGNORECASE)
"""How package managers begin the lines that say why."""


class NotMadeError(PrerequisiteError):
    """A program that was to make something for a toolchain failed; ``log`` is the end of what it said."""

    def __init__(self, message: str, log: Sequence[str]) -> None:
        super().__init__(message)
        self.log = tuple(log)


def folder_content(toolchain: Toolchain) -> Iterator[tuple[str, bytes]]:
    """Yield the files of a toolchain's folder, in a fixed order, but for those of its Python package."""
    for path in sorted(toolchain.folder.rglob("*")):
        name = path.relative_to(toolchain.folder).as_posix()
        if toolchain.packages_at and name.startswith(_PACKAGES):
            continue  # of other images, which are made of this one
        if path.is_file() and "__pycache__" not in path.parts and name != "__init__.py":
            yield name, path.read_bytes()


def packages_content(toolchain: Toolchain) -> Iterator[tuple[str, bytes]]:
    """Yield what installs packages into a toolchain, and the files that name them, in a fixed order."""
    for path in sorted((toolchain.folder / _PACKAGES).iterdir()):
        if path.is_file():
            yield path.name, path.read_bytes()
    for name, text in toolchain.packages.files if toolchain.packages else ():
        yield f"{WANTED}/{name}", text.encode()


def packages_problem(packages: Packages, error: NotMadeError) -> PrerequisiteError:
    """Return the error for packages that could not be installed: its first line says which, and why."""
    said = [line.strip() for line in error.log if line.strip()]
    errors = [line for line in said if _ERROR.match(line)][:2]
    told = "; ".join(errors or said[-1:] or ["no reason given"])
    return PrerequisiteError(
        f"packages can't be installed ({', '.join(packages.names)}): {told[:300]}\n{error}"
    )


@asynccontextmanager
async def locked(path: Path) -> AsyncIterator[None]:
    """Hold a lock among processes, so that no image is built twice at once."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        while not _try_lock(descriptor):  # noqa: ASYNC110 - the holder is another process
            await asyncio.sleep(0.2)
        yield
    finally:
        os.close(descriptor)


def _try_lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
