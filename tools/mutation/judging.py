"""What became of mutants: graded as answers are, until enough of them have been."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass, field, replace

from llmbench.api import Outcome, Task, Verdict
from llmbench.commands.proving import Grade
from llmbench.commands.tasks_graded import Graded
from llmbench.errors import SandboxError
from mutation.mutants import Mutant

_LEAST_LIMIT_S = 10.0
_LIMIT_FACTOR = 5.0


@dataclass(slots=True)
class Judged:
    """The mutants of a task so far."""

    survived: list[Mutant] = field(default_factory=list)
    killed: list[Mutant] = field(default_factory=list)
    by_time: int = 0
    """How many of those that were killed did not end."""
    not_run: int = 0
    """How many did not compile, or could not be loaded; they do not count."""

    @property
    def counted(self) -> int:
        """How many were tested."""
        return len(self.survived) + len(self.killed)

    def add(self, mutant: Mutant, verdict: Verdict) -> None:
        """Count a mutant.

        Raises:
            SandboxError: it could not be graded.
        """
        if not verdict.outcome.graded:
            raise SandboxError(verdict.reason)
        if verdict.outcome is Outcome.PASSED:
            self.survived.append(mutant)
        elif verdict.outcome is Outcome.FAILED and not verdict.tests_run:
            self.not_run += 1
        else:
            self.killed.append(mutant)
            self.by_time += verdict.outcome is Outcome.TIMEOUT


async def judge(graded: Graded, task: Task, mutants: Sequence[Mutant], *, most: int, at_once: int) -> Judged:
    """Grade mutants in their order until ``most`` have been tested.

    Raises:
        SandboxError: the reference does not pass, or a box broke.
    """
    grade = graded.grader(await _hurried(graded, task))
    judged = Judged()
    async for mutant, verdict in _verdicts(task, grade, mutants, at_once):
        judged.add(mutant, verdict)
        if judged.counted >= most:
            break
    return judged


async def _hurried(graded: Graded, task: Task) -> Task:
    """Return the task with a limit by how long its reference takes: many a mutant never ends."""
    verdict = await graded.grader(task)(task.reference)
    if verdict.outcome is not Outcome.PASSED:
        raise SandboxError(f"{task.id}: the reference does not pass: {verdict.reason}")
    # The first also pays for what is made once for all answers.
    took = (await graded.grader(task)(task.reference)).duration_s
    limit = min(verdict.limit_s or 60.0, max(_LEAST_LIMIT_S, _LIMIT_FACTOR * took))
    return replace(task, grading={**task.grading, "timeout_s": limit})


async def _verdicts(
    task: Task, grade: Grade, mutants: Iterable[Mutant], at_once: int
) -> AsyncIterator[tuple[Mutant, Verdict]]:
    waiting = iter(mutants)
    while batch := list(itertools.islice(waiting, at_once)):
        answers = ({**task.reference, mutant.file: mutant.content} for mutant in batch)
        for mutant, verdict in zip(batch, await asyncio.gather(*map(grade, answers)), strict=True):
            yield mutant, verdict
