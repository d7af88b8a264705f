"""Sandbox ``docker``: warm containers of an engine, in which a program starts in milliseconds."""

import asyncio
import base64
import time
from collections.abc import Awaitable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Annotated, Any

from llmbench.api import (
    Box,
    Context,
    Files,
    Leftover,
    Limits,
    Ran,
    Sandbox,
    Service,
    ServiceEnded,
    Toolchain,
    clean_path,
    option,
)
from llmbench.errors import PrerequisiteError, SandboxError
from llmbench_plugins.sandboxes.docker.building import build_image
from llmbench_plugins.sandboxes.docker.container import Container, encoded
from llmbench_plugins.sandboxes.docker.images import image_tag, read_ca_bundle
from llmbench_plugins.sandboxes.docker.kind import Kind
from llmbench_plugins.sandboxes.shared.environment import WORK_FOLDER, environment
from llmbench_plugins.sandboxes.shared.service import LineService
from llmbench_plugins.shared.engine import Engine, EngineError, connect_fit
from llmbench_plugins.shared.owner import is_alive, user_mark

_IDLE = 8
_SLACK_S = 30.0
_CALL_S = 60.0


@dataclass(frozen=True, slots=True)
class DockerOptions:
    """Options of the sandbox ``docker``."""

    ca_bundle: Annotated[
        str | None, option(identity=False, help="PEM file of authorities that image builds trust")
    ] = None
    build_network: Annotated[
        str | None, option(identity=False, help="network of image builds, such as host")
    ] = None


class Docker(Sandbox):
    """Makes boxes in containers that are kept warm, one box in each at a time."""

    Options = DockerOptions
    options: DockerOptions

    def __init__(self, options: Any, context: Context) -> None:
        super().__init__(options, context)
        self._engine: Engine | None = None
        self._no_engine = ""
        self._idle: list[Container] = []
        self._boxes: set[DockerBox] = set()
        self._ready: set[str] = set()
        self._closed = False

    async def missing(self, toolchain: Toolchain) -> str:
        """Return why no engine answers; images are built by ``prepare``."""
        if not (self._engine or self._no_engine):
            try:
                self._engine = await connect_fit()
            except EngineError as error:
                self._no_engine = str(error)
        if self._engine and not (toolchain.folder / "Dockerfile").is_file():
            return f"toolchain {toolchain.name}: no Dockerfile in {toolchain.folder}; use sandbox=bubblewrap"
        return self._no_engine

    async def prepare(self, toolchain: Toolchain) -> None:
        """Build the toolchain's image unless the engine has it.

        Raises:
            PrerequisiteError: no engine answers, or the build fails.
        """
        reason = await self.missing(toolchain)
        if reason or self._engine is None:
            raise PrerequisiteError(f"sandbox=docker: {reason}")
        try:
            tag = await build_image(
                self._engine,
                toolchain,
                ca_bundle=read_ca_bundle(self.options.ca_bundle),
                build_network=self.options.build_network,
                context=self.context,
            )
        except EngineError as error:
            raise PrerequisiteError(f"sandbox=docker: the Docker engine says: {error}") from error
        self._ready.add(tag)

    async def open(self, toolchain: Toolchain, limits: Limits) -> Box:
        """Open a fresh box in a warm container, or in a new one where none of its kind is idle."""
        engine = await self._connected()
        tag = image_tag(toolchain, read_ca_bundle(self.options.ca_bundle))
        if tag not in self._ready and not await self._has_image(engine, tag):
            raise SandboxError(
                f"the image {tag} is not built; build it: llmbench prepare sandbox=docker, and the other "
                "words of this run (dataset=…)"
            )
        self._ready.add(tag)
        container = self._take(Kind.of(tag, limits)) or await Container.start(
            engine, Kind.of(tag, limits), self.context.label
        )
        box = DockerBox(self, container, toolchain, limits)
        self._boxes.add(box)
        return box

    async def close(self) -> None:
        """Remove all containers."""
        self._closed = True
        await asyncio.gather(*(box.close() for box in tuple(self._boxes)))
        idle, self._idle = self._idle, []
        await asyncio.gather(*(container.close() for container in idle))
        engine, self._engine = self._engine, None
        if engine is not None:
            await asyncio.to_thread(engine.close)

    async def leftovers(self) -> Sequence[Leftover]:
        """Return the containers of runs; images are none."""
        try:
            engine = await connect_fit()
        except EngineError:
            return ()
        try:
            return await asyncio.to_thread(_left, engine)
        except EngineError as error:
            raise SandboxError(f"sandbox=docker: the Docker engine says: {error}") from error
        finally:
            engine.close()

    async def give_back(self, box: "DockerBox", container: Container) -> None:
        """Take a container back from a closed box: into the pool if it is provably clean, else away."""
        self._boxes.discard(box)
        try:
            answer = await container.call("reset", answer_s=_SLACK_S)
            clean = answer["unclean"] == ""
        except SandboxError:
            clean = False
        surplus = [container]
        if clean and not self._closed:
            self._idle.append(container)
            surplus, self._idle = self._idle[:-_IDLE], self._idle[-_IDLE:]
        for each in surplus:
            await each.close()

    async def _connected(self) -> Engine:
        if self._engine is None:
            try:
                self._engine = await connect_fit()
            except EngineError as error:
                raise SandboxError(f"sandbox=docker: {error}") from error
        return self._engine

    async def _has_image(self, engine: Engine, tag: str) -> bool:
        try:
            return await engine.has_image(tag)
        except EngineError as error:
            raise SandboxError(f"sandbox=docker: the Docker engine says: {error}") from error

    def _take(self, kind: Kind) -> Container | None:
        for container in self._idle[::-1]:
            if container.kind == kind:
                self._idle.remove(container)
                if container.alive:
                    return container
        return None


