"""What a language brings to the validator `exercism`: how its skipped tests are woken, and how its tests
run.

The contract of a runner, one module a language, with one instance named ``RUNNER``:

- ``unskipped`` is a pure function of file contents. ``strict`` wakes every test in every spelling, but
  those that the exercise itself leaves out on purpose; ``aider`` does exactly what Aider's harness does,
  its bugs included.
- ``run`` opens fresh boxes, puts ``job.tree`` and over it ``job.answer`` there, runs the tests once, and
  returns what happened to every test. It never raises for what the answer does (a compiler's error is a
  ``TestRun`` without cases), and lets ``SandboxError`` through.
- Names of cases are the same for every answer that passes: no addresses, timings or values that the
  answer chose.
- Nothing in a ``TestRun`` but ``output`` comes from what model-written code could have written: no file
  that it could write, no line that it could print, no exit code that it could choose, unless something
  that it can't know or change vouches for it. Where a language can't do that, docs/design/grading.md says
  so.
- ``output`` is what people and the next try are shown. The validator cleans it of timings and paths.

The validator does the rest: it runs the reference once on this machine, keeps the names of the tests that
it passed and skipped, and passes an answer only if it passed exactly those, skipped no others, and
nothing stopped it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, Protocol

from llmbench.api import Boxes, Files, Limits, Stop

Rules = Literal["strict", "aider"]
"""Which skipped tests are woken."""

Status = Literal["passed", "failed", "skipped"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One grading of one answer."""

    task_id: str
    """``rust/leap``."""
    language: str
    tree: Files = field(repr=False)
    """The exercise as it was published, tests included and woken, without ``.meta`` and ``.docs``."""
    answer: Files = field(repr=False)
    """The allowed files that the answer changed or added; laid over ``tree``."""
    solution: tuple[str, ...]
    """Paths of the files that an answer consists of, as config.json names them: ``src/lib.rs``."""
    tests: tuple[str, ...]
    """Paths of the files that hold tests, as config.json names them."""
    rules: Rules
    timeout_s: float
    """For building and running together; what takes longer is ``stopped="timeout"``."""
    limits: Limits
    """Of the boxes, unless the language needs more."""

    @property
    def files(self) -> dict[str, bytes]:
        """The tree with the answer laid over it."""
        return {**self.tree, **self.answer}


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """What became of one test."""

    status: Status
    message: str = ""
    """One line for people, where it failed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TestRun:
    """What became of all tests of one answer."""

    cases: Mapping[str, Case]
    """By the test's name. Empty where nothing was run: it did not compile, or the report is missing."""
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

    def unskipped(self, path: str, content: bytes, rules: Rules) -> bytes:
        """Return a test file with its skipped tests woken."""
        ...

    async def run(self, job: Job, boxes: Boxes) -> TestRun:
        """Run the tests of ``job`` in fresh boxes.

        Raises:
            SandboxError: a box broke.
        """
        ...
