"""Two boxes that talk through the host: tests in one, the answer in the other.

The tests ask, the answer answers; the host passes lines on and understands only their outer form. What
the answer side writes reaches the tests as data and decides nothing else.
"""

import base64
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from llmbench.api import Box, Boxes, Files, Limits, PythonProgram, Service, ServiceEnded

REMOTE = Path(__file__).parent / "remote"
SUPPORT = ".llmbench"
_GRACE_S = 10.0
_ROADS = 3
"""The tests have so many times the answer's time, and the grace: thousands of small questions take longer
on their way than in the answer, and tests have to say which of them an answer spent its time on."""
_LINE_BYTES = 16_000_000
_PRINTED = 4000


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One of the two boxes."""

    toolchain: str
    files: Files
    support: tuple[str, ...]
    argv: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class WarmSide:
    """One of the two boxes, with a Python program that may be kept warm; it writes ``files`` there itself."""

    toolchain: str
    files: Files
    program: PythonProgram

    @property
    def packed(self) -> dict[str, str]:
        """The files as the program is told them."""
        return {path: base64.b64encode(content).decode() for path, content in self.files.items()}


def warm_program(module: str, *beside: str, preload: tuple[str, ...] = ()) -> PythonProgram:
    """Return a program of ours with the modules that it imports."""
    files = {f"{name}.py": (REMOTE / f"{name}.py").read_bytes() for name in (module, *beside)}
    return PythonProgram(module=module, files=files, interpreter=("python3", "-B"), preload=preload)


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """How a conversation ended."""

    done: Mapping[str, Any] | None
    """What the tests' side reports; None where it did not come to that."""
    timed_out: bool
    ended: str
    """Why the answer's side is gone, if it is."""
    printed: str
    """What the answer wrote to its standard streams, as far as it is kept."""


class _Answer:
    """Does in the answer's box what the tests ask."""

    def __init__(self, worker: Service, box: Box | None, timeout_s: float) -> None:
        self._worker = worker
        self._box = box
        self._left_s = timeout_s
        self.ended = ""
        self.timed_out = False

    async def reply(self, request: Mapping[str, Any]) -> bytes:
        """Return the reply to a request. Only what the answer takes counts, not the way there and back."""
        started = time.monotonic()
        try:
            return await self._reply(request)
        finally:
            self._left_s -= time.monotonic() - started

    async def _reply(self, request: Mapping[str, Any]) -> bytes:
        if request.get("op") == "program" and self._box is not None:
            return await self._program(request, self._box)
        if not self.ended:
            try:
                return await self._worker.ask(msgspec.json.encode(request), timeout_s=self._left())
            except TimeoutError:
                self.timed_out = True
                self.ended = "the answer did not return in time"
            except ServiceEnded:
                self.ended = "the answer ended its process, or returned too much"
        return msgspec.json.encode({"ended": self.ended})

    async def printed(self) -> str:
        return (await self._worker.close()).stderr.decode(errors="replace")[-_PRINTED:]

    async def _program(self, request: Mapping[str, Any], box: Box) -> bytes:
        ran = await box.run(request["argv"], stdin=request["stdin"].encode(), timeout_s=self._left())
        if ran.stopped:
            self.timed_out = self.timed_out or ran.stopped == "timeout"
            return msgspec.json.encode({"ended": f"the program was stopped: {ran.stopped}"})
        streams = {
            "stdout": ran.stdout.decode(errors="replace"),
            "stderr": ran.stderr.decode(errors="replace"),
        }
        return msgspec.json.encode({"value": {"exit_code": ran.exit_code, **streams}})

    def _left(self) -> float:
        return max(0.01, self._left_s)


async def converse(
    boxes: Boxes,
    tests: Side | WarmSide,
    answer: Side | WarmSide,
    order: Mapping[str, Any],
    *,
    limits: Limits,
    timeout_s: float,
) -> Told:
    """Run tests against an answer, each in a fresh box.

    Raises:
        SandboxError: a box broke.
    """
    async with _begun(tests, boxes, limits) as (here, _), _begun(answer, boxes, limits) as (there, box):
        worker = _Answer(there, box, timeout_s)
        if isinstance(answer, WarmSide):
            await worker.reply({"op": "files", "files": answer.packed})
        if isinstance(tests, WarmSide):
            order = {**order, "files": tests.packed}
        done = await _relayed(here, worker, order, time.monotonic() + _ROADS * timeout_s + _GRACE_S)
        return Told(done=done, timed_out=worker.timed_out, ended=worker.ended, printed=await worker.printed())


@asynccontextmanager
async def _begun(
    side: Side | WarmSide, boxes: Boxes, limits: Limits
) -> AsyncIterator[tuple[Service, Box | None]]:
    """Start a side in a fresh box, and end both."""
    if isinstance(side, WarmSide):
        async with boxes.serve(side.toolchain, side.program, limits) as service:
            yield service, None
        return
    async with boxes.open(side.toolchain, limits) as box:
        await box.put(side.files)
        support = {f"{SUPPORT}/{name}": (REMOTE / name).read_bytes() for name in side.support}
        await box.put(support, read_only=True)
        yield await box.serve(side.argv), box


async def _relayed(
    service: Service, worker: _Answer, order: Mapping[str, Any], deadline: float
) -> Mapping[str, Any] | None:
    line = msgspec.json.encode(order)
    try:
        while True:
            message = msgspec.json.decode(await service.ask(line, timeout_s=deadline - time.monotonic()))
            if "done" in message:
                done: Mapping[str, Any] = message["done"]
                return done
            line = await worker.reply(message["ask"])
    except (TimeoutError, ServiceEnded):
        return None
    finally:
        await service.close()
