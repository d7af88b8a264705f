"""What folders take on the disk, for the verbs that tell or free it."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

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
    total = Size()
    for status in _statuses(os.fspath(path)):
        total += status
    return total


def _statuses(path: str) -> Iterator[Size]:
    try:
        status = os.lstat(path)
        is_folder = os.path.isdir(path) and not os.path.islink(path)  # noqa: PTH112, PTH114 - samples are many
        yield Size(status.st_blocks * 512, 0 if is_folder else 1)
        names = os.listdir(path) if is_folder else []  # noqa: PTH208 - likewise
    except OSError:
        return  # gone meanwhile, or not ours to see
    for name in names:
        yield from _statuses(f"{path}/{name}")


def shown(size: int) -> str:
    """Return a number of bytes as people read it: ``3.4 MB``."""
    amount, unit = float(size), 0
    while amount >= 999.5 and unit < len(_UNITS) - 1:
        amount, unit = amount / 1000, unit + 1
    return f"{amount:.0f} B" if not unit else f"{amount:.{1 if amount < 99.95 else 0}f} {_UNITS[unit]}"
