"""The first process of a container: starts programs as nobody, and outlives whatever they do.

It runs as root with a handful of capabilities, speaks JSON lines on its standard streams, and ends when its
input does, so that no container outlives llmbench. Untrusted code can't signal, trace or write to it, being
another user. Each request has an ``id``, which its answer repeats.
"""

# No pathlib: importing it would add a third to the start-up of a container.
# ruff: noqa: PTH112, PTH123, PTH208

from __future__ import annotations

import base64
import json
import os
import selectors
import sys
import time
from typing import Any

from . import program, tree
from .box import Box
from .session import Session, b64

_WORK = "/box"
_SIZED = (_WORK, "/tmp", "/dev/shm")  # noqa: S108 - the container's own
_LOOK_S = 0.04
_RESET_S = 5.0


class Supervisor:
    """Serves one box after another."""

    def __init__(self, limits: dict[str, int]) -> None:
        self._box = Box(limits, _WORK, _SIZED)
        self._limit_bytes = limits["disk_mb"] << 20
        self._sessions: dict[int, Session] = {}
        self._results: dict[int, dict[str, Any]] = {}
        self._heard = bytearray()
        names = (*_SIZED, "/dev/mqueue")
        self._folders = {name: os.open(name, tree.FOLDER) for name in names if os.path.isdir(name)}
        os.set_blocking(0, False)
        self._box.selector.register(0, selectors.EVENT_READ, self._hear)

    def serve(self) -> None:
        """Answer requests until the input ends."""
        self._box.say(0, {"unclean": self._reset()})
        while True:
            events = self._box.selector.select(_LOOK_S if self._sessions else None)
            for key, _ in events:
                if self._box.selector.get_map().get(key.fd) is key:  # not closed by an earlier one of these
                    key.data()
            program.reap()
            now = time.monotonic()
            for session in list(self._sessions.values()):
                if session.look(now):
                    self._conclude(session)

    def _hear(self) -> None:
        chunk = os.read(0, 1 << 20)
        if not chunk:
            os._exit(0)  # llmbench is gone; the kernel ends all others with this process
        self._heard += chunk
        if b"\n" in chunk:
            *lines, rest = bytes(self._heard).split(b"\n")
            self._heard = bytearray(rest)
            for line in lines:
                self._handle(json.loads(line))

    def _handle(self, request: dict[str, Any]) -> None:
        try:
            getattr(self, f"_do_{request['op']}")(request)
        except Exception as error:  # whatever code has prepared, the supervisor goes on
            self._box.say(request["id"], {"error": f"{type(error).__name__}: {error}"})

    def _do_put(self, request: dict[str, Any]) -> None:
        guarded = request["read_only"]
        if guarded and self._sessions:
            raise RuntimeError("read-only files can't be put while something runs in the box")
        owner, mode = (0, 0o444) if guarded else (program.NOBODY, 0o644)
        for path, content in request["files"].items():
            tree.write_file(self._folders[_WORK], path, base64.b64decode(content), mode=mode, owner=owner)
            for above in ("", *tree.folders_above(path)) if guarded else ():
                self._guard(above)
        self._box.say(request["id"], {})

    def _guard(self, path: str) -> None:
        """Take a folder from nobody: in a sticky one, nobody can replace or remove what is root's."""
        with tree.folder(self._folders[_WORK], path) as descriptor:
            os.fchown(descriptor, 0, 0)
            os.fchmod(descriptor, 0o1777)

    def _do_get(self, request: dict[str, Any]) -> None:
        try:
            files = tree.read_files(self._folders[_WORK], limit_bytes=self._limit_bytes, skip=request["skip"])
        except tree.TooMuch as error:
            self._box.say(request["id"], {"too_much": str(error)})
            return
        self._box.say(request["id"], {"files": {path: b64(content) for path, content in files.items()}})

    def _do_run(self, request: dict[str, Any]) -> None:
        self._begin(request, service=False)

    def _do_serve(self, request: dict[str, Any]) -> None:
        self._begin(request, service=True)
        self._box.say(request["id"], {})

    def _begin(self, request: dict[str, Any], *, service: bool) -> None:
        try:
            self._sessions[request["id"]] = Session(self._box, request, service=service)
        except BlockingIOError as error:
            # Code that runs in the box has used up all processes: that is how this program ends.
            said = f"can't run {request['argv'][0]!r}: {error.strerror}\n"
            result = {"exit_code": 126, "stdout": "", "stderr": b64(said.encode()), "duration_s": 0.0}
            result |= {"stopped": None, "truncated": False}
            if service:
                self._results[request["id"]] = result
            else:
                self._box.say(request["id"], result)

    def _do_ask(self, request: dict[str, Any]) -> None:
        if (session := self._sessions.get(request["target"])) is not None:
            session.ask(request)
        else:
            self._box.say(request["id"], {"ended": "it ended"})

    def _do_stop(self, request: dict[str, Any]) -> None:
        if (session := self._sessions.get(request["target"])) is not None:
            session.asked_to_stop = request["id"]
            session.dismiss()
        else:
            self._box.say(request["id"], self._results.pop(request["target"], {}))

    def _do_reset(self, request: dict[str, Any]) -> None:
        self._box.say(request["id"], {"unclean": self._reset()})

    def _conclude(self, session: Session) -> None:
        del self._sessions[session.id]
        result = session.result()
        if session.asked_to_stop is not None:
            self._box.say(session.asked_to_stop, result)
        elif session.service:
            self._results[session.id] = result
        if not session.service:
            self._box.say(session.id, result)

    def _reset(self) -> str:
        """End everything, empty every folder; return what is left all the same, in words."""
        deadline = time.monotonic() + _RESET_S
        while not program.reap() and time.monotonic() < deadline:
            self._box.kill_all()
            time.sleep(0.0005)
        for session in self._sessions.values():
            session.drop()
        self._sessions.clear()
        self._results.clear()
        try:
            for name, descriptor in self._folders.items():
                tree.empty(descriptor)
                owner = program.NOBODY if name == _WORK else 0
                os.fchown(descriptor, owner, owner)
                os.fchmod(descriptor, 0o755 if name == _WORK else 0o1777)
            return self._left_over()
        except Exception as error:
            return f"{type(error).__name__}: {error}"

    def _left_over(self) -> str:
        others = [name for name in os.listdir("/proc") if name.isdigit() and int(name) != os.getpid()]
        if others:
            return f"processes {', '.join(others)}"
        for name in ("shm", "sem", "msg"):
            with open(f"/proc/sysvipc/{name}", encoding="ascii") as file:
                if len(file.readlines()) > 1:
                    return f"System V {name}"
        full = [name for name, descriptor in self._folders.items() if os.listdir(descriptor)]
        return f"files in {', '.join(full)}" if full else ""


def main() -> None:
    """Serve until the input ends."""
    Supervisor(json.loads(sys.argv[1])).serve()
