"""A warm container with our supervisor as its first process, and the conversation with it."""

import asyncio
import base64
import functools
import json
import os
import secrets
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self

from llmbench.api import Limits
from llmbench.errors import SandboxError
from llmbench_plugins.sandboxes.docker.engine import docker
from llmbench_plugins.sandboxes.shared.process import Capped, Process, spawn
from llmbench_plugins.shared.owner import as_name, owner_mark

_MODULES = ("tree", "usage", "program", "session", "supervisor")
_START_S = 90.0
_END_S = 20.0
_FILES_PER_MB = 100
# Room for the supervisor and its runners, beside what the program may use.
_OWN_MB = 96
_OWN_PROCESSES = 16
_CAPABILITIES = ("SETUID", "SETGID", "KILL", "CHOWN", "DAC_OVERRIDE", "FOWNER")


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """What containers have in common that can stand for each other."""

    image: str
    memory_mb: int
    processes: int
    disk_mb: int
    output_bytes: int

    @classmethod
    def of(cls, image: str, limits: Limits) -> Self:
        """Return the kind for an image and limits; the time limit is one of each run."""
        return cls(
            image=image,
            memory_mb=limits.memory_mb,
            processes=limits.processes,
            disk_mb=limits.disk_mb,
            output_bytes=limits.output_bytes,
        )


class Container:
    """A running container. Whoever holds its input keeps it alive; when llmbench dies, it ends."""

    def __init__(self, kind: Kind, label: str) -> None:
        self.kind = kind
        self.name = f"llmbench-{as_name(label)}-{secrets.token_hex(6)}"
        self._errors = Capped(1 << 16)
        self._pending: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self._heard = bytearray()
        self._last = 0
        self._process: Process = spawn(
            ["docker", *_run_arguments(kind, self.name, label)],
            stdout=self._hear,
            stderr=self._errors,
            env=os.environ,
            new_session=True,  # a Ctrl-C at the terminal is ours to handle
        )
        self._process.stdout.ended.add_done_callback(lambda _: self._fail())

    @classmethod
    async def start(cls, kind: Kind, label: str) -> Self:
        """Start a container and wait for its supervisor.

        Raises:
            SandboxError: it did not start.
        """
        try:
            container = cls(kind, label)
        except OSError as error:
            raise SandboxError(f"can't run docker: {error}") from error
        try:
            answer = await container._answer(0, _START_S)
            if answer["unclean"]:
                raise SandboxError(f"a fresh container is not clean: {answer['unclean']}")
        except BaseException:
            await container.close()
            raise
        return container

    @property
    def alive(self) -> bool:
        """Whether it still runs."""
        return not (self._process.exited.done() or self._process.stdout.ended.done())

    def next_id(self) -> int:
        """Return a number for a request."""
        self._last += 1
        return self._last

    async def call(
        self, operation: str, *, answer_s: float, number: int | None = None, **fields: Any
    ) -> dict[str, Any]:
        """Ask the supervisor and return its answer.

        Raises:
            SandboxError: it refused, died, or did not answer in time.
        """
        number = self.next_id() if number is None else number
        request = {"id": number, "op": operation, **fields}
        self._process.stdin.write(json.dumps(request).encode() + b"\n")
        answer = await self._answer(number, answer_s)
        if "error" in answer:
            raise SandboxError(f"the box could not {operation}: {answer['error']}")
        return answer

    async def starved(self, since: float) -> bool:
        """Say whether it has ended for want of memory, after a moment in seconds since the epoch.

        What the kernel kills first is the program. But memory of System V belongs to no process: with all of
        it taken, there is none left for the supervisor either.
        """
        await asyncio.wait({self._process.exited}, timeout=_END_S)
        if self.alive:
            return False
        until = time.time() + 1  # the engine waits for events until then
        told = await docker(
            *("events", "--since", f"{since:.3f}", "--until", f"{until:.3f}", "--format", "{{.Action}}"),
            *("--filter", f"container={self.name}", "--filter", "event=oom"),
            timeout_s=_END_S,
        )
        return "oom" in told.stdout.split()

    async def close(self) -> None:
        """End it and wait until the engine has removed it."""
        await asyncio.shield(asyncio.ensure_future(self._close()))

    async def _close(self) -> None:
        self._process.stdin.close()
        await asyncio.wait({self._process.exited}, timeout=_END_S)
        if not self._process.exited.done() or self._process.exited.result() not in (0, 125):
            await docker("rm", "--force", "--volumes", self.name)
            self._process.kill()
        await self._process.wait()
        self._process.close_pipes()

    async def _answer(self, number: int, answer_s: float) -> dict[str, Any]:
        if not self.alive:
            raise SandboxError(self._why())
        future = self._pending.setdefault(number, asyncio.get_running_loop().create_future())
        try:
            async with asyncio.timeout(answer_s if answer_s < float("inf") else None):
                return await future
        except TimeoutError:
            raise SandboxError(f"the container {self.name} did not answer within {answer_s:.0f} s") from None
        finally:
            self._pending.pop(number, None)

    def _hear(self, chunk: bytes) -> None:
        self._heard += chunk
        if b"\n" not in chunk:
            return
        *lines, rest = bytes(self._heard).split(b"\n")
        self._heard = bytearray(rest)
        for line in lines:
            answer = json.loads(line)
            future = self._pending.get(answer["id"])
            if future is not None and not future.done():
                future.set_result(answer)

    def _fail(self) -> None:
        for future in self._pending.values():
            if not future.done():
                future.set_exception(SandboxError(self._why()))

    def _why(self) -> str:
        said = self._errors.content.decode(errors="replace").strip()[-500:]
        return f"the container {self.name} has ended{': ' + said if said else ''}"


