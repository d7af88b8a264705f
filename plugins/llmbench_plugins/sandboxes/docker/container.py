"""A warm container with our supervisor as its first process, and the conversation with it."""

import asyncio
import base64
import json
import secrets
import time
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any, Self

from llmbench.errors import SandboxError
from llmbench_plugins.sandboxes.docker.attached import Attached
from llmbench_plugins.sandboxes.docker.kind import Kind, create
from llmbench_plugins.sandboxes.shared.process import Capped
from llmbench_plugins.shared.engine import Engine, EngineError, Wire
from llmbench_plugins.shared.owner import as_name

if TYPE_CHECKING:
    from docker import APIClient

_START_S = 90.0
_END_S = 20


class Container:
    """A running container. Whoever holds its input keeps it alive; when llmbench dies, it ends."""

    def __init__(self, engine: Engine, kind: Kind, label: str) -> None:
        self.kind = kind
        self.name = f"llmbench-{as_name(label)}-{secrets.token_hex(6)}"
        self._engine = engine
        self._errors = Capped(1 << 16)
        self._pending: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self._heard = bytearray()
        self._last = 0
        self._attached: Attached | None = None
        self._starting = asyncio.ensure_future(asyncio.to_thread(self._start, label))

    @classmethod
    async def start(cls, engine: Engine, kind: Kind, label: str) -> Self:
        """Start a container and wait for its supervisor.

        Raises:
            SandboxError: it did not start.
        """
        container = cls(engine, kind, label)
        try:
            await container._attach()
            answer = await container._answer(0, _START_S)
            if answer["unclean"]:
                raise SandboxError(f"a fresh container is not clean: {answer['unclean']}")
        except EngineError as error:
            await container.close()
            raise SandboxError(f"the container {container.name} did not start: {error}") from error
        except BaseException:
            await container.close()
            raise
        return container

    @property
    def alive(self) -> bool:
        """Whether it still runs."""
        return self._attached is not None and not self._attached.ended.done()

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
        if self._attached is not None:
            self._attached.write(json.dumps(request).encode() + b"\n")
        answer = await self._answer(number, answer_s)
        if "error" in answer:
            raise SandboxError(f"the box could not {operation}: {answer['error']}")
        return answer

    async def starved(self, since: float) -> bool:
        """Say whether it has ended for want of memory, after a moment in seconds since the epoch.

        What the kernel kills first is the program. But memory of System V belongs to no process: with all of
        it taken, there is none left for the supervisor either.
        """
        if self.alive:
            return False
        await self._removed()
        try:
            return await self._engine.ask(partial(_ran_out_of_memory, name=self.name, since=since))
        except EngineError:
            return False  # then it is the engine that has failed, and not the program

    async def close(self) -> None:
        """End it and wait until the engine has removed it."""
        await asyncio.shield(asyncio.ensure_future(self._close()))

    async def _close(self) -> None:
        try:
            # One that is being started when its opener gives up must not be left behind.
            attached = await self._attach()
        except EngineError:
            gone = False
        else:
            attached.close()
            gone = await self._removed()
        if not gone:
            with suppress(EngineError):
                await asyncio.to_thread(self._engine.remove, self.name)

    def _start(self, label: str) -> Wire:
        """Make it, attach to it, start it; blocks."""
        created = self._engine.tell(partial(create, kind=self.kind, name=self.name, label=label))
        wire = self._engine.attach(created)
        try:
            self._engine.tell(lambda client: client.start(created))
        except BaseException:
            wire.release()
            raise
        return wire

    async def _attach(self) -> Attached:
        wire = await asyncio.shield(self._starting)
        if self._attached is None:
            self._attached = Attached(wire, stdout=self._hear, stderr=self._errors)
            self._attached.ended.add_done_callback(lambda _: self._fail())
        return self._attached

    async def _removed(self) -> bool:
        """Wait until the engine has removed it, as it does when it ends; return False where it has not."""
        try:
            await self._engine.ask(lambda client: client.wait(self.name, timeout=_END_S, condition="removed"))
        except EngineError as error:
            return error.status == 404
        return True

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


def _ran_out_of_memory(client: "APIClient", name: str, since: float) -> bool:
    until = time.time() + 1  # the engine waits for events until then
    # The SDK's types know whole seconds alone, as the engine does not.
    span: dict[str, Any] = {"since": f"{since:.3f}", "until": f"{until:.3f}"}
    events = client.events(**span, filters={"container": name, "event": "oom"}, decode=True)
    return any(event.get("Action") == "oom" for event in events)
