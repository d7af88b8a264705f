"""Files of a box, written and read by folder descriptors so that no link made inside leads out of it."""

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager

from llmbench.api import Files, PathError, clean_path
from llmbench.errors import SandboxError

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_NEW_FILE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
# Without O_NONBLOCK, opening a FIFO that code has put there would wait for ever.
_OLD_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_DEPTH = 64


@contextmanager
def acting_as(uid: int | None) -> Iterator[None]:
    """Touch files as ``uid`` (None: as ourselves) for the body, which must not await.

    Root can't create files in a tmpfs of a user namespace in which it has no id, and should not follow the
    paths of untrusted code anyway. The file-system id belongs to the thread alone.
    """
    if uid is None:
        yield
        return
    import ctypes

    libc = ctypes.CDLL(None)
    libc.setfsgid(uid)
    libc.setfsuid(uid)
    try:
        yield
    finally:
        libc.setfsuid(0)
        libc.setfsgid(0)


def write_files(root: int, files: Files, *, mode: int = 0o644) -> None:
    """Write files below the folder ``root``, replacing whatever code has put in their way.

    Raises:
        SandboxError: they do not fit, or the box is broken.
    """
    for path, content in files.items():
        *folders, name = clean_path(path).split("/")
        try:
            with _folder(root, folders) as parent:
                _remove(parent, name)
                _create(parent, name, content, mode)
        except OSError as error:
            reason = "it does not fit into the disk limit" if _is_full(error) else error.strerror
            raise SandboxError(f"can't write {path!r} into the box: {reason}") from error


def make_folders(root: int, path: str) -> list[str]:
    """Make the folders above ``path`` real ones and return their paths, outermost first."""
    folders = clean_path(path).split("/")[:-1]
    with _folder(root, folders):
        return ["/".join(folders[: count + 1]) for count in range(len(folders))]


def read_files(root: int, *, limit_bytes: int) -> dict[str, bytes]:
    """Return the regular files below the folder ``root``.

    Links, special files, what its owner made unreadable, names that are no workspace paths and folders more
    than 64 deep are left out.

    Raises:
        SandboxError: they hold more than ``limit_bytes``.
    """
    files: dict[str, bytes] = {}
    left = limit_bytes
    for path, descriptor in _walk(root, "", 0):
        size = os.fstat(descriptor).st_size
        content = _read(descriptor, left + 1) if size <= left else None
        if content is None or len(content) > left:
            raise SandboxError(f"the files of the box hold more than its disk limit of {limit_bytes} bytes")
        left -= len(content)
        files[path] = content
    return files


def _is_full(error: OSError) -> bool:
    return error.errno in (errno.ENOSPC, errno.EDQUOT)


@contextmanager
def _folder(root: int, names: list[str]) -> Iterator[int]:
    current = os.open(".", _FOLDER, dir_fd=root)
    try:
        for name in names:
            inner = _enter(current, name)
            os.close(current)
            current = inner
        yield current
    finally:
        os.close(current)


def _enter(parent: int, name: str) -> int:
    try:
        found = os.stat(name, dir_fd=parent, follow_symlinks=False)
    except FileNotFoundError:
        found = None
    if found is not None and not stat.S_ISDIR(found.st_mode):
        os.unlink(name, dir_fd=parent)
        found = None
    if found is None:
        os.mkdir(name, 0o755, dir_fd=parent)
    elif found.st_mode & 0o700 != 0o700:
        _open_up(parent, name)
    return os.open(name, _FOLDER, dir_fd=parent)


def _open_up(parent: int, name: str) -> None:
    """Give the owner access to a folder that code has closed; by descriptor, as a name could be swapped."""
    if not hasattr(os, "O_PATH"):
        return
    descriptor = os.open(name, os.O_PATH | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=parent)
    try:
        if stat.S_ISDIR(os.fstat(descriptor).st_mode):
            os.chmod(f"/proc/self/fd/{descriptor}", 0o755)  # noqa: PTH101, S103 - only the box's own code can get there
    finally:
        os.close(descriptor)


def _remove(parent: int, name: str) -> None:
    try:
        os.unlink(name, dir_fd=parent)
    except FileNotFoundError:
        return
    except (IsADirectoryError, PermissionError):
        inner = _enter(parent, name)
        try:
            for entry in os.listdir(inner):  # noqa: PTH208 - by descriptor
                _remove(inner, entry)
        finally:
            os.close(inner)
        os.rmdir(name, dir_fd=parent)


def _create(parent: int, name: str, content: bytes, mode: int) -> None:
    descriptor = os.open(name, _NEW_FILE, mode, dir_fd=parent)
    try:
        view = memoryview(content)
        while view:
            view = view[os.write(descriptor, view) :]
        os.fchmod(descriptor, mode)
    finally:
        os.close(descriptor)


def _walk(folder: int, prefix: str, depth: int) -> Iterator[tuple[str, int]]:
    for name in sorted(os.listdir(folder)):
        path = prefix + name
        if not _is_path(path):
            continue
        try:
            # The flag is checked before anything is opened for real, so a device is never touched.
            kind = os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode
            if stat.S_ISDIR(kind) and depth < _DEPTH:
                descriptor = os.open(name, _FOLDER, dir_fd=folder)
            elif stat.S_ISREG(kind):
                descriptor = os.open(name, _OLD_FILE, dir_fd=folder)
            else:
                continue
        except OSError:
            continue
        try:
            kind = os.fstat(descriptor).st_mode
            if stat.S_ISDIR(kind):
                yield from _walk(descriptor, f"{path}/", depth + 1)
            elif stat.S_ISREG(kind):
                yield path, descriptor
        finally:
            os.close(descriptor)


def _is_path(path: str) -> bool:
    try:
        path.encode()
        return clean_path(path) == path
    except (PathError, UnicodeEncodeError):
        return False


def _read(descriptor: int, limit: int) -> bytes:
    parts = []
    while limit > 0 and (part := os.read(descriptor, min(limit, 1 << 20))):
        parts.append(part)
        limit -= len(part)
    return b"".join(parts)
