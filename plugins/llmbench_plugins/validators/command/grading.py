"""``grading`` in a task's metadata.json: by a command of its own, or by tests in its own language."""

from dataclasses import dataclass
from typing import Annotated

from llmbench.api import Task, option
from llmbench.api.options import from_mapping


@dataclass(frozen=True, slots=True, kw_only=True)
class Grading:
    """Of a task that is graded by a command of its own."""

    command: Annotated[tuple[str, ...], option(min_length=1, help="run in the tests' box")]
    """It leaves a JUnit report at ``$LLMBENCH_REPORT``, as ``python3 -m run_tests`` does."""
    tests: Annotated[int, option(ge=1, help="how many tests the reference passes")]
    timeout_s: Annotated[float, option(gt=0, help="for all tests together")] = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class NativeGrading:
    """Of a task that is graded by tests in its own language, run as is usual there."""

    tests: Annotated[int, option(ge=1, help="how many tests the reference passes")]
    timeout_s: Annotated[float, option(gt=0, help="for building and running all tests")] = 60.0
    test_files: tuple[str, ...] = ()
    """Patterns of the files below tests/ that hold tests; by the language's usual names where empty."""
    flags: tuple[str, ...] = ()
    """What C++'s compiler is told."""
    memory_mb: Annotated[int, option(ge=128, help="of a box in which tests run")] = 2048


def grading_of(task: Task) -> Grading | NativeGrading:
    """Return how a task is graded.

    Raises:
        UsageError: its metadata say it wrongly; the message names task, key and value.
    """
    if "command" in task.grading:
        return from_mapping(Grading, task.grading, f"{task.id}: grading")
    return from_mapping(NativeGrading, task.grading, f"{task.id}: grading")
