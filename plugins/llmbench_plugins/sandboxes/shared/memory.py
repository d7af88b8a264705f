"""How much memory a tree of processes uses, shared pages counted once where the kernel tells."""

from collections.abc import Iterator
from pathlib import Path

_PAGE = 4096
_MIB = 1 << 20


def over_memory(pid: int, limit_mb: int) -> bool:
    """Say whether the process ``pid`` and its descendants use more than ``limit_mb``."""
    pids = list(descendants(pid))
    if sum(_resident(each) for each in pids) <= limit_mb * _MIB:
        return False
    # Forked processes share most pages; the exact sum costs milliseconds, so it is taken only here.
    return sum(_proportional(each) for each in pids) > limit_mb * _MIB


def descendants(pid: int) -> Iterator[int]:
    """Yield ``pid`` and every process below it; those that end meanwhile are left out."""
    if Path(f"/proc/{pid}/task/{pid}/children").exists():
        yield from _descendants_from_proc(pid)
        return
    import psutil

    try:
        process = psutil.Process(pid)
        yield from (pid, *(child.pid for child in process.children(recursive=True)))
    except psutil.Error:
        return


def _descendants_from_proc(pid: int) -> Iterator[int]:
    waiting = [pid]
    seen = {pid}
    while waiting:
        current = waiting.pop()
        yield current
        for child in _children(current):
            if child not in seen:
                seen.add(child)
                waiting.append(child)


def _children(pid: int) -> list[int]:
    found: list[int] = []
    try:
        for task in Path(f"/proc/{pid}/task").iterdir():
            found += map(int, (task / "children").read_bytes().split())
    except OSError:
        pass
    return found


def _resident(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/statm").read_bytes().split()[1]) * _PAGE
    except (OSError, IndexError):
        return _resident_elsewhere(pid)


def _resident_elsewhere(pid: int) -> int:
    if Path("/proc/self/statm").exists():
        return 0
    import psutil

    try:
        return int(psutil.Process(pid).memory_info().rss)
    except psutil.Error:
        return 0


def _proportional(pid: int) -> int:
    try:
        for line in Path(f"/proc/{pid}/smaps_rollup").read_bytes().splitlines():
            if line.startswith(b"Pss:"):
                return int(line.split()[1]) * 1024
    except OSError:
        pass
    return _resident(pid)
