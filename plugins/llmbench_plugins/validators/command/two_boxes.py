"""A task's own command: it runs the tests in one box, and the answer runs in another.

No model-written code ever runs where the tests, the expected values and the test report are. The tests are
ordinary tests: when they import the answer's module they get a stand-in, and what they call on it runs in the
answer's box. Only plain data comes back. So the command's exit code and its report can be believed.
"""

import re
import time
import xml.etree.ElementTree as ET
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from llmbench.api import (
    Box,
    Boxes,
    Files,
    Outcome,
    Service,
    ServiceEnded,
    Task,
    Verdict,
)
from llmbench_plugins.validators.command.grading import Grading
from llmbench_plugins.validators.shared.lines import Unreadable, read, written
from llmbench_plugins.validators.shared.paths import unwritable
from llmbench_plugins.validators.shared.words import one_line, printable, telling_line

_REMOTE = Path(__file__).parent / "remote"
_SHARED = Path(__file__).parents[1] / "shared" / "remote"
_TESTS_SIDE = ("harness.py", "sitecustomize.py", "llmbench_answer.py", "run_tests.py", "wire.py")
_ANSWER_SIDE = ("worker.py", "wire.py", "raised.py")
_SUPPORT = ".llmbench"
_ERROR = re.compile(r"\w+(?:Error|Exception|Ended|Exit|Interrupt)\b")
_IMPORTING = "ImportError: Failed to import test module"
"""Of a file of tests that could not be loaded, unittest says so before it says why."""


@dataclass(frozen=True, slots=True)
class _Counts:
    run: int
    passed: int
    skipped: int
    problems: Mapping[str, str]
    """By the name of the test."""


class _AnswerSide:
    """Does in the answer's box what the tests ask."""

    def __init__(self, box: Box, deadline: float) -> None:
        self._box = box
        self._deadline = deadline
        self._worker: Service | None = None
        self._ended = ""
        self.timed_out = False

    async def reply(self, request: dict[str, Any]) -> bytes:
        if request.get("op") == "program":
            return await self._program(request)
        if not self._ended:
            try:
                if self._worker is None:
                    self._worker = await self._box.serve(["python3", "-B", f"{_SUPPORT}/worker.py"])
                return await self._worker.ask(written(request), timeout_s=self._left())
            except TimeoutError:
                self.timed_out = True
                self._ended = "the answer did not return in time"
            except ServiceEnded:
                self._ended = "the answer ended its process, or returned too much"
        return written({"ended": self._ended})

    async def _program(self, request: dict[str, Any]) -> bytes:
        ran = await self._box.run(
            request["argv"],
            stdin=request["stdin"].encode(errors="surrogatepass"),
            timeout_s=max(0.01, min(request["timeout_s"], self._left())),
        )
        if ran.stopped:
            self.timed_out = self.timed_out or self._left() <= 0
            return written({"ended": f"the program was stopped: {ran.stopped}"})
        output = {
            "stdout": ran.stdout.decode(errors="replace"),
            "stderr": ran.stderr.decode(errors="replace"),
        }
        return written({"value": {"exit_code": ran.exit_code, **output}})

    def _left(self) -> float:
        return max(0.01, self._deadline - time.monotonic())


async def grade(task: Task, grading: Grading, files: Files, boxes: Boxes, limit: float) -> Verdict:
    """Run the task's command over its tests, against the starter files with ``files`` laid over them.

    Raises:
        SandboxError: a box broke.
    """
    started = time.monotonic()
    if problem := unwritable(files, task.starter):
        return Verdict(outcome=Outcome.FAILED, reason=problem, tests_expected=grading.tests)
    async with boxes.open("python") as tests, boxes.open(task.toolchain) as answer:
        await tests.put({f"tests/{path}": content for path, content in task.tests.items()})
        await tests.put(_support(_TESTS_SIDE), read_only=True)
        await answer.put({**task.starter, **files})
        await answer.put(_support(_ANSWER_SIDE), read_only=True)
        side = _AnswerSide(answer, time.monotonic() + limit)
        order = {"command": grading.command, "modules": _modules(task, files)}
        done = await _converse(tests, side, order, limit)
    verdict = _judge(done, grading, timed_out=side.timed_out, limit=limit)
    return replace(verdict, duration_s=time.monotonic() - started)


