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

from llmbench.api import Box, Boxes, Files, Limits, PythonProgram, Service, ServiceEnded, Stop
from llmbench_plugins.validators.shared.lines import Unreadable, read, written
from llmbench_plugins.validators.shared.words import last_words

_REMOTE = Path(__file__).parent / "remote"
_SHARED = Path(__file__).parents[1] / "shared" / "remote"
_PACKAGE = "llmbench_native"
SUPPORT = ".llmbench"
"""Where our programs lie in a box."""
_GRACE_S = 10.0
_ROADS = 3
"""The tests have so many times the answer's time, and the grace: thousands of small questions take longer
on their way than in the answer, and tests have to say which of them an answer spent its time on."""
_PRINTED = 4000


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One of the two boxes."""

    toolchain: str
    files: Files
    support: Files
    """Our programs, which the box keeps from being changed."""
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


def warm_program(module: str, *, preload: tuple[str, ...]) -> PythonProgram:
    """Return a program of ours with the modules beside it, as a package that no answer has the name of."""
    files = {f"{_PACKAGE}/{path.name}": path.read_bytes() for path in _sources("python")}
    files |= {f"{_PACKAGE}/{path.name}": path.read_bytes() for path in sorted(_SHARED.glob("*.py"))}
    return PythonProgram(
        module=f"{_PACKAGE}.{module}", files=files, interpreter=("python3", "-B"), preload=preload
    )


def programs(language: str) -> dict[str, bytes]:
    """Return our programs for boxes of a language by their names."""
    return {path.name: path.read_bytes() for path in _sources(language)}


def node_command(program: str, limits: Limits) -> tuple[str, ...]:
    """Return how Node runs a program of ours: descriptor 3 is the line to the host, whatever is printed."""
    options = "--experimental-vm-modules --no-warnings"
    command = f"exec node {options} {SUPPORT}/{program} {limits.output_bytes} 3>&1 1>&2"
    return ("sh", "-c", command)


def _sources(language: str) -> list[Path]:
    return sorted(path for path in (_REMOTE / language).iterdir() if path.is_file())


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """How a conversation ended."""

    done: Mapping[str, Any] | None
    """What the tests' side reports; None where it did not come to that."""
    stopped: Stop | None
    """The limit that ended either side, if one did."""
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
        self.stopped: Stop | None = None

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
                return await self._worker.ask(written(request), timeout_s=self._left())
            except TimeoutError:
                self.stopped = "timeout"
                self.ended = "the answer did not return in time"
            except ServiceEnded as ended:
                await self._has_ended(str(ended))
        return written({"ended": self.ended})

    async def _has_ended(self, how: str) -> None:
        """Say why the answer's process is gone: it did that itself, said too much, or needed too much."""
        ran = await self._worker.close()
        self.stopped = ran.stopped
        said_too_much = "output limit" in how
        self.ended = f"the answer said too much: {how}" if said_too_much else "the answer ended its process"
        if last := last_words(ran.stderr.decode(errors="replace")):
            self.ended += f"; its last words: {last}"

    async def printed(self) -> str:
        return (await self._worker.close()).stderr.decode(errors="replace")[-_PRINTED:]

    async def _program(self, request: Mapping[str, Any], box: Box) -> bytes:
        stdin = request["stdin"].encode(errors="surrogatepass")
        ran = await box.run(request["argv"], stdin=stdin, timeout_s=self._left())
        if ran.stopped:
            self.stopped = self.stopped or ("timeout" if ran.stopped == "timeout" else None)
            return written({"ended": f"the program was stopped: {ran.stopped}"})
        streams = {
            "stdout": ran.stdout.decode(errors="replace"),
            "stderr": ran.stderr.decode(errors="replace"),
        }
        return written({"value": {"exit_code": ran.exit_code, **streams}})

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
            await worker.reply({"op": "files", "files": answer.packed, "most": limits.output_bytes})
        if isinstance(tests, WarmSide):
            order = {**order, "files": tests.packed, "most": limits.output_bytes}
        done, stopped = await _relayed(here, worker, order, time.monotonic() + _ROADS * timeout_s + _GRACE_S)
        return Told(
            done=done, stopped=worker.stopped or stopped, ended=worker.ended, printed=await worker.printed()
        )


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
        await box.put(
            {f"{SUPPORT}/{name}": content for name, content in side.support.items()}, read_only=True
        )
        yield await box.serve(side.argv), box


async def _relayed(
    service: Service, worker: _Answer, order: Mapping[str, Any], deadline: float
) -> tuple[Mapping[str, Any] | None, Stop | None]:
    """Return what the tests report, or the limit that ended them; neither if they ended otherwise."""
    line = written(order)
    try:
        while True:
            message = read(await service.ask(line, timeout_s=deadline - time.monotonic()))
            if "done" in message:
                done: Mapping[str, Any] = message["done"]
                return done, None
            line = await worker.reply(message["ask"])
    except TimeoutError:
        return None, "timeout"
    except (ServiceEnded, Unreadable):
        return None, (await service.close()).stopped
    finally:
        await service.close()
