"""A program that runs in the container, or a service that is spoken to: its pipes, limits and end."""

# No pathlib: importing it would add a third to the start-up of a container.
# ruff: noqa: PTH208

from __future__ import annotations

import base64
import json
import os
import selectors
import signal
import time
from contextlib import suppress
from typing import Any

from . import program
from .box import Box

_CHUNK = 1 << 16
_GRACE_S = 3.0
_LINGER_S = 1.0


def b64(content: bytes | bytearray) -> str:
    """Return bytes as base64 text."""
    return base64.b64encode(content).decode("ascii")


class Capped:
    """Keeps the first bytes of a stream."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self.kept = bytearray()
        self.truncated = False

    def add(self, chunk: bytes) -> None:
        """Keep what fits."""
        room = self._limit - len(self.kept)
        self.kept += chunk[:room]
        self.truncated = self.truncated or len(chunk) > room


class Session:
    """One program and its runner. The session ends when the runner has closed its pipes: all is dead then."""

    def __init__(self, box: Box, request: dict[str, Any], *, service: bool) -> None:
        self.id: int = request["id"]
        self.service = service
        self.asked_to_stop: int | None = None
        self._box = box
        self._started = time.monotonic()
        self._deadline = None if service else self._started + request["timeout_s"]
        self._overdue = "timeout"
        self._grace: float | None = None
        self._stopped: str | None = None
        self._code: int = -signal.SIGKILL
        self._oom_kills = box.usage.oom_kills()
        self._was_full = box.usage.disk_is_full()
        self._out, self._err = Capped(box.output), Capped(box.output)
        self._lines: list[bytes] = []
        self._question: int | None = None
        self._ended = ""
        self._input = bytearray(base64.b64decode(request.get("stdin", "")))
        self._reading: set[int] = set()
        self._start(request)
        self._feed()

    def _start(self, request: dict[str, Any]) -> None:
        pipes = [os.pipe() for _ in range(4)]
        (in_r, self._in_w), (self._out_r, out_w), (self._err_r, err_w), (self._status_r, status_w) = pipes
        ours = (self._in_w, self._out_r, self._err_r, self._status_r)
        theirs = (in_r, out_w, err_w, status_w)
        try:
            self._runner = os.fork()
        except OSError:
            for descriptor in ours + theirs:
                os.close(descriptor)
            raise
        if self._runner == 0:
            try:
                _close_all_but(theirs)
                program.run(request["argv"], request["env"], theirs[:3], status_w, self._box.work)
            finally:
                os._exit(1)
        for descriptor in theirs:
            os.close(descriptor)
        handlers = {
            self._out_r: self._read_out,
            self._err_r: self._read_err,
            self._status_r: self._read_status,
        }
        os.set_blocking(self._in_w, False)
        for descriptor, handler in handlers.items():
            os.set_blocking(descriptor, False)
            self._reading.add(descriptor)
            self._box.selector.register(descriptor, selectors.EVENT_READ, handler)

    def _feed(self) -> None:
        """Write what is left of the input, as far as the program takes it."""
        if self._in_w < 0:
            return
        try:
            while self._input:
                del self._input[: os.write(self._in_w, bytes(self._input[:_CHUNK]))]
        except BlockingIOError:
            if self._in_w not in self._box.selector.get_map():
                self._box.selector.register(self._in_w, selectors.EVENT_WRITE, self._feed)
            return
        except OSError:
            self._close_input()
            return
        self._box.forget(self._in_w)
        if not self.service:
            self._close_input()

    def _close_input(self) -> None:
        if self._in_w >= 0:
            self._box.forget(self._in_w)
            os.close(self._in_w)
            self._in_w = -1

    def _read_out(self) -> None:
        chunk = self._read(self._out_r)
        if not self.service:
            self._out.add(chunk or b"")
        elif chunk == b"":
            self._ended = self._ended or "it ended"
        elif chunk and not self._ended:
            self._cut(chunk)
        self._answer()

    def _cut(self, chunk: bytes) -> None:
        """Cut the output of a service into lines; a flood ends it."""
        self._out.kept += chunk
        if b"\n" in chunk:
            *lines, rest = bytes(self._out.kept).split(b"\n")
            self._out.kept = bytearray(rest)
            self._lines += lines
        if len(self._out.kept) + sum(map(len, self._lines)) > self._box.output:
            self._ended = f"it wrote more than the output limit of {self._box.output} bytes"

    def _read_err(self) -> None:
        self._err.add(self._read(self._err_r) or b"")

    def _read_status(self) -> None:
        if said := self._read(self._status_r):
            report = json.loads(said)
            self._code = report["code"]
            if not report["alone"]:
                self._box.kill_all()

    def _read(self, descriptor: int) -> bytes | None:
        """Return a chunk, nothing at the end, None where there is none now."""
        try:
            chunk = os.read(descriptor, _CHUNK)
        except BlockingIOError:
            return None
        if not chunk:
            self._reading.discard(descriptor)
            self._box.forget(descriptor)
            os.close(descriptor)
        return chunk

    def ask(self, request: dict[str, Any]) -> None:
        """Pass a line to the service; its next line is the answer."""
        self._lines.clear()
        self._question = request["id"]
        self._input += base64.b64decode(request["line"])
        self._feed()
        self._answer()

    def _answer(self) -> None:
        if self._question is None:
            return
        if self._lines:
            self._box.say(self._question, {"line": b64(self._lines.pop(0))})
        elif self._ended:
            self._box.say(self._question, {"ended": self._ended})
        else:
            return
        self._question = None

    def look(self, now: float) -> bool:
        """Stop the program where it breaks a limit; return True once it has ended."""
        if not self._reading:
            return True
        if self._grace is not None:
            if now > self._grace:
                self._box.kill_all()
        elif self._deadline is not None and now >= self._deadline:
            self.stop(self._overdue)
        elif self._box.usage.oom_kills() > self._oom_kills or self._box.usage.memory_is_full():
            self.stop("memory")
        elif not self._was_full and self._box.usage.disk_is_full():
            self.stop("disk")
        return False

    def dismiss(self) -> None:
        """End a program that nobody waits for; one that is ending by itself gets a moment to say how."""
        if self._out_r in self._reading:
            self.stop("told")
        elif self._deadline is None:
            self._deadline, self._overdue = time.monotonic() + _LINGER_S, "told"

    def stop(self, reason: str) -> None:
        """End the program with all that it has started."""
        if self._grace is not None:
            return
        self._stopped = self._stopped or reason
        self._grace = time.monotonic() + _GRACE_S
        if self._status_r in self._reading:  # else it is dead already, and its number may be another's
            with suppress(ProcessLookupError):
                os.kill(self._runner, signal.SIGTERM)

    def drop(self) -> None:
        """Close the pipes, whatever state it is in."""
        self._close_input()
        for descriptor in self._reading:
            self._box.forget(descriptor)
            os.close(descriptor)
        self._reading.clear()

    def result(self) -> dict[str, Any]:
        """Return how it ended, once it has."""
        self._close_input()
        self._ended = self._ended or "it ended"
        self._answer()
        usage = self._box.usage
        if usage.oom_kills() > self._oom_kills:
            self._stopped = self._stopped or "memory"
        if self._code and not self._was_full and usage.disk_is_full():
            self._stopped = self._stopped or "disk"
        return {
            "exit_code": -signal.SIGKILL if self._stopped else self._code,
            "stdout": "" if self.service else b64(self._out.kept),
            "stderr": b64(self._err.kept),
            "duration_s": time.monotonic() - self._started,
            "stopped": None if self._stopped == "told" else self._stopped,
            "truncated": self._out.truncated or self._err.truncated,
        }


def _close_all_but(kept: tuple[int, ...]) -> None:
    """Close what belongs to the supervisor, so that pipes end when they should."""
    for name in os.listdir("/proc/self/fd"):
        if int(name) not in kept and int(name) != 2:
            with suppress(OSError):
                os.close(int(name))
