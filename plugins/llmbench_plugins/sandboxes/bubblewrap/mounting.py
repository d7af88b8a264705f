"""Hands folders of the host into the mount namespace of a box's place, as only root can."""

import ctypes
import os
import threading
from collections.abc import Mapping
from pathlib import Path

from llmbench.errors import SandboxError

# The same on all processors that the kernel supports but one of the last century.
_OPEN_TREE = 428
_MOVE_MOUNT = 429
_AT_FDCWD = -100
_OPEN_TREE_CLONE = 1
_OPEN_TREE_CLOEXEC = os.O_CLOEXEC
_AT_RECURSIVE = 0x8000
_MOVE_MOUNT_F_EMPTY_PATH = 4
_CLONE_FS = 0x200
_CLONE_NEWNS = 0x20000


def hand_in(pid: int, folders: Mapping[str, Path]) -> None:
    """Mount ``folders`` of the host, by their new paths, in the mount namespace of the process ``pid``.

    Neither a folder that is closed to others nor one that is covered there is out of reach this way.

    Raises:
        SandboxError: the kernel refuses.
    """
    if not folders:
        return
    errors: list[OSError] = []
    # A thread of its own: it stays in the other namespace, and ends there.
    thread = threading.Thread(target=_hand_in, args=(pid, folders, errors))
    thread.start()
    thread.join()
    if errors:
        raise SandboxError(f"can't show {errors[0].filename} to a box: {errors[0].strerror}")


def _hand_in(pid: int, folders: Mapping[str, Path], errors: list[OSError]) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    trees: dict[str, int] = {}
    try:
        for place, folder in folders.items():
            flags = _OPEN_TREE_CLONE | _OPEN_TREE_CLOEXEC | _AT_RECURSIVE
            trees[place] = _checked(libc.syscall(_OPEN_TREE, _AT_FDCWD, bytes(folder), flags), str(folder))
        namespace = os.open(f"/proc/{pid}/ns/mnt", os.O_RDONLY | os.O_CLOEXEC)
        try:
            # A thread that shares its current folder with others can't enter another namespace.
            _checked(libc.unshare(_CLONE_FS), "unshare")
            _checked(libc.setns(namespace, _CLONE_NEWNS), "setns")
        finally:
            os.close(namespace)
        for place, tree in trees.items():
            flags = _MOVE_MOUNT_F_EMPTY_PATH
            moved = libc.syscall(_MOVE_MOUNT, tree, b"", _AT_FDCWD, place.encode(), flags)
            _checked(moved, str(folders[place]))
    except OSError as error:
        errors.append(error)
    finally:
        for tree in trees.values():
            os.close(tree)


def _checked(result: int, what: str) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number), what)
    return result
