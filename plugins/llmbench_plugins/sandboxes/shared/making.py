"""What making an image and installing libraries share: a toolchain's files, and a lock among processes."""

import asyncio
import fcntl
import os
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

from llmbench.api import Toolchain


def folder_content(toolchain: Toolchain) -> Iterator[tuple[str, bytes]]:
    """Yield the files of a toolchain's folder, in a fixed order, but for those of its Python package."""
    for path in sorted(toolchain.folder.rglob("*")):
        name = path.relative_to(toolchain.folder).as_posix()
        if path.is_file() and "__pycache__" not in path.parts and name != "__init__.py":
            yield name, path.read_bytes()


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
