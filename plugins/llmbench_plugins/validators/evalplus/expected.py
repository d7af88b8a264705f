"""Expected outputs: computed by the reference in its own box, kept as digests, and as values where small.

They are computed on this machine with the box's own Python, once for each problem: equality then is a
comparison of digests, and the reference's own times and memory make the limits.
"""

import asyncio
import hashlib
import os
import platform
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec

from llmbench.api import Boxes, Context
from llmbench.errors import DatasetError
from llmbench_plugins.validators.evalplus.inputs import Problem
from llmbench_plugins.validators.evalplus.oracle import has_oracle, tolerances
from llmbench_plugins.validators.evalplus.worker import (
    PROGRAMS,
    CaseLimits,
    CodeEnded,
    Python,
    Worker,
    decoded,
    python_of,
    working,
)

_PATIENCE = CaseLimits(usual=60.0)
_USUAL_MB = 1024
_PATIENT_MB = 4096


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """What the reference returned for every case of a problem."""

    digests: str
    """32 characters a case; equal values have equal digests."""
    took_s: tuple[float, ...]
    floats: tuple[bool, ...]
    """Whether the value is a float or a list of them."""
    unequal: tuple[int, ...] = ()
    """Cases whose value does not equal itself (NaN): nothing passes them."""
    values: Mapping[int, str] = field(default_factory=dict)
    """Where another value could be right and this one is small."""
    peak_mb: int = 0

    @property
    def memory_mb(self) -> int | None:
        """What an answer may use, where that is more than usual."""
        wanted = 3 * self.peak_mb
        return wanted if wanted > _USUAL_MB else None

    def digest(self, case: int) -> str:
        """Return the digest of a case's value."""
        return self.between(case, case + 1)

    def between(self, first: int, end: int) -> str:
        """Return the digests of a range of cases."""
        return self.digests[first * 32 : end * 32]


class Library:
    """The expected outputs of all problems, computed when they are first asked for."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._python: Python | None = None
        self._found: dict[str, Expected] = {}
        self._locks: dict[str, asyncio.Lock] = {}

    async def get(self, problem: Problem, boxes: Boxes) -> Expected:
        """Return what the reference returned.

        Raises:
            DatasetError: the reference fails here.
            SandboxError: a box broke.
        """
        key = problem.task.digest
        async with self._locks.setdefault(key, asyncio.Lock()):
            if key not in self._found:
                self._found[key] = await self._get(problem, boxes)
        return self._found[key]

    async def python(self, problem: Problem, boxes: Boxes) -> Python:
        """Return the Python of the boxes, with the worker compiled for it."""
        async with self._locks.setdefault("", asyncio.Lock()):
            if self._python is None:
                self._python = await python_of(problem.task.toolchain, boxes)
        return self._python

    async def value(self, problem: Problem, expected: Expected, case: int, boxes: Boxes) -> Any:
        """Return the value of one case, computed again where it is too large to be kept."""
        if case in expected.values:
            return decoded(expected.values[case])
        try:
            async with working(
                boxes,
                problem,
                problem.source,
                _PATIENCE,
                await self.python(problem, boxes),
                memory_mb=_PATIENT_MB,
            ) as worker:
                while True:
                    turn = await worker.run()
                    if turn.first <= case < turn.done:
                        return await worker.value(case)
        except CodeEnded as error:
            raise DatasetError(f"{problem.task.id}: the reference fails in case {case}: {error}") from None

    async def _get(self, problem: Problem, boxes: Boxes) -> Expected:
        file = await self._file(problem, boxes)
        try:
            return msgspec.json.decode(file.read_bytes(), type=Expected)
        except (OSError, msgspec.DecodeError):  # not there, or not whole: it is computed anew
            pass
        self._context.progress(f"computing the expected outputs of {problem.task.id}")
        try:
            async with working(
                boxes,
                problem,
                problem.source,
                _PATIENCE,
                await self.python(problem, boxes),
                memory_mb=_PATIENT_MB,
                measure=True,
            ) as worker:
                found = await _compute(problem, worker)
        except CodeEnded as error:
            raise DatasetError(f"{problem.task.id}: the reference fails: {error}") from None
        _store(file, msgspec.json.encode(found))
        return found

    async def _file(self, problem: Problem, boxes: Boxes) -> Path:
        """Return where a problem's outputs are kept; they depend on the Python and the machine, too."""
        python = await self.python(problem, boxes)
        program = hashlib.sha256(b"".join(path.read_bytes() for path in PROGRAMS)).hexdigest()
        parts = (program, problem.task.digest, python.version, platform.node(), platform.machine())
        key = hashlib.sha256("\n".join(parts).encode()).hexdigest()
        return self._context.cache_dir / "evalplus" / key[:2] / f"{key}.json"


async def _compute(problem: Problem, worker: Worker) -> Expected:
    digests: list[str] = []
    extras: list[str] = []
    values: dict[int, str] = {}
    while len(extras) < len(problem.inputs):
        turn = await worker.run()
        digests.append(turn.digests)
        extras += turn.extras
        lenient = tolerances(problem.grading, [extra.partition(":")[2][0] == "1" for extra in extras])
        for case in range(turn.first, turn.done):
            is_small = extras[case][-1] == "1"
            if is_small and (lenient[case] or has_oracle(problem.grading)):
                values[case] = await worker.text(case)
    flags = [extra.partition(":")[2] for extra in extras]
    return Expected(
        digests="".join(digests),
        took_s=tuple(float(extra.partition(":")[0]) for extra in extras),
        floats=tuple(flag[0] == "1" for flag in flags),
        unequal=tuple(case for case, flag in enumerate(flags) if flag[1] == "0"),
        values=values,
        peak_mb=await worker.peak_mb(),
    )


def _store(file: Path, content: bytes) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(dir=file.parent)
    with os.fdopen(descriptor, "wb") as part:
        part.write(content)
    Path(name).replace(file)
