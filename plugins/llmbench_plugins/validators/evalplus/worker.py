"""Our end of the conversation with the worker in a box: what it says is checked in form, never believed."""

import marshal
import re
import time
from binascii import b2a_base64
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from llmbench.api import Boxes, Limits, PythonProgram, Service, ServiceEnded
from llmbench.errors import SandboxError
from llmbench_plugins.validators.evalplus.inputs import Problem
from llmbench_plugins.validators.evalplus.oracle import view_of
from llmbench_plugins.validators.evalplus.values import OddValueError, decode

LOAD_S = 5.0
_GRACE_S = 3.0
_REMOTE = Path(__file__).parent / "remote"
PROGRAMS = tuple(_REMOTE / f"{name}.py" for name in ("evalplus_worker", "evalplus_values"))
_DIGEST = 32
_COMPILE = """
import py_compile, sys
mode = py_compile.PycInvalidationMode.UNCHECKED_HASH
print(sys.version.replace(' ', '_').replace(chr(10), '_'))
for name in sys.argv[1:]:
    py_compile.compile(name, name + "c", doraise=True, invalidation_mode=mode)
    print(open(name + "c", "rb").read().hex())
"""
_PRELOAD = ("site", "typing", "math", "collections", "heapq", "itertools", "string", "copy", "bisect")
_LONGEST_VALUE = 64 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseLimits:
    """Seconds for one case: ``usual``, and more where the reference needs long."""

    usual: float
    others: Mapping[int, float] = field(default_factory=dict)

    @property
    def longest(self) -> float:
        """The largest of all."""
        return max([self.usual, *self.others.values()])


class CodeEnded(Exception):
    """The code in the box did not get to its end; ``late`` says that it had its time."""

    def __init__(self, why: str, *, late: bool = False, done: int | None = None) -> None:
        super().__init__(why)
        self.late = late
        self.done = done


@dataclass(frozen=True, slots=True)
class Turn:
    """What the worker did when told to go on."""

    first: int
    done: int
    digests: str
    extras: tuple[str, ...]
    starved_s: float
    """How much of its time others had the processor, as it says; never more than it took."""

    def digest(self, case: int) -> str:
        """Return the digest of a case's value."""
        at = (case - self.first) * _DIGEST
        return self.digests[at : at + _DIGEST]


class Worker:
    """A function of a source, in a box, called with a problem's inputs."""

    def __init__(self, service: Service, order: bytes, cases: int, limits: CaseLimits) -> None:
        self._service = service
        self._next = order
        self._cases = cases
        self._limits = limits
        self._done = 0

    async def run(self) -> Turn:
        """Call the function with the next inputs, for a while, once the source is executed.

        Raises:
            CodeEnded: the source or a call raised, had its time, or ended the process; ``done`` are the cases
                before.
        """
        line, self._next = self._next, b"run"
        # The source is executed for the base cases, and again for the others.
        began = time.monotonic()
        words = self._expect(await self._ask(line, 2 * LOAD_S + 3 * self._limits.longest), "ran")
        numbers = re.fullmatch(r"(\d{1,9}) (\d{1,9}) ([0-9a-f]*) ?(\S*)", words)
        if numbers is None:
            raise CodeEnded("answered with something else than values")
        extras = tuple(filter(None, numbers[4].split(",")))
        starved_s = min(int(numbers[2]) / 1000, time.monotonic() - began)
        turn = Turn(self._done, int(numbers[1]), numbers[3], extras, starved_s)
        if not self._done < turn.done <= self._cases or len(turn.digests) != _DIGEST * (
            turn.done - turn.first
        ):
            raise CodeEnded("answered with something else than values")
        self._done = turn.done
        return turn

    async def value(self, case: int) -> Any:
        """Return a value of the last turn.

        Raises:
            CodeEnded: the process ended, or sent no value.
        """
        return decoded(await self.text(case))

    async def text(self, case: int) -> str:
        """Return a value of the last turn as it is sent.

        Raises:
            CodeEnded: the process ended, or sent no value.
        """
        parts: list[str] = []
        got, total = 0, 1
        while got < total:
            said = self._expect(await self._ask(b"value %d %d" % (case, got), LOAD_S), "value")
            size, _, part = said.partition(" ")
            if not (size.isdecimal() and part and int(size) <= _LONGEST_VALUE):
                raise CodeEnded("answered with something else than a value")
            parts.append(part)
            got, total = got + len(part), int(size)
        return "".join(parts)

    async def peak_mb(self) -> int:
        """Return how much memory the process has used at most."""
        return int(self._expect(await self._ask(b"peak", LOAD_S), "peak"))

    def _expect(self, reply: str, word: str) -> str:
        said, _, rest = reply.partition(" ")
        if said == word:
            return rest
        number, _, why = rest.partition(" ")
        done = int(number) if re.fullmatch(r"\d{1,9}", number) and int(number) <= self._cases else None
        if said == "late":
            raise CodeEnded("no value in time", late=True, done=done)
        if said == "raised":
            raise CodeEnded(why[:300], done=done)
        raise CodeEnded("answered with something else than values")

    async def _ask(self, line: bytes, within_s: float) -> str:
        try:
            reply = await self._service.ask(line, timeout_s=within_s + _GRACE_S)
        except TimeoutError:
            raise CodeEnded("no value in time", late=True) from None
        except ServiceEnded as error:
            raise CodeEnded(f"the process ended, or wrote too much ({error})") from None
        return reply.decode("ascii", "replace")


