"""A process on this host whose output is drained and capped, whose end is awaited without a thread."""

import asyncio
import os
import subprocess
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import IO

_CHUNK = 1 << 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """The user and group that a process gets."""

    uid: int
    gid: int


class Reader:
    """Drains a pipe: hands every chunk to ``sink`` until the last writer has closed it."""

    def __init__(self, descriptor: int, sink: Callable[[bytes], None]) -> None:
        self._loop = asyncio.get_running_loop()
        self._descriptor = descriptor
        self._sink = sink
        self.ended: asyncio.Future[None] = self._loop.create_future()
        os.set_blocking(descriptor, False)
        self._loop.add_reader(descriptor, self._read)

    def _read(self) -> None:
        try:
            chunk = os.read(self._descriptor, _CHUNK)
        except BlockingIOError:
            return
        except OSError:
            chunk = b""
        if chunk:
            self._sink(chunk)
        else:
            self.close()

    def close(self) -> None:
        """Stop reading; safe to call twice."""
        if not self.ended.done():
            self._loop.remove_reader(self._descriptor)
            os.close(self._descriptor)
            self.ended.set_result(None)


class Writer:
    """Feeds a pipe as fast as its reader takes it, without ever blocking the loop."""

    def __init__(self, descriptor: int) -> None:
        self._loop = asyncio.get_running_loop()
        self._descriptor = descriptor
        self._pending = bytearray()
        self._finishing = False
        self.closed = False
        os.set_blocking(descriptor, False)

    def write(self, content: bytes) -> None:
        """Queue ``content``; what a dead reader never takes is dropped."""
        if not self.closed:
            self._pending += content
            self._flush()

    def finish(self) -> None:
        """Close the pipe once everything queued is written."""
        self._finishing = True
        if not self._pending:
            self.close()

    def _flush(self) -> None:
        try:
            while self._pending:
                del self._pending[: os.write(self._descriptor, memoryview(self._pending)[:_CHUNK].tobytes())]
        except BlockingIOError:
            self._loop.add_writer(self._descriptor, self._flush)
            return
        except OSError:
            self.close()
            return
        self._loop.remove_writer(self._descriptor)
        if self._finishing:
            self.close()

    def close(self) -> None:
        """Close the pipe at once; safe to call twice."""
        if not self.closed:
            self.closed = True
            self._pending.clear()
            self._loop.remove_writer(self._descriptor)
            os.close(self._descriptor)


class Capped:
    """Keeps the first bytes of a stream and remembers whether there were more."""

    def __init__(self, limit_bytes: int) -> None:
        self._limit = limit_bytes
        self._kept = bytearray()
        self.truncated = False

    def __call__(self, chunk: bytes) -> None:
        room = self._limit - len(self._kept)
        self._kept += chunk[:room]
        self.truncated = self.truncated or len(chunk) > room

    @property
    def content(self) -> bytes:
        """What was kept."""
        return bytes(self._kept)


class Process:
    """A started process: its pid, its three pipes, and ``exited``, which becomes its exit code."""

    def __init__(
        self,
        popen: "subprocess.Popen[bytes]",
        stdout: Callable[[bytes], None],
        stderr: Callable[[bytes], None],
    ) -> None:
        self.pid = popen.pid
        self._popen = popen
        self._loop = asyncio.get_running_loop()
        self.exited: asyncio.Future[int] = self._loop.create_future()
        self.stdin = Writer(_detach(popen.stdin))
        self.stdout = Reader(_detach(popen.stdout), stdout)
        self.stderr = Reader(_detach(popen.stderr), stderr)
        self._watch()

    def kill(self) -> None:
        """Send SIGKILL unless it has ended."""
        with suppress(ProcessLookupError):
            self._popen.kill()

    def close_pipes(self) -> None:
        """Close our ends of its pipes."""
        self.stdin.close()
        self.stdout.close()
        self.stderr.close()

    async def ending(self) -> None:
        """Give a process that has closed its output, and so is ending by itself, a moment to say how."""
        if self.stdout.ended.done():
            await asyncio.wait({self.exited}, timeout=1.0)

    async def wait(self) -> int:
        """Return the exit code; a cancelled waiter does not disturb the others."""
        return await asyncio.shield(self.exited)

    def _watch(self) -> None:
        try:
            descriptor = os.pidfd_open(self.pid)
        except (AttributeError, OSError):  # macOS, or a kernel before 5.3
            threading.Thread(target=self._wait_in_thread, daemon=True).start()
        else:
            self._loop.add_reader(descriptor, self._reap, descriptor)

    def _reap(self, descriptor: int) -> None:
        self._loop.remove_reader(descriptor)
        os.close(descriptor)
        self.exited.set_result(self._popen.wait())

    def _wait_in_thread(self) -> None:
        code = self._popen.wait()
        with suppress(RuntimeError):  # the loop is closed: nobody waits any more
            self._loop.call_soon_threadsafe(self.exited.set_result, code)


def spawn(
    argv: Sequence[str],
    *,
    stdout: Callable[[bytes], None],
    stderr: Callable[[bytes], None],
    env: Mapping[str, str] | None = None,
    cwd: str = "/",
    identity: Identity | None = None,
    pass_fds: Sequence[int] = (),
    new_session: bool = False,
) -> Process:
    """Start a program with pipes on its standard streams.

    Raises:
        OSError: it can't be started.
    """
    popen = subprocess.Popen(
        [*_becoming(identity), *argv],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=dict(env) if env is not None else {},
        cwd=cwd,
        pass_fds=tuple(pass_fds),
        start_new_session=new_session,
        bufsize=0,
    )
    return Process(popen, stdout, stderr)


async def finished(process: Process, *, stdin: bytes = b"", timeout_s: float) -> int:
    """Feed a program, wait for its end, and return its exit code; 124 if it was killed for its time."""
    try:
        process.stdin.write(stdin)
        process.stdin.finish()
        async with asyncio.timeout(timeout_s):
            code = await process.wait()
            await asyncio.wait({process.stdout.ended, process.stderr.ended}, timeout=5)
    except TimeoutError:
        code = 124
    finally:
        process.kill()
        await process.wait()
        process.close_pipes()
    return code


def by_line(on_line: Callable[[str], None]) -> Callable[[bytes], None]:
    """Return a sink that hands on whole lines; one that draws over itself, as of progress, is several."""
    pending = bytearray()

    def add(chunk: bytes) -> None:
        pending.extend(chunk.replace(b"\r", b"\n"))
        *lines, rest = pending.split(b"\n")
        pending[:] = rest
        for line in lines:
            if text := line.decode(errors="replace").strip():
                on_line(text)

    return add


def _becoming(identity: Identity | None) -> list[str]:
    """Return the beginning of a command line that takes an identity on.

    Popen's own ``user`` forks the whole process instead of sharing its memory until the program begins, which
    costs three times as much.
    """
    if identity is None:
        return []
    return ["setpriv", f"--reuid={identity.uid}", f"--regid={identity.gid}", "--clear-groups", "--"]


def _detach(pipe: IO[bytes] | None) -> int:
    """Take a pipe's descriptor over, so that only one owner closes it."""
    if pipe is None:
        raise ValueError("expected a pipe")
    descriptor = os.dup(pipe.fileno())
    pipe.close()
    return descriptor
