"""Names of files and folders that every file system takes."""

import hashlib

LONGEST_BYTES = 255
"""Of one name, on all that llmbench runs on."""


def fitting_name(name: str, most: int = LONGEST_BYTES) -> str:
    """Return a name of at most ``most`` bytes: a longer one is cut, and ends in a hash of the whole."""
    data = name.encode(errors="replace")
    if len(data) <= most:
        return name
    mark = "-" + hashlib.sha256(data).hexdigest()[:8]
    # Cutting may leave a part of a letter behind.
    return data[: most - len(mark)].decode(errors="ignore") + mark


def fitting_path(path: str) -> str:
    """Return a relative path with every name of it fitting, and none that leads elsewhere."""
    return "/".join(
        fitting_name(name.replace("\0", "_")) for name in path.split("/") if name not in _ELSEWHERE
    )


_ELSEWHERE = ("", ".", "..")
