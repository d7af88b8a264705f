"""Reads and writes folder trees by descriptors, so that no link made by untrusted code leads out of them.

Only the standard library: it also runs inside containers, where llmbench is not installed.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from fnmatch import fnmatchcase

FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_NEW_FILE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
# Without O_NONBLOCK, opening a FIFO that code has put there would wait for ever.
_OLD_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_DEPTH = 64


class TooMuch(Exception):
    """The files hold more than was allowed."""


def write_file(root: int, path: str, content: bytes, *, mode: int, owner: int | None = None) -> None:
    """Write a file below the folder ``root``, replacing whatever code has put in its way.

    ``owner`` gets the file and the folders that are made for it. Raises OSError where it can't be written.
    """
    *folders, name = path.split("/")
    with _descend(root, folders, owner) as parent:
        remove(parent, name)
        descriptor = os.open(name, _NEW_FILE, mode, dir_fd=parent)
        try:
            view = memoryview(content)
            while view:
                view = view[os.write(descriptor, view) :]
            _give(descriptor, owner)
            os.fchmod(descriptor, mode)
        finally:
            os.close(descriptor)


def folders_above(path: str) -> list[str]:
    """Return the folders above ``path``, outermost first."""
    names = path.split("/")[:-1]
    return ["/".join(names[: count + 1]) for count in range(len(names))]


@contextmanager
def folder(root: int, path: str) -> Iterator[int]:
    """Open the folder ``path`` below ``root``, making it where it is missing or something else."""
    with _descend(root, path.split("/") if path else [], None) as descriptor:
        yield descriptor


def read_files(root: int, *, limit_bytes: int, skip: Sequence[str] = ()) -> dict[str, bytes]:
    """Return the regular files below the folder ``root``.

    Links, special files, what can't be read, names that are no plain UTF-8 paths, folders more than 64
    deep, and those whose name matches a pattern of ``skip`` are left out. Raises TooMuch where they hold
    more than ``limit_bytes``.
    """
    files: dict[str, bytes] = {}
    left = limit_bytes
    for path, descriptor in _walk(root, "", 0, skip):
        if os.fstat(descriptor).st_size > left:
            raise TooMuch(path)
        content = _read(descriptor, left + 1)
        left -= len(content)
        if left < 0:
            raise TooMuch(path)
        files[path] = content
    return files


def remove(parent: int, name: str) -> None:
    """Remove ``name`` from the folder ``parent``, whatever it is; nothing where it is not there."""
    try:
        os.unlink(name, dir_fd=parent)
    except FileNotFoundError:
        return
    except (IsADirectoryError, PermissionError):
        inner = _enter(parent, name, None)
        try:
            empty(inner)
        finally:
            os.close(inner)
        os.rmdir(name, dir_fd=parent)


def empty(descriptor: int) -> None:
    """Remove everything in a folder."""
    for name in os.listdir(descriptor):
        remove(descriptor, name)


@contextmanager
def _descend(root: int, names: list[str], owner: int | None) -> Iterator[int]:
    current = os.open(".", FOLDER, dir_fd=root)
    try:
        for name in names:
            inner = _enter(current, name, owner)
            os.close(current)
            current = inner
        yield current
    finally:
        os.close(current)


def _enter(parent: int, name: str, owner: int | None) -> int:
    try:
        found = os.stat(name, dir_fd=parent, follow_symlinks=False)
    except FileNotFoundError:
        found = None
    if found is not None and not stat.S_ISDIR(found.st_mode):
        os.unlink(name, dir_fd=parent)
        found = None
    if found is not None and found.st_mode & 0o700 != 0o700:
        _open_up(parent, name)
    if found is not None:
        return os.open(name, FOLDER, dir_fd=parent)
    os.mkdir(name, 0o755, dir_fd=parent)
    descriptor = os.open(name, FOLDER, dir_fd=parent)
    _give(descriptor, owner)
    return descriptor


def _give(descriptor: int, owner: int | None) -> None:
    if owner is not None:
        os.fchown(descriptor, owner, owner)


def _open_up(parent: int, name: str) -> None:
    """Give the owner access to a folder that code has closed; by descriptor, as a name could be swapped."""
    if not hasattr(os, "O_PATH"):
        return
    descriptor = os.open(name, os.O_PATH | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=parent)
    try:
        if stat.S_ISDIR(os.fstat(descriptor).st_mode):
            os.chmod(f"/proc/self/fd/{descriptor}", 0o755)  # noqa: PTH101, S103 - its content is in the box anyway
    finally:
        os.close(descriptor)


def _walk(folder: int, prefix: str, depth: int, skip: Sequence[str]) -> Iterator[tuple[str, int]]:
    for name in sorted(os.listdir(folder)):
        path = prefix + name
        descriptor = _open(folder, name) if _is_plain(name) else None
        if descriptor is None:
            continue
        try:
            kind = os.fstat(descriptor).st_mode
            if stat.S_ISREG(kind):
                yield path, descriptor
            elif stat.S_ISDIR(kind) and depth < _DEPTH and not any(fnmatchcase(name, part) for part in skip):
                yield from _walk(descriptor, f"{path}/", depth + 1, skip)
        finally:
            os.close(descriptor)


def _open(folder: int, name: str) -> int | None:
    try:
        # Asked before anything is opened, so that no device or FIFO is touched.
        kind = os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode
        if stat.S_ISDIR(kind):
            return os.open(name, FOLDER, dir_fd=folder)
        return os.open(name, _OLD_FILE, dir_fd=folder) if stat.S_ISREG(kind) else None
    except OSError:
        return None


def _is_plain(name: str) -> bool:
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return "\\" not in name


def _read(descriptor: int, limit: int) -> bytes:
    parts = []
    while limit > 0 and (part := os.read(descriptor, min(limit, 1 << 20))):
        parts.append(part)
        limit -= len(part)
    return b"".join(parts)
