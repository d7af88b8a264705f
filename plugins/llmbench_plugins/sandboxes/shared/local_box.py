"""A box of plain processes in a temporary folder: what `local` opens, and where outside agents work."""

import asyncio
import os
import secrets
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import psutil

from llmbench.api import (
    Box,
    Files,
    Limits,
    Ran,
    Service,
    Stop,
    Toolchain,
    clean_path,
)
from llmbench.errors import SandboxError
from llmbench_plugins.sandboxes.shared.environment import PATH, environment
from llmbench_plugins.sandboxes.shared.files import open_folder, read_files, write_files
from llmbench_plugins.sandboxes.shared.folders import remove_folder, size_over
from llmbench_plugins.sandboxes.shared.leftovers import GONE_WITHIN_S
from llmbench_plugins.sandboxes.shared.memory import descendants, over_memory
from llmbench_plugins.sandboxes.shared.process import Capped, Process, spawn
from llmbench_plugins.sandboxes.shared.service import Lines, LineService
from llmbench_plugins.sandboxes.shared.supervise import Probe, supervise
from llmbench_plugins.shared.owner import owner_mark

MARK = "LLMBENCH_BOX"
_LAST_PAUSE_S = 0.01
# Set by a shell, as Python's own way of doing so in the child is not safe in a program with threads.
_LIMITED = 'ulimit -c 0; ulimit -n 1024 2>/dev/null; exec "$@"'


