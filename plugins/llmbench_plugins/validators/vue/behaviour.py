"""Whether a project does what it should: vitest in one box, the answer's components in another.

The tests run where no code of an answer is. What they want done to a component, they say; it is done in the
answer's box, and only plain data comes back. So the answer can neither see an expected value, nor patch
``expect``, nor write a report.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from llmbench.api import Box, Boxes, Files, Service, ServiceEnded, Task
from llmbench.errors import SandboxError
from llmbench_plugins.shared.vue_spec import Grading
from llmbench_plugins.validators.vue.services import SUPPORT, Services, support

SCRIPTS = ("vue_tests.mjs", "vue_ask.mjs")
_GRACE_S = 30.0
"""For the tests, beyond what the answer may take, to say which of them spent it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Behaved:
    """What became of the tests."""

    states: Mapping[str, str]
    """passed, failed or skipped, by the test's full name."""
    problems: tuple[str, ...]
    expected: tuple[str, ...]
    late: bool = False

    @property
    def passed(self) -> int:
        """How many of the expected tests passed."""
        return sum(self.states.get(name) == "passed" for name in self.expected)

    @property
    def skipped(self) -> int:
        """How many tests did not run."""
        return sum(state not in ("passed", "failed") for state in self.states.values())

    @property
    def full(self) -> bool:
        """Whether exactly the expected tests ran, and all passed."""
        return not self.problems and not self.late and sorted(self.states) == sorted(self.expected)


class _AnswerSide:
    """Does in the answer's box what the tests ask; once it has ended, it stays so."""

    def __init__(self, box: Box, deadline: float) -> None:
        self._box = box
        self._deadline = deadline
        self._page: Service | None = None
        self._ended = ""
        self.late = False

    async def reply(self, request: object) -> bytes:
        if not self._ended:
            try:
                if self._page is None:
                    self._page = await self._box.serve(["node", f"{SUPPORT}/vue_page.mjs"])
                left = max(0.01, self._deadline - time.monotonic())
                return await self._page.ask(msgspec.json.encode(request), timeout_s=left)
            except TimeoutError:
                self.late = True
                self._ended = "the component did not come to an end in time"
            except ServiceEnded:
                self._ended = "the component ended its process, or returned too much"
        return msgspec.json.encode({"ended": self._ended})


async def behave(
    task: Task, grading: Grading, files: Files, services: Services, boxes: Boxes, timeout_s: float
) -> Behaved:
    """Run the tests against the project with ``files`` laid over it.

    Raises:
        SandboxError: the tests' own box broke.
    """
    tests = {path: content.decode() for path, content in task.tests.items() if path.endswith(".test.ts")}
    async with boxes.open(task.toolchain) as answer:
        await answer.put({**task.starter, **files})
        await answer.put(support("vue_page.mjs"), read_only=True)
        side = _AnswerSide(answer, time.monotonic() + timeout_s)
        try:
            async with services.lend(boxes) as service:
                done = await _converse(service, side, {"files": tests, "timeout_s": timeout_s + _GRACE_S})
        except (TimeoutError, ServiceEnded) as error:
            # Nothing of the answer is in that box: whatever ended it, the answer did not.
            raise SandboxError(f"{task.id}: the tests' box broke: {error}") from error
    return _behaved(done, grading.tests, late=side.late)


async def _converse(service: Service, side: _AnswerSide, order: dict[str, Any]) -> dict[str, Any]:
    deadline = time.monotonic() + order["timeout_s"] + _GRACE_S
    line = msgspec.json.encode(order)
    while True:
        left = max(0.01, deadline - time.monotonic())
        message = msgspec.json.decode(await service.ask(line, timeout_s=left))
        if "done" in message:
            done: dict[str, Any] = message["done"]
            return done
        line = await side.reply(message["ask"])


def _behaved(done: dict[str, Any], expected: tuple[str, ...], *, late: bool) -> Behaved:
    states = {test["name"]: test["state"] for test in done["tests"]}
    wrong = [test for test in done["tests"] if test["state"] != "passed"]
    problems = [f"{test['name']}: {test['message'] or test['state']}" for test in wrong]
    absent = [f"{name}: did not run" for name in expected if name not in states]
    return Behaved(
        states=states, problems=(*problems, *absent, *done["errors"]), expected=expected, late=late
    )
