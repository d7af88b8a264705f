"""A box that a nursery has made: one program, reached by lines, watched from outside."""

import asyncio
import os
import signal
import time
from contextlib import suppress
from pathlib import Path

from llmbench.api import Limits, Ran, Service, Stop
from llmbench.errors import SandboxError
from llmbench_plugins.sandboxes.bubblewrap.bwrap_run import DEATH_S, as_exit_code, most_files
from llmbench_plugins.sandboxes.bubblewrap.holder import usage_of
from llmbench_plugins.sandboxes.shared.environment import WORK_FOLDER
from llmbench_plugins.sandboxes.shared.memory import descendants, over_memory
from llmbench_plugins.sandboxes.shared.process import Capped, Reader, Writer
from llmbench_plugins.sandboxes.shared.service import Lines, LineService
from llmbench_plugins.sandboxes.shared.supervise import supervise


class WarmBox:
    """What is known here of a box; its first process dies last, and takes everything in the box with it."""

    def __init__(self, limits: Limits) -> None:
        loop = asyncio.get_running_loop()
        self.exited: asyncio.Future[int] = loop.create_future()
        self.trouble = ""
        """Why there never was a box."""
        self.streams: list[int] = []
        """The program's ends of its pipes, until they are handed over."""
        self._limits = limits
        self._lines, self._errors = Lines(limits.output_bytes), Capped(limits.output_bytes)
        self._started = time.monotonic()
        self._known = asyncio.Event()
        self._first: int | None = None
        self._pid = self._folder = -1
        self._stopped: Stop | None = None
        (stdin, writing), (reading, stdout), (hearing, stderr) = os.pipe(), os.pipe(), os.pipe()
        self.streams = [stdin, stdout, stderr]
        self._stdin = Writer(writing)
        self._stdout, self._stderr = Reader(reading, self._lines), Reader(hearing, self._errors)
        self._stdout.ended.add_done_callback(lambda _: self._lines.end("it ended"))
        self._watch = asyncio.ensure_future(self._supervise())
        self.service: Service = LineService(self._ask, self._stop)

    def started(self, first: int) -> None:
        """Hear that the box is being made; ``first`` is a descriptor of its first process."""
        self._first = first
        self._known.set()

    def ended(self, code: int | None, trouble: str = "") -> None:
        """Hear that nothing is left of the box, or that it could not be made."""
        self.trouble = trouble
        self._known.set()
        if not self.exited.done():
            self.exited.set_result(-signal.SIGKILL if code is None else as_exit_code(code))

    def hand_over(self) -> None:
        """Close the program's ends of its pipes, which it has now."""
        for descriptor in self.streams:
            os.close(descriptor)
        self.streams.clear()

    async def _ask(self, line: bytes) -> bytes:
        return await self._lines.after(self._stdin.write, line)

    async def _stop(self) -> Ran:
        try:
            if self._stdout.ended.done():  # it is ending by itself: it may say how
                await asyncio.wait({self.exited}, timeout=1.0)
            await self._kill()
            await self._watch
            await asyncio.wait({self._stdout.ended, self._stderr.ended}, timeout=5)
            return self._ran()
        finally:
            self._close()

    def _ran(self) -> Ran:
        if self.trouble:
            raise SandboxError(f"a box could not be made: {self.trouble}")
        return Ran(
            exit_code=-signal.SIGKILL if self._stopped else self.exited.result(),
            stdout=b"",
            stderr=self._errors.content,
            duration_s=time.monotonic() - self._started,
            stopped=self._stopped,
            truncated=self._errors.truncated,
        )

    async def _supervise(self) -> None:
        self._stopped = await supervise(self, self._probe, timeout_s=None)
        if self._stopped is not None:
            await self._kill()

    async def _kill(self) -> None:
        try:
            async with asyncio.timeout(DEATH_S):
                await self._known.wait()
                if self._first is not None:
                    with suppress(ProcessLookupError):
                        signal.pidfd_send_signal(self._first, signal.SIGKILL)
                await asyncio.shield(self.exited)
        except TimeoutError as error:
            raise SandboxError(f"the processes of a box can't be killed (pid {self._find_pid()})") from error

    def _probe(self) -> Stop | None:
        pid = self._find_pid()
        # With one process alone, the box is still being made, or its program has ended.
        if pid < 0 or len(list(descendants(pid))) < 2:
            return None
        if self._disk_is_full():
            return "disk"
        return "memory" if over_memory(pid, self._limits.memory_mb) else None

    def _find_pid(self) -> int:
        if self._pid < 0 and self._first is not None:
            said = Path(f"/proc/self/fdinfo/{self._first}").read_text(encoding="ascii")
            self._pid = next(int(line.split()[1]) for line in said.splitlines() if line.startswith("Pid:"))
        return self._pid

    def _disk_is_full(self) -> bool:
        if self._folder < 0:
            flags = os.O_PATH | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
            try:
                self._folder = os.open(f"/proc/{self._pid}/root{WORK_FOLDER}", flags)
            except OSError:  # it has ended just now
                return False
        usage = usage_of(self._folder)
        return usage.free_bytes == 0 or usage.used_files >= most_files(self._limits)

    def _close(self) -> None:
        self._stdin.close()
        self._stdout.close()
        self._stderr.close()
        for descriptor in (self._first, self._folder):
            if descriptor is not None and descriptor >= 0:
                os.close(descriptor)
        self._first, self._folder = None, -1
