"""Whether files can be written into a box: names that no file system takes are an answer's own fault."""

from collections.abc import Iterable, Mapping

_LONGEST_NAME = 255
"""Bytes of a name, as ext4, xfs, btrfs, tmpfs and overlayfs take them."""
_LONGEST_PATH = 2000
"""Bytes of a path below the work folder: Linux takes 4096, with whatever stands above it."""
_DEEPEST = 100


def unwritable(files: Mapping[str, bytes], beside: Iterable[str] = (), *, disk_mb: int | None = None) -> str:
    """Return why an answer's files can't be laid over files ``beside`` them; an empty string if they can."""
    for path in files:
        if problem := _odd(path):
            return f"the answer has a file with {problem}: {_shown(path)}"
    if clash := _clash(files, beside):
        return f"the answer has a file where a folder is: {_shown(clash)}"
    size = sum(map(len, files.values()))
    if disk_mb is not None and size > disk_mb * 2**20:
        return f"the answer's files hold {size} bytes, more than a box may: {disk_mb} MB"
    return ""


def _odd(path: str) -> str:
    try:
        names = path.encode().split(b"/")
    except UnicodeEncodeError:
        return "a name that is no text"
    if not path or b"\0" in path.encode() or any(name in (b"", b".", b"..") for name in names):
        return "a name that is no path below the work folder"
    if (longest := max(map(len, names))) > _LONGEST_NAME:
        return f"a name of {longest} bytes, where file systems take {_LONGEST_NAME}"
    if len(path.encode()) > _LONGEST_PATH or len(names) > _DEEPEST:
        return "a path that is too long"
    return ""


def _clash(files: Iterable[str], beside: Iterable[str]) -> str:
    """Return a path that is also a folder above another one."""
    paths = {*files, *beside}
    for path in paths:
        parts = path.split("/")
        for end in range(1, len(parts)):
            if (above := "/".join(parts[:end])) in paths:
                return above
    return ""


def _shown(path: str) -> str:
    return ascii(path if len(path) <= 60 else f"{path[:30]}...{path[-25:]}")
