"""What folders take on the disk, for the verbs that tell or free it."""

import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from stat import S_ISDIR

_UNITS = ("B", "kB", "MB", "GB", "TB")


@dataclass(frozen=True, slots=True)
class Size:
    """What a file or folder takes."""

    bytes: int = 0
    """On the disk, in whole blocks: many small files take more than their contents."""
    files: int = 0

    def __add__(self, other: "Size") -> "Size":
        return Size(self.bytes + other.bytes, self.files + other.files)


def size_of(path: Path) -> Size:
    """Return what a file or folder takes; links are counted, and not followed."""
    try:
        status = path.lstat()
    except OSError:
        return Size()  # gone meanwhile
    blocks, files = status.st_blocks, 0 if S_ISDIR(status.st_mode) else 1
    folders = [os.fspath(path)] if S_ISDIR(status.st_mode) else []
    while folders:
        for entry in _entries(folders.pop()):
            with suppress(OSError):
                blocks += entry.stat(follow_symlinks=False).st_blocks
                if entry.is_dir(follow_symlinks=False):
                    folders.append(entry.path)
                else:
                    files += 1
    return Size(blocks * 512, files)


def _entries(folder: str) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as found:
            return list(found)
    except OSError:
        return []  # gone meanwhile, or not ours to see


def shown(size: int) -> str:
    """Return a number of bytes as people read it: ``3.4 MB``."""
    amount, unit = float(size), 0
    while amount >= 999.5 and unit < len(_UNITS) - 1:
        amount, unit = amount / 1000, unit + 1
    return f"{amount:.0f} B" if not unit else f"{amount:.{1 if amount < 99.95 else 0}f} {_UNITS[unit]}"
