"""One program in one bubblewrap: how it is confined, watched, and ended with everything it has started."""

import asyncio
import json
import os
import signal
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Self

from llmbench.api import Limits, Ran, Stop
from llmbench.errors import SandboxError
from llmbench_plugins.sandboxes.bubblewrap.holder import Holder
from llmbench_plugins.sandboxes.shared.environment import WORK_FOLDER
from llmbench_plugins.sandboxes.shared.host import ROOT, Shown
from llmbench_plugins.sandboxes.shared.memory import over_memory
from llmbench_plugins.sandboxes.shared.process import Capped, Process, Reader, spawn
from llmbench_plugins.sandboxes.shared.supervise import supervise

_OPEN_FILES = 1024
DEATH_S = 20.0
_FILES_PER_MB = 100
# To mount, to have a loopback, to name the user of a box: all over nothing but what is its own.
_POWERS = ("CAP_SYS_ADMIN", "CAP_NET_ADMIN", "CAP_SETFCAP")


@dataclass(frozen=True, slots=True, kw_only=True)
class Confinement:
    """What all programs of a box have in common."""

    shown: Shown
    limits: Limits
    seccomp: bytes
    disable_userns: bool
    nested: bool = False
    """Whether the program is ours and makes boxes inside this one, so that it keeps the powers for that."""

    def argv(
        self,
        *,
        env: Mapping[str, str],
        guarded: Sequence[str],
        read_only: Sequence[str],
        fds: Mapping[str, int],
    ) -> list[str]:
        """Return the command line up to the program's own."""
        return [
            *("bwrap", "--unshare-all", "--unshare-user", "--die-with-parent", "--new-session"),
            *self._powers(),
            *("--hostname", "box", "--clearenv"),
            *(part for name, value in env.items() for part in ("--setenv", name, value)),
            *self.shown.mounts,
            *Holder.synthetic(),
            *(part for path in self.shown.hidden for part in ("--ro-bind", f"{ROOT}/empty", path)),
            *("--proc", "/proc", "--dev", "/dev", *_bind("shm", "/dev/shm"), "--remount-ro", "/dev"),  # noqa: S108 - inside
            *(*_bind("tmp", "/tmp"), *_bind("box", WORK_FOLDER)),  # noqa: S108 - inside
            *_guards(guarded, read_only),
            *("--remount-ro", "/", "--chdir", WORK_FOLDER),
            *(part for name, number in fds.items() for part in (name, str(number))),
            *("--", *([] if self.nested else self._prlimit())),
        ]

    def _powers(self) -> list[str]:
        if self.nested:
            kept = (part for name in _POWERS for part in ("--cap-add", name))
            return ["--uid", "0", "--gid", "0", "--cap-drop", "ALL", *kept]
        forbidden = ["--disable-userns"] if self.disable_userns else []
        return [*forbidden, "--uid", "65534", "--gid", "65534", "--cap-drop", "ALL"]

    def _prlimit(self) -> list[str]:
        limits = (f"--{name.lower()}={value}" for name, value in hard_limits(self.limits).items())
        return ["prlimit", *limits, "--"]


def hard_limits(limits: Limits) -> dict[str, int]:
    """Return what the kernel itself limits for every process in a box."""
    return {
        "NPROC": limits.processes,
        "CORE": 0,
        "NOFILE": _OPEN_FILES,
        # A stop for what the watchdog sees too late; generous, as runtimes reserve more than they use.
        "DATA": (2 * limits.memory_mb + 512) << 20,
    }


def as_exit_code(code: int) -> int:
    """Return the exit code of a program whose end the first process of its box reports as shells do."""
    return 128 - code if 128 < code <= 128 + signal.NSIG else code


def most_files(limits: Limits) -> int:
    """Return how many files a box may hold."""
    return limits.disk_mb * _FILES_PER_MB


def _bind(source: str, target: str) -> tuple[str, str, str]:
    return ("--bind", f"{ROOT}/{source}", target)


def _guards(folders: Sequence[str], files: Sequence[str]) -> list[str]:
    """Mount read-only files, and the folders above them: a mount point can't be renamed or removed."""
    arguments: list[str] = []
    for folder in folders:
        arguments += _bind(f"box/{folder}", f"{WORK_FOLDER}/{folder}")
    for file in files:
        arguments += ["--ro-bind", f"{ROOT}/read-only/{file}", f"{WORK_FOLDER}/{file}"]
    return arguments