class LocalBox(Box):
    """A temporary folder, and processes in it."""

    def __init__(self, folder: Path, toolchain: Toolchain, limits: Limits, label: str) -> None:
        self._label = label
        self._folder = folder
        self._work = folder / "box"
        self._temp = folder / "tmp"
        self._work.mkdir()
        self._temp.mkdir()
        self._toolchain = toolchain
        self._limits = limits
        self._read_only: dict[str, bytes] = {}
        self._running: dict[str, Process] = {}
        self._closed = False
        self.on_close: Callable[[Any], object] = lambda box: None

    @property
    def folder(self) -> Path:
        """The temporary folder that goes with the box."""
        return self._folder

    @property
    def work(self) -> Path:
        """The work folder."""
        return self._work

    def stop(self) -> None:
        """Kill what runs; each ``run`` under way returns what it has."""
        for mark in tuple(self._running):
            self._kill(mark)

    async def put(self, files: Files, *, read_only: bool = False) -> None:
        """Write files below the work folder; those put ``read_only`` are restored before each program."""
        self._check_open()
        files = {clean_path(path): content for path, content in files.items()}
        self._write(files, mode=0o444 if read_only else 0o644)
        for path, content in files.items():
            self._read_only.pop(path, None)
            if read_only:
                self._read_only[path] = content

    async def get(self, *, skip: Sequence[str] = ()) -> Files:
        """Return the regular files of the work folder, but for those below folders to ``skip``."""
        self._check_open()
        root = open_folder(self._work)
        try:
            found = read_files(root, limit_bytes=self._limits.disk_mb << 20, skip=skip)
            return found | self._read_only
        finally:
            os.close(root)

    async def run(
        self,
        argv: Sequence[str],
        *,
        stdin: bytes = b"",
        env: Mapping[str, str] | None = None,
        timeout_s: float | None = None,
    ) -> Ran:
        """Run a program to its end."""
        out, err = Capped(self._limits.output_bytes), Capped(self._limits.output_bytes)
        mark, process, started = *self._start(argv, env, out, err), time.monotonic()
        try:
            process.stdin.write(stdin)
            process.stdin.finish()
            limit_s = self._limits.wall_s if timeout_s is None else timeout_s
            stop = await supervise(process, self._probe(process), timeout_s=limit_s)
            await self._kill_all(mark)
            return await _ended(process, stop, started, out, err)
        finally:
            await self._end(mark)

    async def serve(self, argv: Sequence[str], *, env: Mapping[str, str] | None = None) -> Service:
        """Start a long-lived process."""
        lines, err = Lines(self._limits.output_bytes), Capped(self._limits.output_bytes)
        mark, process, started = *self._start(argv, env, lines, err), time.monotonic()
        process.stdout.ended.add_done_callback(lambda _: lines.end("it ended"))
        watch = asyncio.ensure_future(self._watch(mark, process))

        async def ask(line: bytes) -> bytes:
            return await lines.after(process.stdin.write, line)

        async def stop() -> Ran:
            try:
                await process.ending()
                await self._kill_all(mark)
                return await _ended(process, await watch, started, Capped(0), err)
            finally:
                await self._end(mark)

        return LineService(ask, stop)

    async def close(self) -> None:
        """Kill what runs and remove the folder."""
        if not self._closed:
            self._closed = True
            for mark in tuple(self._running):
                await self._end(mark)
            await asyncio.shield(asyncio.to_thread(remove_folder, self._folder))
            self.on_close(self)

    def _check_open(self) -> None:
        if self._closed:
            raise SandboxError("the box is closed")

    def _write(self, files: Files, *, mode: int) -> None:
        root = open_folder(self._work)
        try:
            write_files(root, files, mode=mode)
        finally:
            os.close(root)

    def _start(
        self, argv: Sequence[str], env: Mapping[str, str] | None, out: Any, err: Any
    ) -> tuple[str, Process]:
        self._check_open()
        self._write(self._read_only, mode=0o444)
        mark = secrets.token_hex(16)
        variables = environment(
            self._toolchain, env, home=str(self._work), temp=str(self._temp), path=_search_path()
        )
        try:
            process = spawn(
                ["/bin/sh", "-c", _LIMITED, "sh", *argv],
                stdout=out,
                stderr=err,
                env=variables | {MARK: f"{mark} {owner_mark()} {self._label}"},
                cwd=str(self._work),
                new_session=True,
            )
        except (OSError, ValueError) as error:
            raise SandboxError(f"can't start {argv[0]!r}: {error}") from error
        self._running[mark] = process
        return mark, process

    def _probe(self, process: Process) -> Probe:
        limit_bytes = self._limits.disk_mb << 20
        # A program that finds the disk full, and perhaps makes room, has broken no limit.
        was_full = size_over(self._folder, limit_bytes)

        def look() -> Stop | None:
            if not was_full and size_over(self._folder, limit_bytes):
                return "disk"
            return "memory" if over_memory(process.pid, self._limits.memory_mb) else None

        return look

    async def _watch(self, mark: str, process: Process) -> Stop | None:
        stop = await supervise(process, self._probe(process), timeout_s=None)
        await self._kill_all(mark)
        return stop

    def _kill(self, mark: str) -> bool:
        """Kill a program with all that it started; return whether there was something to kill."""
        process = self._running.get(mark)
        victims = set(_bearing(mark))
        if process is not None and not process.exited.done():
            victims |= set(descendants(process.pid))
        for pid in victims:
            _kill(pid)
        return bool(victims)

    async def _kill_all(self, mark: str) -> None:
        """Kill again and again, as something may fork meanwhile, until all can be seen to have ended."""
        deadline, pause = time.monotonic() + GONE_WITHIN_S, 0.0
        while self._kill(mark) and time.monotonic() < deadline:
            await asyncio.sleep(pause)
            pause = min(_LAST_PAUSE_S, pause + _LAST_PAUSE_S / 10)

    async def _end(self, mark: str) -> None:
        try:
            await self._kill_all(mark)
        finally:
            if (process := self._running.pop(mark, None)) is not None:
                process.close_pipes()


async def _ended(process: Process, stop: Stop | None, started: float, out: Capped, err: Capped) -> Ran:
    code = await process.wait()
    await asyncio.wait({process.stdout.ended, process.stderr.ended}, timeout=5)
    return Ran(
        exit_code=code,
        stdout=out.content,
        stderr=err.content,
        duration_s=time.monotonic() - started,
        stopped=stop,
        truncated=out.truncated or err.truncated,
    )


def _search_path() -> str:
    # The shims of version managers need the home folder that programs in a box do not get.
    return f"{sys.base_prefix}/bin:{os.environ.get('PATH', PATH)}"


def _bearing(mark: str) -> Iterator[int]:
    """Yield the living processes that were started with ``mark``, also those that have left the family."""
    for process in psutil.process_iter():
        try:
            if process.environ().get(MARK, "").startswith(mark) and process.status() != psutil.STATUS_ZOMBIE:
                yield process.pid
        except (psutil.Error, OSError):
            continue


def _kill(pid: int) -> None:
    try:
        psutil.Process(pid).kill()
    except psutil.Error:
        return
