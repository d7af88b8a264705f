"""Validator `vue`: a project must compile, show the patterns that were asked for, and still do what it did.

The type checker and the syntax trees never execute an answer. The behaviour tests run in a box of their own,
and ask for what they want done in the answer's. No verdict comes from where an answer runs.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Any

from llmbench.api import Boxes, Context, Files, Outcome, Task, Validator, Verdict, option
from llmbench.api.options import from_mapping
from llmbench_plugins.shared.vue_spec import Grading
from llmbench_plugins.validators.shared.paths import unwritable
from llmbench_plugins.validators.vue import behaviour, checking
from llmbench_plugins.validators.vue.behaviour import Behaved, behave
from llmbench_plugins.validators.vue.checking import Checked, check
from llmbench_plugins.validators.vue.services import Services

_SHOWN = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """Options of the validator: what the parts weigh in the composite, and how long they may take."""

    compiles: Annotated[float, option(ge=0, help="weight of a project that compiles")] = 3.0
    patterns: Annotated[float, option(ge=0, help="weight of the patterns")] = 4.0
    behaviour: Annotated[float, option(gt=0, help="weight of the behaviour tests")] = 3.0
    check_s: Annotated[float, option(gt=0, help="for type check and syntax trees")] = 60.0
    timeout_factor: Annotated[float, option(gt=0, help="multiplies every task's own time limit")] = 1.0


class Vue(Validator):
    """Grades Vue projects from 0 to 10."""

    Options = Options

    def __init__(self, options: Any, context: Context) -> None:
        super().__init__(options, context)
        self._checkers = Services(*checking.SCRIPTS)
        self._testers = Services(*behaviour.SCRIPTS)

    async def grade(self, task: Task, files: Files, boxes: Boxes) -> Verdict:
        """Judge the project with ``files`` laid over it."""
        grading = from_mapping(Grading, task.grading, f"{task.id}: grading")
        started = time.monotonic()
        if problem := unwritable(files, task.starter):
            return Verdict(outcome=Outcome.FAILED, reason=problem)
        checked = await check(task, grading, files, self._checkers, boxes, self.options.check_s)
        limit = grading.timeout_s * self.options.timeout_factor
        behaved = await behave(task, grading, files, self._testers, boxes, limit)
        return self._verdict(checked, behaved, time.monotonic() - started)

    def composite(self, checked: Checked, behaved: Behaved) -> float:
        """Return the score from 0 to 10.

        Types and patterns count only as far as the behaviour is kept: what was deleted can't be well typed.
        """
        options = self.options
        kept = behaved.passed / len(behaved.expected)
        types = options.compiles * checked.compiles + options.patterns * checked.met / checked.of
        whole = options.behaviour + options.compiles + options.patterns
        return float(10 * kept * (options.behaviour + types) / whole)

    def _verdict(self, checked: Checked, behaved: Behaved, duration_s: float) -> Verdict:
        passed = checked.compiles and not checked.missing and behaved.full
        late = checked.late or behaved.late
        composite = self.composite(checked, behaved)
        return Verdict(
            outcome=Outcome.PASSED if passed else Outcome.TIMEOUT if late else Outcome.FAILED,
            score=1.0 if passed else min(composite / 10, 0.99),
            reason="" if passed else _reason(checked, behaved),
            tests_run=len(behaved.states) - behaved.skipped,
            tests_passed=behaved.passed,
            tests_skipped=behaved.skipped,
            tests_expected=len(behaved.expected),
            stdout=_summary(composite, checked, behaved),
            stderr="" if passed else "\n".join(_account(checked, behaved)),
            duration_s=duration_s,
            details=_details(composite, checked, behaved),
        )

    def feedback(self, task: Task, verdict: Verdict) -> str:
        """Return the parts of the score, and what each of them lacks."""
        return f"{verdict.stdout}\n\n{verdict.stderr}".strip() or verdict.reason


def _reason(checked: Checked, behaved: Behaved) -> str:
    problems = (*behaved.problems, *checked.errors, *checked.missing)
    first = problems[0] if problems else "the tests that ran are not those of the reference"
    return first.splitlines()[0][:300]


def _summary(composite: float, checked: Checked, behaved: Behaved) -> str:
    return (
        f"{composite:.1f} of 10: {'compiles' if checked.compiles else 'does not compile'}, "
        f"patterns {checked.met:g} of {checked.of:g}, "
        f"behaviour {behaved.passed} of {len(behaved.expected)} tests"
    )


def _account(checked: Checked, behaved: Behaved) -> Iterator[str]:
    sections = {
        "vue-tsc --noEmit says:": checked.errors,
        "Asked for, and missing:": checked.missing,
        "Behaviour tests that fail:": behaved.problems,
    }
    for title, lines in sections.items():
        if lines:
            yield title
            yield from (f"- {line}" for line in lines[:_SHOWN])
            if len(lines) > _SHOWN:
                yield f"- and {len(lines) - _SHOWN} more"
            yield ""


def _details(composite: float, checked: Checked, behaved: Behaved) -> dict[str, Any]:
    def state(full: bool) -> str:
        return "pass" if full else "fail"

    return {
        "composite": round(composite, 2),
        "parts": {
            "compiles": state(checked.compiles),
            "patterns": state(not checked.missing),
            "behaviour": state(behaved.full),
        },
        "compile_errors": list(checked.errors[:_SHOWN]),
        "patterns_missing": list(checked.missing),
        "pattern_score": round(checked.met / checked.of, 4),
        "behaviour_score": round(behaved.passed / len(behaved.expected), 4),
    }