class BwrapRun:
    """A running program. Its process namespace dies with its first process, so nothing can outlive it."""

    def __init__(self, process: Process, status: int, holder: Holder, limits: Limits) -> None:
        self.process = process
        self.stopped: Stop | None = None
        self.on_close: Callable[[], Awaitable[object]] = self.kill
        self._holder = holder
        self._limits = limits
        self._started = time.monotonic()
        self._loop = asyncio.get_running_loop()
        self._killed = False
        self._was_full = self._disk_is_full()
        self._said = bytearray()
        self._init_pid: int | None = None
        self._init: int | None = None
        self._known = asyncio.Event()
        self._dead = asyncio.Event()
        self._status = Reader(status, self._hear)
        self._status.ended.add_done_callback(lambda _: self._known.set())

    @classmethod
    def start(
        cls,
        argv: Sequence[str],
        env: Mapping[str, str],
        *,
        holder: Holder,
        confinement: Confinement,
        guarded: Sequence[str],
        read_only: Sequence[str],
        stdout: Callable[[bytes], None],
        stderr: Callable[[bytes], None],
        passing: Sequence[int] = (),
    ) -> Self:
        """Start a program, with ``passing`` as further descriptors.

        Raises:
            SandboxError: bubblewrap can't be started.
        """
        status, status_end = os.pipe()
        fds = {"--json-status-fd": status_end}
        if confinement.seccomp:
            fds["--seccomp"] = _readable(confinement.seccomp)
        prefix = confinement.argv(env=env, guarded=guarded, read_only=read_only, fds=fds)
        try:
            process = spawn(
                [*holder.enter(), *prefix, *argv],
                stdout=stdout,
                stderr=stderr,
                env={"PATH": os.defpath},
                pass_fds=(*fds.values(), *passing),
                new_session=True,  # a Ctrl-C at the terminal must not look like the program's own end
            )
        except (OSError, ValueError) as error:
            os.close(status)
            raise SandboxError(f"can't start {argv[0]!r} in a box: {error}") from error
        finally:
            for descriptor in fds.values():
                os.close(descriptor)
        return cls(process, status, holder, confinement.limits)

    async def supervise(self, timeout_s: float | None) -> None:
        """Wait for the end of the program, and make it where it breaks a limit."""
        self.stopped = await supervise(self.process, self._probe, timeout_s=timeout_s)
        if self.stopped is not None:
            await self.kill()

    async def kill(self) -> None:
        """Kill everything in the namespace and wait until nothing is left of it; safe to call twice.

        Raises:
            SandboxError: it does not die.
        """
        self._killed = True
        try:
            async with asyncio.timeout(DEATH_S):
                await self._known.wait()
                if self._init is not None:
                    with suppress(ProcessLookupError):
                        signal.pidfd_send_signal(self._init, signal.SIGKILL)
                    await self._dead.wait()
                else:
                    self.process.kill()
                await self.process.wait()
        except TimeoutError as error:
            raise SandboxError(f"the processes of a box can't be killed (pid {self._init_pid})") from error
        finally:
            if self._init is None:
                self._status.close()

    async def close(self) -> None:
        """Stop it in the way of its kind, a program or a service."""
        await self.on_close()

    async def finish(self, out: Capped, err: Capped) -> Ran:
        """Return how the program ended, once it has.

        Raises:
            SandboxError: bubblewrap failed before it could start the program.
        """
        killed = self._killed
        await self.kill()
        await asyncio.wait(
            {self.process.stdout.ended, self.process.stderr.ended, self._status.ended}, timeout=5
        )
        code = self._exit_code()
        if code is None and self.stopped is None and not killed:
            reason = err.content.decode(errors="replace").strip()[-500:]
            raise SandboxError(f"bubblewrap could not run the program: {reason}")
        return Ran(
            exit_code=-signal.SIGKILL if code is None or self.stopped else code,
            stdout=out.content,
            stderr=err.content,
            duration_s=time.monotonic() - self._started,
            stopped=self.stopped or ("disk" if code and self._fills_the_disk() else None),
            truncated=out.truncated or err.truncated,
        )

    def _hear(self, chunk: bytes) -> None:
        self._said += chunk
        for line in self._said.split(b"\n")[:-1]:
            if self._init_pid is None and (pid := json.loads(line).get("child-pid")):
                self._init_pid = int(pid)
                self._watch_init(self._init_pid)
                self._known.set()

    def _watch_init(self, pid: int) -> None:
        try:
            self._init = os.pidfd_open(pid)
        except ProcessLookupError:
            self._dead.set()
            return
        self._loop.add_reader(self._init, self._bury)

    def _bury(self) -> None:
        if self._init is not None:
            self._loop.remove_reader(self._init)
            os.close(self._init)
            self._init = None
        self._dead.set()

    def _exit_code(self) -> int | None:
        for line in self._said.split(b"\n")[:-1]:
            if (code := json.loads(line).get("exit-code")) is not None:
                return as_exit_code(int(code))
        return None

    def _probe(self) -> Stop | None:
        if self._fills_the_disk():
            return "disk"
        if self._init_pid is not None and over_memory(self._init_pid, self._limits.memory_mb):
            return "memory"
        return None

    def _fills_the_disk(self) -> bool:
        # A program that finds the disk full, and perhaps makes room, has broken no limit.
        return not self._was_full and self._disk_is_full()

    def _disk_is_full(self) -> bool:
        usage = self._holder.usage()
        return usage.free_bytes == 0 or usage.used_files > most_files(self._limits)


def _readable(content: bytes) -> int:
    """Return a descriptor from which a child reads ``content``, which fits into a pipe."""
    reading, writing = os.pipe()
    try:
        os.write(writing, content)
    finally:
        os.close(writing)
    return reading