class DockerBox(Box):
    """A container for as long as the box is open."""

    def __init__(self, sandbox: Docker, container: Container, toolchain: Toolchain, limits: Limits) -> None:
        self._sandbox = sandbox
        self._container = container
        self._toolchain = toolchain
        self._limits = limits
        self._running: set[int] = set()
        self._services: list[LineService] = []
        self._closing: asyncio.Task[None] | None = None

    async def put(self, files: Files, *, read_only: bool = False) -> None:
        """Write files below the work folder."""
        content = {clean_path(path): encoded(content) for path, content in files.items()}
        await self._call("put", files=content, read_only=read_only)

    async def get(self, *, skip: Sequence[str] = ()) -> Files:
        """Return the regular files of the work folder, but for those below folders to ``skip``."""
        answer = await self._call("get", skip=list(skip))
        if "too_much" in answer:
            limit = f"its disk limit of {self._limits.disk_mb} MB"
            raise SandboxError(f"the files of the box hold more than {limit} (at {answer['too_much']!r})")
        return {path: base64.b64decode(content) for path, content in answer["files"].items()}

    async def run(
        self,
        argv: Sequence[str],
        *,
        stdin: bytes = b"",
        env: Mapping[str, str] | None = None,
        timeout_s: float | None = None,
    ) -> Ran:
        """Run a program to its end."""
        self._check_open()
        limit_s = self._limits.wall_s if timeout_s is None else timeout_s
        number, started = self._container.next_id(), time.time()
        self._running.add(number)
        try:
            asked = self._call(
                "run",
                number=number,
                answer_s=limit_s + _SLACK_S,
                argv=list(argv),
                env=self._environment(env),
                stdin=encoded(stdin),
                timeout_s=limit_s,
            )
            return _ran(await self._unless_starved(asked, started))
        except asyncio.CancelledError:
            await asyncio.shield(asyncio.ensure_future(self._stop(number)))
            raise
        finally:
            self._running.discard(number)

    async def serve(self, argv: Sequence[str], *, env: Mapping[str, str] | None = None) -> Service:
        """Start a long-lived process."""
        self._check_open()
        number, started = self._container.next_id(), time.time()
        await self._call("serve", number=number, argv=list(argv), env=self._environment(env))

        async def ask(line: bytes) -> bytes:
            asked = self._call("ask", target=number, line=encoded(line), answer_s=float("inf"))
            answer = await self._unless_starved(asked, started)
            if "ended" in answer:
                raise ServiceEnded(answer["ended"])
            return base64.b64decode(answer["line"])

        async def stop() -> Ran:
            return _ran(await self._unless_starved(self._stop(number), started))

        service = LineService(ask, stop)
        self._services.append(service)
        return service

    async def close(self) -> None:
        """Kill what runs and give the container back."""
        if self._closing is None:
            self._closing = asyncio.ensure_future(self._close())
        await asyncio.shield(self._closing)

    async def _close(self) -> None:
        with suppress(SandboxError):  # a broken container is thrown away below
            await asyncio.gather(
                *(self._stop(number) for number in self._running),
                *(service.close() for service in self._services),
            )
        await self._sandbox.give_back(self, self._container)

    async def _stop(self, number: int) -> dict[str, Any]:
        return await self._container.call("stop", target=number, answer_s=_SLACK_S)

    async def _call(self, operation: str, *, answer_s: float = _CALL_S, **fields: Any) -> dict[str, Any]:
        self._check_open()
        return await self._container.call(operation, answer_s=answer_s, **fields)

    async def _unless_starved(self, asked: Awaitable[dict[str, Any]], started: float) -> dict[str, Any]:
        """Return an answer, or what can be said of a program that took the memory of its whole container."""
        try:
            return await asked
        except SandboxError:
            if not await self._container.starved(started):
                raise
            return {
                "stopped": "memory",
                "ended": "its memory ran out",
                "duration_s": time.time() - started,
            }

    def _check_open(self) -> None:
        if self._closing is not None:
            raise SandboxError("the box is closed")

    def _environment(self, extra: Mapping[str, str] | None) -> dict[str, str]:
        variables = environment(self._toolchain, extra, home=WORK_FOLDER)
        if "PATH" not in {**dict(self._toolchain.env), **(extra or {})}:
            del variables["PATH"]  # the image's own
        return variables


def _left(engine: Engine) -> list[Leftover]:
    found = engine.tell(lambda client: client.containers(all=True, filters={"label": "llmbench=1"}))
    return [_leftover(container["Names"][0].removeprefix("/"), container["Labels"]) for container in found]


def _leftover(name: str, labels: Mapping[str, str]) -> Leftover:
    return Leftover(
        what=f"container {name}",
        label=labels.get("llmbench.run", ""),
        in_use=is_alive(labels.get("llmbench.owner", "")),
        # Those of earlier versions do not tell.
        is_ours=labels.get("llmbench.user", user_mark()) == user_mark(),
        remove=lambda: asyncio.run(_removed(name)),
    )


async def _removed(name: str) -> bool:
    engine = await connect_fit()
    try:
        await asyncio.to_thread(engine.remove, name)
    finally:
        engine.close()
    return True


def _ran(answer: Mapping[str, Any]) -> Ran:
    return Ran(
        exit_code=answer.get("exit_code", -9),
        stdout=base64.b64decode(answer.get("stdout", "")),
        stderr=base64.b64decode(answer.get("stderr", "")),
        duration_s=answer.get("duration_s", 0.0),
        stopped=answer.get("stopped"),
        truncated=answer.get("truncated", False),
    )
