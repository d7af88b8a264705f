"""A dataset and a validator that cost nothing: what is left to measure is llmbench itself.

The folder is a distribution as an installer would leave it: with it on PYTHONPATH its plugins are found.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from llmbench.api import Boxes, Dataset, Files, Outcome, SelfTest, Task, Validator, Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """How many tasks."""

    count: int = 164


class Stub(Dataset):
    """Tasks about nothing, with a prompt of ordinary length."""

    Options = Options

    def tasks(self) -> Iterator[Task]:
        """Yield them."""
        text = "Write a function that returns the sum of two numbers. " * 10
        for number in range(self.options.count):
            yield Task(
                id=f"stub/{number}",
                instructions=f"{number}: {text}",
                starter={"answer.py": b"def add(a, b):\n    raise NotImplementedError\n"},
                editable=("answer.py",),
            )


class Instant(Validator):
    """Passes whatever has an answer."""

    async def grade(self, task: Task, files: Files, boxes: Boxes) -> Verdict:
        """Look, and run nothing."""
        passed = "answer.py" in files
        return Verdict(outcome=Outcome.PASSED if passed else Outcome.FAILED, score=float(passed))

    async def self_test(self, tasks: Sequence[Task], boxes: Boxes) -> SelfTest:
        """Pass: there is nothing to be wrong about."""
        return SelfTest(passed=True, checked=())

    def toolchains(self, task: Task) -> tuple[str, ...]:
        """Need no box."""
        return ()
