"""Holds an answer that has passed against altered tests."""

import asyncio
import hashlib
import hmac
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

from llmbench.api import Boxes, Files, Outcome
from llmbench_plugins.validators.native.altered.kept import KeptSets
from llmbench_plugins.validators.native.altered.places import Place, Rank, places_of
from llmbench_plugins.validators.native.altered.proving import proven
from llmbench_plugins.validators.native.altered.sets import AlteredSet, altered
from llmbench_plugins.validators.native.expected import Expected
from llmbench_plugins.validators.native.runner import RunTests, TestRun
from llmbench_plugins.validators.native.suite import Suite

SETS = 3
"""How many sets a suite has; which of them an answer meets, it can't know."""
_VERSION = 5
"""Raised when other places are found: sets are kept under it."""
_MORE_TIME = 2.0
"""Altered tests may take so many times as long: their time is not the answer's."""
_APART = ("javascript", "python")
"""Languages in which altered tests are a second wall, and a failure is told by asking the answer's box."""
Run = Callable[[Suite, Files, Boxes], Awaitable[TestRun]]
"""Runs tests over files in boxes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubt:
    """Why an answer that has passed is not believed."""

    outcome: Outcome
    reason: str


@dataclass(slots=True)
class _Seen:
    """What the sets that an answer has met have shown so far."""

    forged: dict[str, set[str]] = field(default_factory=dict)
    """Tests that passed though altered, with the places where they were."""
    broken: list[str] = field(default_factory=list)
    """Tests that did not pass though nothing altered them, one a set."""


class AlteredTests:
    """The altered sets of suites, made when they are first needed."""

    def __init__(self, folder: Path, run: Run) -> None:
        """Take a folder of the user's cache, and what runs tests."""
        self._kept = KeptSets(folder)
        self._run = run
        self._secret = secrets.token_bytes(32)
        self._locks: dict[str, asyncio.Lock] = {}
        self._places: dict[str, tuple[Place, ...]] = {}

    async def doubt(
        self, key: str, suite: Suite, answer: Files, expected: Expected, over_it: RunTests, boxes: Boxes
    ) -> Doubt | None:
        """Run an answer over altered tests, and say why it is not believed, if so.

        Args:
            key: names suite and runner.
            over_it: runs tests over the answer.
        """
        seen = _Seen()
        if not self.places(key, suite):
            return None
        for number in self._drawn(suite, answer):
            one = await self.set_of(key, suite, expected, number, boxes)
            if not one.fails:
                continue
            run = await over_it(altered(_with_more_time(suite), one.alterations))
            if run.stopped and suite.language in _APART:
                # What a test says when it fails may ask an answer's objects without an end.
                return None
            if not run.cases and not run.stopped and run.problem and not _began(run):
                # Types of the answer's own that the altered values don't fit: another set may.
                continue
            if (doubt := _judged(one, run, seen)) is not None:
                return doubt
            if not seen.forged and not seen.broken:
                return None
        return None

    async def set_of(
        self, key: str, suite: Suite, expected: Expected, number: int, boxes: Boxes
    ) -> AlteredSet:
        """Return a set of a suite, proving it where that was never done.

        Raises:
            SandboxError: a box broke.
        """
        name = hashlib.sha256(f"{key}\0{_VERSION}".encode()).hexdigest()
        async with self._locks.setdefault(name, asyncio.Lock()):
            if (found := self._kept.get(f"{name}-{number}")) is None:
                found = await proven(
                    suite,
                    self.places(key, suite),
                    expected.passed,
                    lambda changed: self._run(changed, changed.reference, boxes),
                    seed=self._kept.seed(name),
                    number=number,
                )
                self._kept.put(f"{name}-{number}", found)
            return found

    async def ranks(self, key: str, suite: Suite, expected: Expected, boxes: Boxes) -> dict[str, Rank]:
        """Return for each test that can be altered the surest expectation that a set alters."""
        found: dict[str, Rank] = {}
        for number in range(SETS):
            made = (await self.set_of(key, suite, expected, number, boxes)).ranks()
            found = {name: min(rank, found.get(name, rank)) for name, rank in {**found, **made}.items()}
        return found

    def places(self, key: str, suite: Suite) -> tuple[Place, ...]:
        """Return what of a suite may be altered."""
        if key not in self._places:
            self._places[key] = tuple(places_of(suite))
        return self._places[key]

    def _drawn(self, suite: Suite, answer: Files) -> list[int]:
        """Return the sets in the order in which an answer meets them, as a secret of this process has it."""
        digest = hmac.new(self._secret, suite.task_id.encode(), hashlib.sha256)
        for path, content in sorted(answer.items()):
            digest.update(hashlib.sha256(path.encode(errors="surrogateescape")).digest())
            digest.update(hashlib.sha256(content).digest())
        first = digest.digest()[0] % SETS
        return [(first + number) % SETS for number in range(SETS)]


def _with_more_time(suite: Suite) -> Suite:
    return replace(suite, timeout_s=suite.timeout_s * _MORE_TIME)


def _began(run: TestRun) -> bool:
    """Say whether a program was built, however it ended."""
    return not run.problem.startswith("it does not compile")


def _judged(one: AlteredSet, run: TestRun, seen: _Seen) -> Doubt | None:
    """Take what an answer did with a set; return a doubt once two sets agree on it."""
    passed = {
        name for named in (run.cases, run.parts) for name, case in named.items() if case.status == "passed"
    }
    for name in sorted(one.fails.keys() & passed):
        before = seen.forged.get(name)
        # Where a test may have several right answers, it has to be wrong in two places.
        if before is not None and (name not in one.loose or one.fails[name] - before):
            return Doubt(
                outcome=Outcome.TAMPERED,
                reason=f"{name} passes even where it expects what is wrong: the answer has got at the tests",
            )
        seen.forged.setdefault(name, set()).update(one.fails[name])
    broken = sorted(one.passes - passed)
    # What testing says of rows is lost where an answer has written too much.
    if run.parts:
        broken += sorted(one.rows - passed) + sorted(one.failing_rows - run.parts.keys())
    if broken:
        seen.broken.append(broken[0])
        if len(seen.broken) > 1:
            return Doubt(
                outcome=Outcome.FAILED,
                reason=f"{broken[0]} passed, but not where others were altered: by them, or by chance",
            )
    return None
