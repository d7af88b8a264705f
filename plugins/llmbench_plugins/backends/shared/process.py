"""A server process of ours: started behind the guard, its log kept, ended for sure."""

import asyncio
import json
import socket
import subprocess
import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from time import monotonic
from types import TracebackType
from typing import IO, Self

from llmbench.errors import BackendError
from llmbench_plugins.backends.shared import guard as guarding

_TAIL_LINES = 15
_TAIL_BYTES = 8192


class ServerProcess:
    """A server that ends with us, even when we are killed. Use as an async context manager."""

    def __init__(
        self,
        argv: Sequence[str],
        *,
        log: Path,
        name: str,
        env: Mapping[str, str] | None = None,
        last: Sequence[str] = (),
    ) -> None:
        """Prepare a command.

        Args:
            argv: what to run.
            log: takes what it writes.
            name: stands in errors.
            env: its environment; None for ours.
            last: a further command that is run after it has ended, however it and we have ended.
        """
        self.argv = tuple(argv)
        self.log = log
        self._env = env
        self._last = tuple(last)
        self._name = name
        self._guard: subprocess.Popen[bytes] | None = None
        self._log_begins = 0

    async def __aenter__(self) -> Self:
        self._start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        guard = self._guard
        if guard is None:
            return
        # The guard ends the server as soon as this is closed, whatever becomes of us from here on.
        _close(guard.stdin)
        longest_s = guarding.GRACE_S + 5 + (guarding.LAST_S if self._last else 0)
        await _until(lambda: guard.poll() is not None, longest_s)
        if guard.poll() is None:
            guard.kill()
            guard.wait()
        self._guard = None

    @property
    def alive(self) -> bool:
        """Whether it runs."""
        return self._guard is not None and self._guard.poll() is None

    def log_text(self) -> str:
        """Return the end of what this process wrote."""
        with self.log.open("rb") as file:
            size = file.seek(0, 2)
            file.seek(max(self._log_begins, size - _TAIL_BYTES))
            return file.read().decode("utf-8", errors="replace")

    def whole_log(self) -> bytes:
        """Return all that this process wrote."""
        with self.log.open("rb") as file:
            file.seek(self._log_begins)
            return file.read()

    async def check(self) -> None:
        """Raise BackendError with the end of the log if it has ended; called when a connection was lost."""
        # The connection breaks a moment before the guard knows.
        await _until(lambda: not self.alive, 1.0)
        self.raise_if_ended()

    def raise_if_ended(self) -> None:
        """Raise BackendError with the end of the log if it has ended."""
        if self._guard is not None and not self.alive:
            tail = "\n".join(self.log_text().splitlines()[-_TAIL_LINES:])
            raise BackendError(
                f"{self._name} ended with exit code {self._guard.returncode}; the end of {self.log}:\n{tail}"
            )

    async def wait_for(
        self,
        ready: Callable[[], Awaitable[bool]],
        *,
        timeout_s: float,
        progress: Callable[[str], None],
    ) -> None:
        """Return once ``ready`` says so; tell ``progress`` every few seconds.

        Raises:
            BackendError: the process ended, or time is up; the message holds the end of its log.
        """
        begun = shown = monotonic()
        pause_s = 0.01
        while not await ready():
            self.raise_if_ended()
            now = monotonic()
            if now - begun > timeout_s:
                tail = "\n".join(self.log_text().splitlines()[-_TAIL_LINES:])
                raise BackendError(
                    f"{self._name} was not ready within {timeout_s:g} s (backend.startup_timeout_s); "
                    f"the end of {self.log}:\n{tail}"
                )
            if now - shown > 5:
                progress(f"waiting for {self._name} to load the weights: {now - begun:.0f} s")
                shown = now
            await asyncio.sleep(pause_s)
            pause_s = min(0.25, pause_s * 1.5)

    def _start(self) -> None:
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as log:
            self._log_begins = log.tell()
            # Isolated and without site-packages: the guard needs neither, and starts twice as fast.
            # A session of its own: Ctrl-C is for us, who then end the server in good order.
            self._guard = subprocess.Popen(
                guarded(self.argv, last=self._last),
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                start_new_session=True,
                env=self._env,
            )


def guarded(argv: Sequence[str], *, last: Sequence[str] = ()) -> list[str]:
    """Return a command that ends when its stdin closes, and runs ``last`` after that."""
    guard = [sys.executable, "-I", "-S", guarding.__file__]
    return [*guard, *((guarding.LAST, json.dumps(last)) if last else ()), *argv]


def free_port() -> int:
    """Return a loopback port that is free now; whoever takes it must be ready to find it taken."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


async def _until(done: Callable[[], bool], timeout_s: float) -> None:
    ends = monotonic() + timeout_s
    while not done() and monotonic() < ends:  # noqa: ASYNC110 - a process sets no asyncio.Event
        await asyncio.sleep(0.01)


def _close(pipe: IO[bytes] | None) -> None:
    if pipe is not None:
        try:
            pipe.close()
        except BrokenPipeError:
            return
