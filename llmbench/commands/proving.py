"""Proving a task fair: its reference passes, its starter does not, its tests catch each wrong solution."""

import re
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from llmbench.api import Files, Outcome, Task, Verdict, Wrong

Grade = Callable[[Files], Awaitable[Verdict]]


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedWrong:
    """What became of one wrong solution."""

    name: str
    outcome: str
    failed_tests: tuple[str, ...]
    """All that failed, named for it or not."""
    problems: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What was found about one task."""

    task: str
    reference: str
    starter: str
    tests: int
    duration_s: float
    """Of the reference, the shortest of the times that it was graded."""
    wrong: tuple[CheckedWrong, ...] = ()
    problem: str = ""
    """All problems as one line; empty where the task is fair."""
    problems: tuple[str, ...] = ()
    skipped: str = ""
    """Why it could not be checked on this machine."""


@dataclass(slots=True)
class _Seen:
    """The verdicts of one answer, one for each time that it was graded."""

    verdicts: list[Verdict] = field(default_factory=list)

    @property
    def outcome(self) -> str:
        return " ".join(dict.fromkeys(str(verdict.outcome) for verdict in self.verdicts)) or "none"

    @property
    def failed_tests(self) -> tuple[str, ...]:
        return tuple(sorted({name for verdict in self.verdicts for name in verdict.failed_tests}))


async def prove(task: Task, grade: Grade, *, times: int) -> Checked:
    """Grade all that a task's author has written, so many times in a row."""
    starter, reference = _Seen(), _Seen()
    wrong = {name: _Seen() for name in task.wrong}
    for _ in range(times):
        starter.verdicts.append(await grade({}))
        if task.reference:
            reference.verdicts.append(await grade(task.reference))
        for name, seen in wrong.items():
            seen.verdicts.append(await grade({**task.reference, **task.wrong[name].files}))
    return _checked(task, starter, reference, wrong)


def _checked(task: Task, starter: _Seen, reference: _Seen, wrong: Mapping[str, _Seen]) -> Checked:
    caught = tuple(_checked_wrong(name, task.wrong[name], seen) for name, seen in wrong.items())
    of_reference = list(_of_reference(task, reference.verdicts))
    of_wrong = [f"wrong/{each.name} {problem}" for each in caught for problem in each.problems]
    # Without a reference that can be judged by, the others say the same once more.
    judged = all(verdict.outcome.graded for verdict in reference.verdicts)
    others = [*_of_starter(starter.verdicts), *of_wrong] if judged else []
    problems = tuple(dict.fromkeys([*of_reference, *others]))
    return Checked(
        task=task.id,
        reference=reference.outcome,
        starter=starter.outcome,
        tests=max((verdict.tests_run for verdict in reference.verdicts), default=0),
        duration_s=round(_shortest(reference.verdicts), 3),
        wrong=caught,
        problem="; ".join(problems),
        problems=problems,
    )


def _shortest(verdicts: Iterable[Verdict]) -> float:
    # The first also pays for what is made once for all answers, such as a compiled harness.
    return min((verdict.duration_s for verdict in verdicts), default=0.0)


def _of_reference(task: Task, verdicts: Sequence[Verdict]) -> Iterator[str]:
    if not verdicts:
        yield "it has no reference solution"
    for verdict in verdicts:
        if not verdict.outcome.graded:
            yield verdict.reason.removeprefix(f"{task.id}: ")
            return
        if verdict.outcome is not Outcome.PASSED:
            yield f"the reference does not pass: {verdict.reason}"
            return
    limit, took = next((verdict.limit_s for verdict in verdicts), None), _shortest(verdicts)
    if limit is not None and took > limit / 2:
        yield f"the reference takes {took:.1f} s, more than half of the {limit:g} s that answers have"


def _of_starter(verdicts: Iterable[Verdict]) -> Iterator[str]:
    for verdict in verdicts:
        if verdict.outcome is Outcome.PASSED:
            yield "the untouched starter passes"
        elif not verdict.outcome.graded:
            yield f"the starter could not be judged: {verdict.reason}"


def _checked_wrong(name: str, wrong: Wrong, seen: _Seen) -> CheckedWrong:
    problems = dict.fromkeys(problem for verdict in seen.verdicts for problem in _of_wrong(wrong, verdict))
    return CheckedWrong(
        name=name, outcome=seen.outcome, failed_tests=seen.failed_tests, problems=tuple(problems)
    )


def _of_wrong(wrong: Wrong, verdict: Verdict) -> Iterator[str]:
    if verdict.outcome is Outcome.PASSED:
        yield f"passes, though {', '.join(wrong.fails)} should fail"
    elif not verdict.outcome.graded or verdict.outcome is Outcome.TAMPERED:
        yield f"could not be judged: {verdict.reason}"
    elif not verdict.tests_run and verdict.outcome is Outcome.FAILED:
        yield f"fails before any test has run: {verdict.reason}"
    elif missed := [name for name in wrong.fails if not _among(name, verdict.failed_tests)]:
        yield f"is not caught by {', '.join(missed)}; {_failing(verdict.failed_tests)}"


def _among(name: str, failed: Iterable[str]) -> bool:
    """Say whether a test failed, which authors may call by the last part of its name."""
    ends = re.compile(rf"(?:.*[.:/> ])?{re.escape(name)}(?:\(.*\))?", re.DOTALL)
    return any(ends.fullmatch(test) for test in failed)


def _failing(failed: Sequence[str]) -> str:
    return f"those that fail: {', '.join(failed)}" if failed else "no test is known by name to fail"


def skipped(task: Task, reason: str) -> Checked:
    """Return what is said of a task that this machine can't check."""
    return Checked(
        task=task.id, reference="skipped", starter="skipped", tests=0, duration_s=0.0, skipped=reason
    )
