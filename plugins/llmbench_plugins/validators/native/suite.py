"""What is to be judged by: tests in a task's own language, and what is known of the task."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from llmbench.api import Files, Limits


@dataclass(frozen=True, slots=True, kw_only=True)
class Suite:
    """The tests of one task, with what they need. No layout is assumed but the language's own.

    ========== =====================================================================================
    python     unittest's cases, and functions ``test_…`` and plain classes ``Test…`` as pytest takes
               them, without fixtures; they import from their own folder, too
    javascript jest's globals, or ``node:test`` with ``node:assert``; ES modules or CommonJS
    html       ``node:test`` with ``node:assert``; they open the answer's page by ``page``
    go         ``func TestX(t *testing.T)`` in ``…_test.go`` of any package of the module
    rust       ``tests/NAME.rs`` or ``tests/NAME/main.rs``, over the library of the package
    cpp        Catch2, version 2: the header that the tests bring, else the toolchain's
               ``catch2/catch.hpp``
    java       classes of JUnit 5 in any folder; AssertJ is there
    ========== =====================================================================================
    """

    task_id: str
    """As people are told: ``go/token_bucket``."""
    language: str
    tree: Files = field(repr=False)
    """What an answer is laid over: the starter, its build files, data. The answer's process sees it."""
    tests: Files = field(repr=False)
    """The files that hold tests."""
    reference: Files = field(repr=False)
    """Files that, laid over ``tree``, pass."""
    support: Files = field(default_factory=dict, repr=False)
    """What tests need beside them: helpers that they import, data that they read.

    Sources among it are where model-written code runs in no language; data is there in compiled languages,
    whose tests run in one process with the answer.
    """
    packages: str = ""
    """Names the packages that are in the toolchain besides, if there are any."""
    flags: tuple[str, ...] = ()
    """What C++'s compiler is told for answer and tests; nothing else reads it."""
    ignored_too: bool = False
    """Whether Rust's tests with ``#[ignore]`` run."""
    timeout_s: float = 60.0
    """For building and running all tests once."""
    limits: Limits = field(default_factory=Limits)
    """Of the boxes, unless the language needs more."""

    @property
    def hidden(self) -> dict[str, bytes]:
        """Tests and what they need."""
        return {**self.support, **self.tests}

    @property
    def digest(self) -> str:
        """What changes with anything that could change which tests the reference passes."""
        digest = hashlib.sha256()
        for part in self._parts():
            digest.update(f"{len(part)}\0".encode() + part)
        return digest.hexdigest()

    def _parts(self) -> Iterator[bytes]:
        yield f"{self.language} {self.flags} {self.ignored_too}".encode()
        if self.packages:
            yield self.packages.encode()
        for files in (self.tree, self.tests, self.support, self.reference):
            yield b""
            for path, content in sorted(files.items()):
                yield path.encode(errors="surrogateescape")
                yield content


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One running of the tests over one answer."""

    suite: Suite
    answer: Files = field(repr=False)
    cache: Path | None = None
    """Where a runner may keep what it makes once a machine, and of no answer; None for nowhere."""

    @property
    def files(self) -> dict[str, bytes]:
        """What model-written code may see: the tree with the answer laid over it, and no test."""
        hidden = self.suite.hidden
        return {p: c for p, c in {**self.suite.tree, **self.answer}.items() if p not in hidden}
