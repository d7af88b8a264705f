"""Validator `evalplus`: calls the answer in a box and compares what it returns outside.

No expected output ever enters a box where model-written code runs. The box gets inputs and sends digests of
what the function returned, and the values themselves where another than the reference's may be right.
Semantics are those of EvalPlus; docs/reference/evalplus.md lists what differs on purpose.
"""

import asyncio
import hashlib
import time
from dataclasses import dataclass, replace
from typing import Annotated, Any

from llmbench.api import Boxes, Context, Files, Outcome, Task, Validator, Verdict, option
from llmbench_plugins.validators.evalplus.expected import Expected, Library
from llmbench_plugins.validators.evalplus.inputs import Problem, read_problem
from llmbench_plugins.validators.evalplus.oracle import has_oracle, is_right, tolerances
from llmbench_plugins.validators.evalplus.worker import (
    LOAD_S,
    CaseLimits,
    CodeEnded,
    Turn,
    Worker,
    working,
)

_MOST_STARVED = 9.0  # of the time there is


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """Options of the validator; the defaults are EvalPlus's."""

    min_case_s: Annotated[float, option(gt=0, help="every case has at least so long")] = 1.0
    time_factor: Annotated[float, option(ge=1, help="and so many times what the reference took here")] = 4.0
    total_s: Annotated[float, option(gt=0, help="all base, or all plus cases together")] = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Miss:
    """The first case that was not passed."""

    case: int
    why: str
    late: bool = False


class EvalPlus(Validator):
    """Grades with base and plus inputs, the base first; the first case that fails ends it."""

    Options = Options

    def __init__(self, options: Any, context: Context) -> None:
        super().__init__(options, context)
        self._library = Library(context)
        self._problems: dict[str, Problem] = {}
        self._graded: dict[tuple[str, str], Verdict] = {}
        self._locks: dict[tuple[str, str], asyncio.Lock] = {}

    async def grade(self, task: Task, files: Files, boxes: Boxes) -> Verdict:
        """Judge the function that the answer defines; equal answers are run once."""
        source = {**task.starter, **files}.get("solution.py", b"")
        key = (task.digest, hashlib.sha256(source).hexdigest())
        async with self._locks.setdefault(key, asyncio.Lock()):
            if key not in self._graded:
                verdict = await self._judge(self._problem(task), source.decode(errors="replace"), boxes)
                if verdict.outcome is Outcome.TIMEOUT:  # another time it may be quicker
                    return verdict
                self._graded[key] = verdict
            return self._graded[key]

    async def _judge(self, problem: Problem, source: str, boxes: Boxes) -> Verdict:
        expected = await self._library.get(problem, boxes)
        started = time.monotonic()
        miss = await self._first_miss(problem, expected, source, boxes)
        return replace(_verdict(problem, miss), duration_s=time.monotonic() - started)

    def _problem(self, task: Task) -> Problem:
        if task.digest not in self._problems:
            self._problems[task.digest] = read_problem(task)
        return self._problems[task.digest]

    async def _first_miss(
        self, problem: Problem, expected: Expected, source: str, boxes: Boxes
    ) -> _Miss | None:
        passed = 0
        try:
            limits, memory_mb = self._limits(expected), expected.memory_mb
            python = await self._library.python(problem, boxes)
            async with working(boxes, problem, source, limits, python, memory_mb=memory_mb) as worker:
                for end in (problem.grading.base, len(problem.inputs)):
                    total_s = self._total(limits, passed, end) + (0.0 if passed else LOAD_S)
                    began, starved_s = time.monotonic(), 0.0
                    while passed < end:
                        turn = await worker.run()
                        # The worker may lie about this, so it can't go on for ever.
                        starved_s = min(starved_s + turn.starved_s, _MOST_STARVED * total_s)
                        miss = await self._check(problem, expected, worker, turn, boxes)
                        if miss is not None:
                            return miss
                        passed = turn.done
                        if passed < end and time.monotonic() - began > total_s + starved_s:
                            return _Miss(case=passed, why="no time left for it", late=True)
        except CodeEnded as error:
            case = passed if error.done is None else max(passed, error.done)
            return _Miss(case=min(case, len(problem.inputs) - 1), why=str(error), late=error.late)
        return None

    async def _check(
        self, problem: Problem, expected: Expected, worker: Worker, turn: Turn, boxes: Boxes
    ) -> _Miss | None:
        """Return the first case of a turn whose value is not right."""
        if turn.digests == expected.between(turn.first, turn.done) and not expected.unequal:
            return None
        atols = tolerances(problem.grading, expected.floats)
        for case in range(turn.first, turn.done):
            if turn.digest(case) == expected.digest(case) and case not in expected.unequal:
                continue
            if atols[case] == 0 and not has_oracle(problem.grading):
                return _Miss(case=case, why="wrong value")
            value = await worker.value(case)
            wanted = await self._library.value(problem, expected, case, boxes)
            try:
                right = is_right(problem.grading, problem.arguments(case), value, wanted, atols[case])
            except RecursionError:
                right = False
            if not right:
                return _Miss(case=case, why="wrong value")
        return None

    def _limits(self, expected: Expected) -> CaseLimits:
        usual, factor = self.options.min_case_s, self.options.time_factor
        others = {case: factor * took for case, took in enumerate(expected.took_s) if factor * took > usual}
        return CaseLimits(usual=usual, others=others)

    def _total(self, limits: CaseLimits, first: int, end: int) -> float:
        more = sum(limit - limits.usual for case, limit in limits.others.items() if first <= case < end)
        return float(min(self.options.total_s, limits.usual * (end - first) + more) + 1)


def _verdict(problem: Problem, miss: _Miss | None) -> Verdict:
    base, total = problem.grading.base, len(problem.inputs)
    counts = {"base_cases": base, "plus_cases": total - base}
    if miss is None:
        return Verdict(
            outcome=Outcome.PASSED,
            score=1.0,
            tests_run=total,
            tests_passed=total,
            tests_expected=total,
            details={"parts": {"base": "pass", "plus": "pass"}, **counts},
        )
    in_base = miss.case < base
    status = "timeout" if miss.late else "fail"
    where = f"base case {miss.case}" if in_base else f"plus case {miss.case - base}"
    return Verdict(
        outcome=Outcome.TIMEOUT if miss.late else Outcome.FAILED,
        reason=f"{problem.grading.entry_point}: {where}: {miss.why}",
        tests_run=miss.case + 1,
        tests_passed=miss.case,
        tests_expected=total,
        details={
            "parts": {"base": status if in_base else "pass", "plus": "not run" if in_base else status},
            "first_miss": miss.case if in_base else miss.case - base,
            **counts,
        },
    )
