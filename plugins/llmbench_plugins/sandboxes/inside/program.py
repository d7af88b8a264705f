"""The children of the supervisor: a runner as root for each program, and the program as nobody below it."""

# No pathlib: importing it would add a third to the start-up of a container.
# ruff: noqa: PTH123, PTH208

from __future__ import annotations

import ctypes
import json
import os
import resource
import signal
from collections.abc import Mapping, Sequence
from contextlib import suppress

NOBODY = 65534
_SUBREAPER = 36
_LIBC = ctypes.CDLL(None)
_HEARD = (signal.SIGTERM, signal.SIGCHLD)


def run(argv: Sequence[str], env: Mapping[str, str], streams: Sequence[int], status: int, cwd: str) -> None:
    """Start a program, end all that it has started with it or when told by SIGTERM, report, and exit."""
    # Orphans of the program come to this process and to no other, so that none can slip away.
    _LIBC.prctl(_SUBREAPER, 1, 0, 0, 0)
    # Blocked and waited for: a handler could strike at any line, also between the end and the sweep.
    signal.pthread_sigmask(signal.SIG_BLOCK, _HEARD)
    code = 126
    with suppress(OSError):  # no process is left: code that runs beside this one has used them up
        main = os.fork()
        if main == 0:
            _become(argv, env, streams, cwd)
        for descriptor in streams:
            os.close(descriptor)
        code = _wait_for(main)
    os.write(status, json.dumps({"code": code, "alone": sweep()}).encode())
    os._exit(0)


def _wait_for(main: int) -> int:
    while signal.sigwait(_HEARD) != signal.SIGTERM:
        with suppress(ChildProcessError):
            while (found := os.waitpid(-1, os.WNOHANG))[0]:
                if found[0] == main:
                    return os.waitstatus_to_exitcode(found[1])
    return -signal.SIGKILL


def sweep() -> bool:
    """Kill all descendants of this process; return False where they multiply faster."""
    for _ in range(8):
        if reap():
            return True
        for pid in _descendants(os.getpid()):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        signal.sigtimedwait([signal.SIGCHLD], 0.005)
    return reap()


def reap() -> bool:
    """Collect dead children; return True where no child is left."""
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        return True
    return False


def _descendants(root: int) -> list[int]:
    parents: dict[int, int] = {}
    for name in os.listdir("/proc"):
        if name.isdigit():
            with suppress(OSError, ValueError), open(f"/proc/{name}/stat", "rb") as file:
                parents[int(name)] = int(file.read().rpartition(b")")[2].split()[1])
    found: list[int] = []
    waiting = [root]
    while waiting:
        parent = waiting.pop()
        children = [pid for pid, above in parents.items() if above == parent]
        found += children
        waiting += children
    return found


def _become(argv: Sequence[str], env: Mapping[str, str], streams: Sequence[int], cwd: str) -> None:
    """Become the program, as nobody; never return."""
    code = 126
    try:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _HEARD)
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)
        os.setsid()
        for number, descriptor in enumerate(streams):
            os.dup2(descriptor, number)
        os.closerange(3, 4096)
        with open("/proc/self/oom_score_adj", "w", encoding="ascii") as file:
            file.write("1000")  # if memory runs out, this goes first, and never the supervisor
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_NOFILE, (1024, 1024))
        os.setgroups([])
        os.setgid(NOBODY)
        os.setuid(NOBODY)
        os.umask(0o022)
        os.chdir(cwd)
        os.execvpe(argv[0], list(argv), {"PATH": os.environ["PATH"], **env})  # noqa: S606 - no shell is meant
    except BaseException as error:
        code = 127 if isinstance(error, FileNotFoundError) else 126
        os.write(2, f"can't run {argv[0]!r}: {getattr(error, 'strerror', None) or error}\n".encode())
    finally:
        os._exit(code)