def decoded(text: str) -> Any:
    """Return a value that a box sent.

    Raises:
        CodeEnded: it is none.
    """
    try:
        return decode(text)
    except OddValueError as error:
        raise CodeEnded(f"answered with something else than a value: {error}") from None


@asynccontextmanager
async def working(
    boxes: Boxes,
    problem: Problem,
    source: str,
    limits: CaseLimits,
    python: "Python",
    *,
    memory_mb: int | None = None,
    measure: bool = False,
) -> AsyncIterator[Worker]:
    """Start a worker in a fresh box, and end both; ``memory_mb`` where the usual is not enough."""
    order = {
        "source": source,
        "entry": problem.grading.entry_point,
        "inputs": list(problem.inputs),
        "limit": limits.usual,
        "limits": dict(limits.others),
        "view": view_of(problem.grading),
        "base": problem.grading.base,
        "measure": measure,
        "load_s": LOAD_S,
    }
    own = None if memory_mb is None else Limits(memory_mb=memory_mb)
    line = b2a_base64(marshal.dumps(order, 2), newline=False)
    async with boxes.serve(problem.task.toolchain, python.program, own) as service:
        yield Worker(service, line, len(problem.inputs), limits)


@dataclass(frozen=True, slots=True)
class Python:
    """The Python that boxes have, and the worker compiled by it: compiling is a tenth of a worker's start."""

    version: str
    program: PythonProgram


async def python_of(toolchain: str, boxes: Boxes) -> Python:
    """Ask a box which Python it has, before any other code runs there.

    Raises:
        SandboxError: it has none that works.
    """
    async with boxes.open(toolchain) as box:
        await box.put({path.name: path.read_bytes() for path in PROGRAMS})
        names = [path.name for path in PROGRAMS]
        ran = await box.run(["python3", "-S", "-B", "-c", _COMPILE, *names], timeout_s=30)
    version, *compiled = ran.stdout.decode(errors="replace").split()[-1 - len(PROGRAMS) :] or [""]
    if ran.exit_code or len(compiled) != len(PROGRAMS):
        said = ran.stderr.decode(errors="replace").strip()[-300:]
        raise SandboxError(f"python3 does not run in a box of toolchain '{toolchain}': {said}")
    files = {f"{name}c": bytes.fromhex(code) for name, code in zip(names, compiled, strict=True)}
    program = PythonProgram(
        module=PROGRAMS[0].stem, files=files, interpreter=("python3", "-S", "-B"), preload=_PRELOAD
    )
    return Python(version, program)
