"""Boxes with one Python program, made as copies of a process that has imported it already.

That process, the nursery, lives in a bubblewrap of its own with the powers to make boxes inside it, and never
sees what a program is asked. ``inside/nursery.py`` is its side of the conversation.
"""

import asyncio
import json
import socket
from collections.abc import Mapping
from pathlib import Path
from typing import Self

from llmbench.api import Limits, PythonProgram, Service
from llmbench.errors import SandboxError
from llmbench_plugins.sandboxes.bubblewrap.bwrap_run import BwrapRun, Confinement, hard_limits, most_files
from llmbench_plugins.sandboxes.bubblewrap.holder import Holder
from llmbench_plugins.sandboxes.bubblewrap.warm_box import WarmBox
from llmbench_plugins.sandboxes.shared.files import acting_as, write_files
from llmbench_plugins.sandboxes.shared.process import Capped, Identity

OWN_LIMITS = Limits(disk_mb=64)
"""What the place of a nursery may hold, which is the program's files."""

_INSIDE = Path(__file__).parents[1] / "inside"
_MODULES = ("__init__.py", "confine.py", "nursery.py")
_FOLDER = ".llmbench"
_LAUNCH = f"import sys; sys.path[0] = '{_FOLDER}'; from inside import nursery; nursery.main()"
_START_S = 30.0


class Nursery:
    """A warm process and those of its boxes that live; it ends with the event loop that it was started in."""

    def __init__(self, holder: Holder, run: BwrapRun, control: socket.socket) -> None:
        self._holder = holder
        self._run = run
        self._control = control
        self._boxes: dict[int, WarmBox] = {}
        self._last = 0
        self._loop = asyncio.get_running_loop()
        self._ready, self._lost = asyncio.Event(), asyncio.Event()
        control.setblocking(False)
        self._loop.add_reader(control, self._hear)
        self._life = asyncio.ensure_future(self._live())

    @classmethod
    async def start(
        cls,
        program: PythonProgram,
        holder: Holder,
        *,
        confinement: Confinement,
        env: Mapping[str, str],
        identity: Identity | None,
    ) -> Self:
        """Start one in the place that ``holder`` keeps, which it takes over.

        Raises:
            SandboxError: it did not start.
        """
        control, other = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        errors = Capped(4096)
        try:
            with other:
                with acting_as(identity.uid if identity else None):
                    write_files(holder.folder("box"), _files(program), mode=0o444)
                run = BwrapRun.start(
                    _argv(program, other.fileno()),
                    env,
                    holder=holder,
                    confinement=confinement,
                    guarded=(),
                    read_only=(),
                    stdout=Capped(0),
                    stderr=errors,
                    passing=[other.fileno()],
                )
        except BaseException:
            control.close()
            await holder.close()
            raise
        nursery = cls(holder, run, control)
        await nursery._begin(errors)
        return nursery

    def serve(self, limits: Limits) -> Service:
        """Start a copy of the program in a fresh box.

        Raises:
            SandboxError: the nursery is gone.
        """
        self._last += 1
        box = self._boxes[self._last] = WarmBox(limits)
        order = {
            "number": self._last,
            "disk_bytes": limits.disk_mb << 20,
            "files": most_files(limits),
            **hard_limits(limits),
        }
        try:
            socket.send_fds(self._control, [json.dumps(order).encode()], box.streams)
        except OSError as error:
            self._lose()
            raise SandboxError(f"a warm program is gone: {error}") from error
        finally:
            box.hand_over()
        return box.service

    @property
    def alive(self) -> bool:
        """Whether it still makes boxes."""
        return not self._lost.is_set()

    async def close(self) -> None:
        """End it with all its boxes; safe to call twice."""
        boxes = tuple(self._boxes.values())
        await asyncio.gather(*(box.service.close() for box in boxes), return_exceptions=True)
        self._lose()
        await asyncio.shield(self._life)

    async def _live(self) -> None:
        try:
            await self._lost.wait()
        finally:  # also where the loop ends before anybody has closed this
            self._lose()
            try:
                await self._run.kill()
            finally:
                self._run.process.close_pipes()
                await self._holder.close()

    async def _begin(self, errors: Capped) -> None:
        try:
            async with asyncio.timeout(_START_S):
                await self._ready.wait()
            if not self.alive:
                await asyncio.wait({self._run.process.stderr.ended}, timeout=1)
                said = errors.content.decode(errors="replace").strip().splitlines()
                raise SandboxError(f"a program could not be kept warm: {said[-1] if said else 'it ended'}")
        except BaseException as error:
            await self.close()
            if isinstance(error, TimeoutError):
                raise SandboxError("a program could not be kept warm: it did not start in time") from error
            raise

    def _hear(self) -> None:
        try:
            message, descriptors, _, _ = socket.recv_fds(self._control, 8192, 1, socket.MSG_CMSG_CLOEXEC)
        except BlockingIOError:
            return
        except OSError:
            message, descriptors = b"", []
        if not message:
            self._lose()
            return
        said = json.loads(message)
        if "ready" in said:
            self._ready.set()
        elif "started" in said:
            self._boxes[said["started"]].started(descriptors[0])
        else:
            self._boxes.pop(said["ended"]).ended(said["code"], said["error"])

    def _lose(self) -> None:
        """Take it for dead; its boxes live in its namespaces, and die with it."""
        if not self.alive:
            return
        self._lost.set()
        self._ready.set()
        self._loop.remove_reader(self._control)
        self._control.close()
        boxes, self._boxes = self._boxes, {}
        for box in boxes.values():
            box.ended(None, "the process that makes boxes is gone")


def _files(program: PythonProgram) -> dict[str, bytes]:
    own = {f"{_FOLDER}/inside/{name}": (_INSIDE / name).read_bytes() for name in _MODULES}
    return own | {f"{program.FOLDER}/{name}": content for name, content in program.files.items()}


def _argv(program: PythonProgram, control: int) -> list[str]:
    words = [str(control), program.FOLDER, program.module, *program.preload]
    return [*program.interpreter, "-c", _LAUNCH, *words]
