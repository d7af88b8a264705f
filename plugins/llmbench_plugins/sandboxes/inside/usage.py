"""What all programs in the container use together: memory by its cgroup, disk by its tmpfs folders."""

# No pathlib: importing it would add a third to the start-up of a container.
# ruff: noqa: PTH123

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence

_MEMORY = (("/sys/fs/cgroup/memory.stat", b"anon"), ("/sys/fs/cgroup/memory/memory.stat", b"rss"))
_KILLS = (
    ("/sys/fs/cgroup/memory.events", b"oom_kill"),
    ("/sys/fs/cgroup/memory/memory.oom_control", b"oom_kill"),
)


class Usage:
    """Looks at the counters; a kernel that has none counts as using nothing, and the hard limits remain."""

    def __init__(self, limits: Mapping[str, int], folders: Sequence[str]) -> None:
        self._disk = limits["disk_mb"] << 20
        self._files = limits["files"]
        self._folders = folders
        # What the supervisor itself takes is not the program's.
        self._memory = (limits["memory_mb"] << 20) + _counter(_MEMORY)

    def oom_kills(self) -> int:
        """Return how many processes the kernel has killed for want of memory so far."""
        return _counter(_KILLS)

    def memory_is_full(self) -> bool:
        """Say whether memory that is no file exceeds the limit."""
        return _counter(_MEMORY) > self._memory

    def disk_is_full(self) -> bool:
        """Say whether the folders together, or one alone, hold all they may, in bytes or in files."""
        used = count = 0
        for name in self._folders:
            found = os.statvfs(name)
            used += (found.f_blocks - found.f_bfree) * found.f_frsize
            count += found.f_files - found.f_ffree
            if found.f_bavail == 0 or found.f_ffree == 0:
                return True
        return used >= self._disk or count > self._files


def _counter(places: Sequence[tuple[str, bytes]]) -> int:
    for path, key in places:
        try:
            with open(path, "rb") as file:
                for line in file:
                    name, value = line.split()[:2]
                    if name == key:
                        return int(value)
        except OSError:
            continue
    return 0
