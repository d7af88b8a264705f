"""Two boxes that talk through the host: tests in one, the answer in the other.

The tests ask, the answer answers; the host passes lines on and understands only their outer form. What
the answer side writes reaches the tests as data and decides nothing else.
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from llmbench.api import Box, Boxes, Files, Limits, Service, ServiceEnded

REMOTE = Path(__file__).parents[1] / "_remote"
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

    def __init__(self, box: Box, argv: Sequence[str], timeout_s: float) -> None:
        self._box = box
        self._argv = argv
        self._left_s = timeout_s
        self._worker: Service | None = None
        self.ended = ""
        self.timed_out = False

    async def start(self) -> None:
        self._worker = await self._box.serve(self._argv)

    async def reply(self, request: Mapping[str, Any]) -> bytes:
        """Return the reply to a request. Only what the answer takes counts, not the way there and back."""
        started = time.monotonic()
        try:
            return await self._reply(request)
        finally:
            self._left_s -= time.monotonic() - started

    async def _reply(self, request: Mapping[str, Any]) -> bytes:
        if request.get("op") == "program":
            return await self._program(request)
        if not self.ended and self._worker is not None:
            try:
                return await self._worker.ask(msgspec.json.encode(request), timeout_s=self._left())
            except TimeoutError:
                self.timed_out = True
                self.ended = "the answer did not return in time"
            except ServiceEnded:
                self.ended = "the answer ended its process, or returned too much"
        return msgspec.json.encode({"ended": self.ended})

    async def printed(self) -> str:
        ran = await self._worker.close() if self._worker else None
        return ran.stderr.decode(errors="replace")[-_PRINTED:] if ran else ""

    async def _program(self, request: Mapping[str, Any]) -> bytes:
        ran = await self._box.run(request["argv"], stdin=request["stdin"].encode(), timeout_s=self._left())
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
    boxes: Boxes, tests: Side, answer: Side, order: Mapping[str, Any], *, limits: Limits, timeout_s: float
) -> Told:
    """Run tests against an answer, each in a fresh box.

    Raises:
        SandboxError: a box broke.
    """
    async with boxes.open(tests.toolchain, limits) as here, boxes.open(answer.toolchain, limits) as there:
        for box, side in ((here, tests), (there, answer)):
            await box.put(side.files)
            await box.put(
                {f"{SUPPORT}/{name}": (REMOTE / name).read_bytes() for name in side.support}, read_only=True
            )
        worker = _Answer(there, answer.argv, timeout_s)
        await worker.start()
        done = await _relayed(
            here, tests.argv, worker, order, time.monotonic() + _ROADS * timeout_s + _GRACE_S
        )
        return Told(done=done, timed_out=worker.timed_out, ended=worker.ended, printed=await worker.printed())


async def _relayed(
    box: Box, argv: Sequence[str], worker: _Answer, order: Mapping[str, Any], deadline: float
) -> Mapping[str, Any] | None:
    service = await box.serve(argv)
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
