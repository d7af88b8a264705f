"""Validator: judges an answer, and first itself."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, ClassVar

from llmbench.api.context import Context
from llmbench.api.options import NoOptions
from llmbench.api.sandbox import Boxes
from llmbench.api.task import Files, Task


class Outcome(StrEnum):
    """What became of a sample. Only ``passed`` passes."""

    PASSED = "passed"
    FAILED = "failed"
    BUDGET_EXHAUSTED = "budget_exhausted"
    CONTEXT_OVERFLOW = "context_overflow"
    TIMEOUT = "timeout"
    PROTOCOL_ERROR = "protocol_error"
    TAMPERED = "tampered"
    INFRA_ERROR = "infra_error"
    SKIPPED = "skipped"

    @property
    def graded(self) -> bool:
        """Whether it counts in the denominator."""
        return self is not Outcome.INFRA_ERROR and self is not Outcome.SKIPPED

    @property
    def censored(self) -> bool:
        """Whether a limit of ours or a fault of the protocol, not the answer's quality, decided it."""
        return self in (
            Outcome.BUDGET_EXHAUSTED,
            Outcome.CONTEXT_OVERFLOW,
            Outcome.TIMEOUT,
            Outcome.PROTOCOL_ERROR,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """A validator's judgement of one try."""

    outcome: Outcome
    score: float = 0.0
    """From 0 to 1; 1 exactly where the outcome is ``passed``."""
    reason: str = ""
    """One line for people: the first failing test, the limit that was hit."""
    tests_run: int = 0
    tests_passed: int = 0
    tests_skipped: int = 0
    tests_expected: int | None = None
    """How many the reference ran; an answer for which fewer ran does not pass."""
    failed_tests: tuple[str, ...] = ()
    """Names of the tests that the reference passes and the answer does not, where they are known."""
    stdout: str = ""
    stderr: str = ""
    duration_s: float = 0.0
    limit_s: float | None = None
    """How long grading might have taken; None where the validator does not say."""
    details: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class SelfTest:
    """Whether the grader judges rightly on this machine."""

    passed: bool
    checked: tuple[str, ...]
    """Ids of the tasks it was tried on."""
    problems: tuple[str, ...] = ()


class Validator(ABC):
    """A judge of changed files. No verdict comes from anything that model-written code could have written."""

    Options: ClassVar[type] = NoOptions

    def __init__(self, options: Any, context: Context) -> None:
        self.options = options
        self.context = context

    @abstractmethod
    async def grade(self, task: Task, files: Files, boxes: Boxes) -> Verdict:
        """Judge ``files``, the allowed changes to ``task``, in fresh boxes.

        What model-written code does, however odd, is a verdict; only the machine's own faults raise.

        Raises:
            SandboxError: a box broke; the sample becomes ``infra_error``.
        """

    async def self_test(self, tasks: Sequence[Task], boxes: Boxes) -> SelfTest:
        """Check on one task a toolchain that the reference passes and the untouched starter does not."""
        chosen = {task.toolchain: task for task in reversed(tasks) if task.reference}
        problems = []
        for task in chosen.values():
            verdict = await self.grade(task, task.reference, boxes)
            if verdict.outcome is not Outcome.PASSED:
                problems.append(f"{task.id}: the reference got {verdict.outcome}: {verdict.reason}")
            if (await self.grade(task, {}, boxes)).outcome is Outcome.PASSED:
                problems.append(f"{task.id}: the untouched starter passed")
        return SelfTest(
            passed=bool(chosen) and not problems,
            checked=tuple(task.id for task in chosen.values()),
            problems=tuple(problems) or (() if chosen else ("no task has a reference solution",)),
        )

    def toolchains(self, task: Task) -> tuple[str, ...]:
        """Return the names of the toolchains that grading this task needs."""
        return (task.toolchain,)

    def feedback(self, task: Task, verdict: Verdict) -> str:
        """Return what the agent is told before its next try."""
        return verdict.stderr or verdict.stdout or verdict.reason
