"""A program kept warm: imports it once, and makes a copy of itself for every box that shall run it.

It is told what to start on a socket that no copy keeps, and knows nothing of any box but its number: what a
program is asked goes to the copy alone. A box has two processes: its first one, without which the kernel ends
all others, and the program below it.
"""

# ruff: noqa: PTH123

from __future__ import annotations

import gc
import importlib
import json
import os
import select
import signal
import socket
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any, NoReturn

from . import confine

_STATUS = 3
_READY = b"ready"
_SHELL_SIGNAL = 128


class Nursery:
    """Starts copies of this process when told to, and says when they have ended."""

    def __init__(self, control: socket.socket) -> None:
        self._control = control
        self._own = os.open("/proc/self/ns/pid", os.O_RDONLY | os.O_CLOEXEC)
        self._poll = select.poll()
        self._poll.register(control, select.POLLIN)
        self._boxes: dict[int, tuple[int, int, int]] = {}

    def serve(self) -> bool:
        """Serve until the socket closes; return True in a copy, which shall run the program."""
        self._say({"ready": True})
        while True:
            for descriptor, _ in self._poll.poll():
                if descriptor in self._boxes:
                    self._bury(descriptor)
                    continue
                message, descriptors, _, _ = socket.recv_fds(self._control, 4096, 3)
                if not message:
                    return False
                if self._start(json.loads(message), descriptors):
                    return True

    def _start(self, order: Mapping[str, int], streams: list[int]) -> bool:
        said, status = os.pipe()
        try:
            pid = self._fork()
            if pid == 0:
                _be_first(order, streams, status)
                return True
            self._watch(order["number"], pid, said)
        except OSError as error:
            os.close(said)
            self._say({"ended": order["number"], "code": None, "error": str(error)})
        finally:
            for descriptor in (*streams, status):
                with suppress(OSError):
                    os.close(descriptor)
        return False

    def _fork(self) -> int:
        confine.unshare(confine.NEW_PID)
        pid = -1
        try:
            pid = os.fork()
        finally:
            if pid:  # or else the next child could not have a namespace of its own
                confine.setns(self._own, confine.NEW_PID)
        return pid

    def _watch(self, number: int, pid: int, said: int) -> None:
        descriptor = os.pidfd_open(pid)
        self._boxes[descriptor] = (number, pid, said)
        self._poll.register(descriptor, select.POLLIN)
        self._say({"started": number}, descriptor)

    def _bury(self, descriptor: int) -> None:
        number, pid, said = self._boxes.pop(descriptor)
        self._poll.unregister(descriptor)
        os.close(descriptor)
        code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        with open(said, "rb") as file:
            text = file.read(4096)
        ready = text == _READY or code == -signal.SIGKILL
        error = "" if ready else text.decode(errors="replace") or f"it ended with exit code {code}"
        self._say({"ended": number, "code": code, "error": error})

    def _say(self, message: Mapping[str, Any], *descriptors: int) -> None:
        content = json.dumps(message).encode()
        if descriptors:
            socket.send_fds(self._control, [content], list(descriptors))
        else:
            self._control.send(content)


def _be_first(limits: Mapping[str, int], streams: list[int], status: int) -> None:
    """Be the first process of a box; return in the second, which has the streams and nothing else open."""
    try:
        # Out of the group of the process that makes boxes: signals to one's own group must not reach it.
        os.setsid()
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        for number, descriptor in enumerate((*streams, status)):
            os.dup2(descriptor, number)
        os.closerange(_STATUS + 1, os.sysconf("SC_OPEN_MAX"))
        confine.confine(limits)
        os.write(_STATUS, _READY)
        os.close(_STATUS)
        program = os.fork()
    except BaseException as error:
        with suppress(OSError):
            os.write(_STATUS, str(error).encode()[:4096])
        os._exit(1)
    if program:
        _outlive(program)
    confine.set_readable(True)
    signal.signal(signal.SIGINT, signal.default_int_handler)


def _outlive(program: int) -> NoReturn:
    """Collect what ends, and end with the program."""
    os.closerange(0, _STATUS)
    while True:
        pid, status = os.wait()
        if pid == program:
            code = os.waitstatus_to_exitcode(status)
            os._exit(_SHELL_SIGNAL - code if code < 0 else code)


def main() -> None:
    """Import the program, and start copies of it."""
    number, folder, module, *preload = sys.argv[1:]
    control = socket.socket(fileno=int(number))
    program = _import(folder, module, preload)
    confine.prepare()
    # Objects that no copy touches stay in memory that all copies share.
    gc.collect()
    gc.freeze()
    if Nursery(control).serve():
        sys.argv[1:] = []
        sys.exit(program())


def _import(folder: str, module: str, preload: list[str]) -> Callable[[], Any]:
    for name in preload:
        with suppress(ImportError):  # then a program that wants it will say so
            importlib.import_module(name)
    sys.path.insert(0, folder)
    try:
        found: Callable[[], Any] = importlib.import_module(module).main
    finally:
        del sys.path[0]
    return found
