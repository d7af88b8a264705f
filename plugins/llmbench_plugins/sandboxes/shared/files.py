"""Files of a box on this host: what ``inside/tree.py`` does, with our errors and under the right identity."""

import errno
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from llmbench.api import Files
from llmbench.errors import SandboxError
from llmbench_plugins.sandboxes.inside import tree as _tree


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
        try:
            _tree.write_file(root, path, content, mode=mode)
        except OSError as error:
            full = error.errno in (errno.ENOSPC, errno.EDQUOT)
            reason = "it does not fit into the disk limit" if full else error.strerror
            raise SandboxError(f"can't write {path!r} into the box: {reason}") from error


def make_folders(root: int, path: str) -> list[str]:
    """Make the folders above ``path`` real ones and return their paths, outermost first."""
    above = _tree.folders_above(path)
    with _tree.folder(root, above[-1] if above else ""):
        return above


def read_files(root: int, *, limit_bytes: int, skip: Sequence[str] = ()) -> dict[str, bytes]:
    """Return the regular files below the folder ``root``, but for those below folders to ``skip``.

    Raises:
        SandboxError: they hold more than ``limit_bytes``.
    """
    try:
        return _tree.read_files(root, limit_bytes=limit_bytes, skip=skip)
    except _tree.TooMuch as error:
        limit = f"its disk limit of {limit_bytes} bytes"
        raise SandboxError(f"the files of the box hold more than {limit} (at {str(error)!r})") from error


def open_folder(path: str | os.PathLike[str]) -> int:
    """Return a descriptor of a folder."""
    return os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
