"""Validator ``foo``: runs the answer as a program and compares what it prints."""

from dataclasses import dataclass
from typing import Annotated

from llmbench.api import Boxes, Files, Outcome, Task, Validator, Verdict, option
from llmbench.api.options import from_mapping


@dataclass(frozen=True, slots=True)
class FooOptions:
    """The keys of ``conf/validator/foo.yaml``."""

    timeout_s: Annotated[float, option(gt=0)] = 10.0


@dataclass(frozen=True, slots=True)
class Grading:
    """What a task's ``grading`` says to this validator."""

    program: str
    """The file to run. What it reads and must print are the tests ``stdin.txt`` and ``stdout.txt``."""


class FooValidator(Validator):
    """Passes a program that prints what it should and ends with exit code 0."""

    Options = FooOptions

    async def grade(self, task: Task, files: Files, boxes: Boxes) -> Verdict:
        """Run the program in a fresh box, which never holds what it is expected to print."""
        grading = from_mapping(Grading, task.grading, f"{task.id}: grading")
        async with boxes.open(task.toolchain) as box:
            await box.put({**task.starter, **files})
            ran = await box.run(
                ["python3", grading.program],
                stdin=task.tests.get("stdin.txt", b""),
                timeout_s=self.options.timeout_s,
            )
        passed = ran.exit_code == 0 and ran.stdout == task.tests["stdout.txt"]
        outcome = (
            Outcome.PASSED if passed else Outcome.TIMEOUT if ran.stopped == "timeout" else Outcome.FAILED
        )
        return Verdict(
            outcome=outcome,
            score=float(passed),
            reason=""
            if passed
            else ran.stopped or f"exit code {ran.exit_code}, or it printed something else",
            tests_run=1,
            tests_passed=int(passed),
            tests_expected=1,
            stdout=ran.stdout.decode(errors="replace"),
            stderr=ran.stderr.decode(errors="replace"),
            duration_s=ran.duration_s,
        )