def encoded(content: bytes) -> str:
    """Return bytes as the supervisor takes them."""
    return base64.b64encode(content).decode("ascii")


def _run_arguments(kind: Kind, name: str, label: str) -> list[str]:
    files = kind.disk_mb * _FILES_PER_MB
    mount = f"rw,exec,nosuid,nodev,size={kind.disk_mb}m,nr_inodes={files},mode=755"
    # Files in a tmpfs count as memory, so the engine's limit is for both; the supervisor watches each.
    memory = f"{kind.memory_mb + kind.disk_mb + _OWN_MB}m"
    limits = {**asdict(kind), "files": files}
    del limits["image"]
    return [
        *("run", "--interactive", "--rm", "--name", name, "--hostname", "box", "--pull", "never"),
        *(
            "--label",
            "llmbench=1",
            "--label",
            f"llmbench.run={label}",
            "--label",
            f"llmbench.owner={owner_mark()}",
        ),
        *("--network", "none", "--ipc", "private", "--read-only", "--log-driver", "none", "--no-healthcheck"),
        *("--tmpfs", f"/box:{mount}", "--tmpfs", f"/tmp:{mount}", "--shm-size", f"{kind.disk_mb}m"),  # noqa: S108 - inside
        *("--memory", memory, "--memory-swap", memory, "--pids-limit", str(kind.processes + _OWN_PROCESSES)),
        *("--security-opt", "no-new-privileges", "--cap-drop", "ALL"),
        *(part for name in _CAPABILITIES for part in ("--cap-add", name)),
        *("--user", "0:0", "--workdir", "/", "--entrypoint", "python3"),
        *(kind.image, "-I", "-S", "-c", _program(), json.dumps(limits)),
    ]


@functools.cache
def _program() -> str:
    """Return the supervisor as one text, so that no file need be in the image or mounted from here."""
    folder = Path(__file__).resolve().parents[1] / "inside"
    sources = {name: (folder / f"{name}.py").read_text(encoding="utf-8") for name in _MODULES}
    return (
        "import sys, types\n"
        "package = sys.modules['inside'] = types.ModuleType('inside')\n"
        "package.__path__ = []\n"
        f"for name, source in {sources!r}.items():\n"
        "    module = sys.modules['inside.' + name] = types.ModuleType('inside.' + name)\n"
        "    module.__package__ = 'inside'\n"
        "    setattr(package, name, module)\n"
        "    exec(compile(source, 'inside/' + name, 'exec'), module.__dict__)\n"
        "package.supervisor.main()\n"
    )
