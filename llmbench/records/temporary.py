"""Temporary folders that are removed with their process, and found again where it was killed."""

import atexit
import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

_PREFIX = "llmbench-tmp-"
_LOCKS: list[int] = []
"""Held as long as this process lives: whoever finds a folder unlocked knows that nobody uses it."""


def make_temporary() -> Path:
    """Return a new folder, which is removed when the process ends."""
    place = Path(tempfile.mkdtemp(prefix=_PREFIX))
    atexit.register(shutil.rmtree, place, ignore_errors=True)
    lock = os.open(place, os.O_RDONLY)
    fcntl.flock(lock, fcntl.LOCK_EX)
    _LOCKS.append(lock)
    return place


def abandoned() -> Iterator[Path]:
    """Yield this user's folders whose processes were killed."""
    for place in sorted(Path(tempfile.gettempdir()).glob(f"{_PREFIX}*")):
        if (
            place.is_dir()
            and not place.is_symlink()
            and place.stat().st_uid == os.geteuid()
            and _is_free(place)
        ):
            yield place


def _is_free(place: Path) -> bool:
    lock = os.open(place, os.O_RDONLY)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    finally:
        os.close(lock)
    return True