async def _converse(
    tests: Box, side: _AnswerSide, order: dict[str, Any], limit: float
) -> dict[str, Any] | None:
    """Pass requests and replies between the boxes; return what the harness reports, or None if it can't."""
    # The tests get time beyond the answer's, to say which of them it spent.
    deadline = time.monotonic() + limit + 10
    service = await tests.serve(["python3", "-B", f"{_SUPPORT}/harness.py"])
    line = written(order)
    try:
        while True:
            message = read(await service.ask(line, timeout_s=deadline - time.monotonic()))
            if "done" in message:
                done: dict[str, Any] = message["done"]
                return done
            line = await side.reply(message["ask"])
    except TimeoutError:
        return None
    except (ServiceEnded, Unreadable):
        # It may be the answer's doing, if not in which way; a time-out it is not.
        return {"exit_code": -1, "stdout": "", "stderr": "", "report": ""}
    finally:
        await service.close()


def _support(names: tuple[str, ...]) -> dict[str, bytes]:
    found = {path.name: path for folder in (_SHARED, _REMOTE) for path in folder.glob("*.py")}
    return {f"{_SUPPORT}/{name}": found[name].read_bytes() for name in names}


def _modules(task: Task, files: Files) -> list[str]:
    """Return the names under which the answer's files can be imported, packages included."""
    names: set[str] = set()
    for path in {*task.starter, *files, *task.editable}:
        if re.fullmatch(r"[\w/]+\.py", path):
            parts = path.removesuffix(".py").removesuffix("/__init__").split("/")
            names.update(".".join(parts[: end + 1]) for end in range(len(parts)))
    return sorted(names)


def _judge(done: dict[str, Any] | None, grading: Grading, *, timed_out: bool, limit: float) -> Verdict:
    if done is None:
        reason = f"the tests did not end within {limit:g} s"
        return Verdict(outcome=Outcome.TIMEOUT, reason=reason, tests_expected=grading.tests)
    counts = _counts(done["report"])
    passed = (
        done["exit_code"] == 0
        and counts.passed == counts.run == grading.tests
        and counts.skipped == 0
        and not timed_out
    )
    outcome = Outcome.PASSED if passed else Outcome.TIMEOUT if timed_out else Outcome.FAILED
    return Verdict(
        outcome=outcome,
        score=1.0 if passed else min(counts.passed / grading.tests, 0.99),
        reason="" if passed else _reason(counts, grading, timed_out=timed_out, limit=limit),
        tests_run=counts.run,
        tests_passed=counts.passed,
        tests_skipped=counts.skipped,
        tests_expected=grading.tests,
        failed_tests=tuple(counts.problems),
        stdout=printable(done["stdout"]),
        stderr=printable(done["stderr"]),
        details={"exit_code": done["exit_code"]},
    )


def _reason(counts: _Counts, grading: Grading, *, timed_out: bool, limit: float) -> str:
    if timed_out:
        return f"the answer did not return within {limit:g} s"
    for name, problem in counts.problems.items():
        return f"{name}: {problem}" if name else problem
    return f"{counts.run} tests ran, {counts.skipped} of them skipped; the reference runs {grading.tests}"


def _counts(report: str) -> _Counts:
    """Count the test cases of a JUnit report; a missing or broken one counts none."""
    try:
        cases = list(ET.fromstring(report).iter("testcase"))  # noqa: S314 - no answer writes it, see above
    except ET.ParseError:
        return _Counts(0, 0, 0, {"": "the tests left no readable report"})
    skipped = sum(case.find("skipped") is not None for case in cases)
    found = [(case.get("name", ""), problem) for case in cases if (problem := _problem(case)) is not None]
    problems = {name.rpartition(".")[2]: problem for name, problem in reversed(found)}
    return _Counts(len(cases), len(cases) - skipped - len(found), skipped, dict(reversed(problems.items())))


def _problem(case: ET.Element) -> str | None:
    """Return what a test that did not pass says, or None."""
    found = case.find("failure")
    found = case.find("error") if found is None else found
    return None if found is None else _last_line(found.get("message") or found.text or "")


def _last_line(text: str) -> str:
    """Return the line that says what was wrong, of a traceback or of what another runner of tests says."""
    found = (line for line in text.splitlines() if _ERROR.match(line))
    named = next((line for line in found if not line.startswith(_IMPORTING)), "")
    return one_line(named, 200) or telling_line(text)
