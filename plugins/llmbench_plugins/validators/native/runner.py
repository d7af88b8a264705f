"""The contract of a runner: how the tests of one language run.

One module a language, with one instance named ``RUNNER``:

- ``run`` opens fresh boxes, puts the suite's tree and the answer there, runs the tests once, and returns
  what happened to every test. It never raises for what the answer does (a compiler's error is a ``TestRun``
  without cases), and lets ``SandboxError`` through.
- Names of cases are the same for every answer that passes: no addresses, timings or values that the
  answer chose.
- Nothing in a ``TestRun`` but ``output`` comes from what model-written code could have written: no file
  that it could write, no line that it could print, no exit code that it could choose, unless something
  that it can't know or change vouches for it. Where a language can't do that, docs/design/grading.md says
  so. ``problem`` may quote the answer; that there is one is never the answer's word.
- ``output`` is what people and the next try are shown. The judge cleans it of timings and paths.

The judge (``judge.py``) does the rest.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Literal, Protocol, runtime_checkable

from llmbench.api import Boxes, Stop
from llmbench_plugins.validators.native.suite import Job, Suite

Status = Literal["passed", "failed", "skipped"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """What became of one test."""

    status: Status
    message: str = ""
    """One line for people, where it failed."""
    assertions: int | None = None
    """How many assertions it made, where the framework tells that."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TestRun:
    """What became of all tests of one answer."""

    cases: Mapping[str, Case]
    """By the test's name. Empty where nothing was run: it did not compile, or the report is missing."""
    parts: Mapping[str, Case] = field(default_factory=dict)
    """What became of rows of tests (``TestSum/of_nothing``), where the usual runner names them. An answer
    could have written it: nothing passes by it, but altered tests are told apart by it."""
    output: str = ""
    """What is shown: a compiler's errors, the failures. Not believed."""
    problem: str = ""
    """Why the run as a whole can't pass, as one line: it did not compile, the process ended early."""
    stopped: Stop | None = None
    """The limit that ended it, if one did."""
    tampered: str = ""
    """What the answer did to the tests or their runner, where that is certain; empty otherwise."""

    __test__ = False  # pytest takes names that begin with Test for its own


class Runner(Protocol):
    """The tests of one language."""

    version: int
    """Raised when names of cases change: results of references are kept under it."""

    def toolchains(self) -> tuple[str, ...]:
        """Return the names of the toolchains whose boxes ``run`` opens."""
        ...

    async def run(self, job: Job, boxes: Boxes) -> TestRun:
        """Run the tests of ``job`` in fresh boxes.

        Raises:
            SandboxError: a box broke.
        """
        ...


RunTests = Callable[[Suite], Awaitable[TestRun]]
"""Runs a suite's tests over an answer that is known already."""


@runtime_checkable
class Reuses(Protocol):
    """A runner that does once what several suites over one answer have in common, as compiling the answer."""

    def over(self, job: Job, boxes: Boxes) -> AbstractAsyncContextManager[RunTests]:
        """Take the answer of ``job``; what is returned runs suites that differ in tests and support alone.

        Nothing that code of the answer could have changed goes from one run into the next.
        """
        ...


@asynccontextmanager
async def over(runner: Runner, job: Job, boxes: Boxes) -> AsyncIterator[RunTests]:
    """Return what runs suites over the answer of ``job``, in the way of its runner."""
    if isinstance(runner, Reuses):
        async with runner.over(job, boxes) as run:
            yield run
    else:
        yield lambda suite: runner.run(replace(job, suite=suite), boxes)
