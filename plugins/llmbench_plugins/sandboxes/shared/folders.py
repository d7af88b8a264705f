"""Temporary folders of boxes: where they are, whose they are, and which may be removed."""

import json
import os
import shutil
import stat
import tempfile
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

from llmbench.api import Leftover
from llmbench_plugins.shared.owner import as_name, is_alive, owner_mark

_MARKER = "owner.json"


def new_folder(label: str) -> Path:
    """Make a private folder that bears ``label`` and names this process as its owner."""
    place = _place()
    place.mkdir(mode=0o700, exist_ok=True)
    if place.is_symlink() or place.stat().st_uid != os.geteuid():
        # Somebody else made it first, in a folder that all may write to: don't trust it.
        place = Path(tempfile.mkdtemp(prefix=f"{place.name}-"))
    folder = Path(tempfile.mkdtemp(prefix=f"{as_name(label)}-", dir=place)).resolve()
    marker = {"label": label, "owner": owner_mark()}
    (folder / _MARKER).write_text(json.dumps(marker), encoding="utf-8")
    return folder


def remove_folder(folder: Path) -> None:
    """Remove a folder, also where code has closed parts of it to its owner."""
    for path, names, _ in os.walk(folder):
        for name in names:
            inner = Path(path, name)
            if not inner.is_symlink() and stat.S_IMODE(inner.lstat().st_mode) & 0o700 != 0o700:
                inner.chmod(0o700)
    shutil.rmtree(folder, ignore_errors=True)


def left_folders() -> Sequence[Leftover]:
    """Return the folders of boxes that are still there."""
    return [
        Leftover(what=str(folder), label=label, in_use=alive, remove=partial(_removed, folder))
        for folder, label, alive in _marked()
    ]


def _removed(folder: Path) -> bool:
    was_there = folder.exists()
    remove_folder(folder)
    return was_there


def size_over(folder: Path, limit_bytes: int) -> bool:
    """Say whether the files below ``folder`` take more than ``limit_bytes``, stopping as soon as they do."""
    total = 0
    for path, _, names in os.walk(folder):
        for name in names:
            try:
                found = os.lstat(os.path.join(path, name))  # noqa: PTH118 - thousands of them, twenty times a second
            except OSError:
                continue
            # A small file takes a block, so that many tiny ones count too.
            total += max(4096, found.st_blocks * 512)
            if total > limit_bytes:
                return True
    return False


def _place() -> Path:
    return Path(tempfile.gettempdir(), f"llmbench-{os.geteuid()}")


def _marked() -> Iterator[tuple[Path, str, bool]]:
    place = _place()
    folders = [*place.iterdir()] if place.is_dir() and not place.is_symlink() else []
    for folder in folders:
        try:
            marker = json.loads((folder / _MARKER).read_text(encoding="utf-8"))
            yield folder, str(marker["label"]), is_alive(str(marker["owner"]))
        except (OSError, ValueError, KeyError):
            continue
