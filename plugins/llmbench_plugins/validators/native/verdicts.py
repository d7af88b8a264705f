"""From what became of the tests to a verdict: by their names, against what the reference passed."""

from collections.abc import Mapping
from dataclasses import replace

from llmbench.api import Outcome, Verdict
from llmbench_plugins.validators.native.clean import cleaned
from llmbench_plugins.validators.native.expected import Expected
from llmbench_plugins.validators.native.runner import Case, TestRun
from llmbench_plugins.validators.shared.words import one_line


def judged(run: TestRun, expected: Expected, timeout_s: float) -> Verdict:
    """Return the verdict: ``passed`` if all passed that the reference passed, and no more were skipped."""
    run = replace(run, cases={name: _counted(name, case, expected) for name, case in run.cases.items()})
    counts = {
        status: {name for name, case in run.cases.items() if case.status == status}
        for status in ("passed", "failed", "skipped")
    }
    reason = _reason(run, expected, counts, timeout_s)
    outcome = _outcome(run, reason)
    right = len(counts["passed"] & expected.passed)
    share = right / len(expected.passed) if expected.passed else 0.0
    return Verdict(
        outcome=outcome,
        score=1.0 if outcome is Outcome.PASSED else 0.0 if run.tampered else min(share, 0.99),
        reason=reason,
        tests_run=len(counts["passed"]) + len(counts["failed"]),
        tests_passed=len(counts["passed"]),
        tests_skipped=len(counts["skipped"] - expected.skipped),
        tests_expected=len(expected.passed),
        failed_tests=tuple(sorted(expected.passed - counts["passed"])),
        stdout=_told(run, reason),
        details={"expected_skips": len(expected.skipped)} if expected.skipped else {},
    )


def _counted(name: str, case: Case, expected: Expected) -> Case:
    """Return a case as failed if it passed with fewer assertions than the reference's: it was left early."""
    wanted = expected.assertions.get(name, 0)
    if case.status != "passed" or case.assertions is None or case.assertions >= wanted:
        return case
    message = f"only {case.assertions} of the {wanted} assertions were made that the reference meets"
    return Case(status="failed", message=message, assertions=case.assertions)


def refused(reason: str, outcome: Outcome = Outcome.FAILED) -> Verdict:
    """Return the verdict on an answer that is judged before any test runs."""
    return Verdict(outcome=outcome, reason=one_line(reason), stdout=one_line(reason))


def _outcome(run: TestRun, reason: str) -> Outcome:
    if run.tampered:
        return Outcome.TAMPERED
    if run.stopped == "timeout":
        return Outcome.TIMEOUT
    return Outcome.FAILED if reason else Outcome.PASSED


def _reason(run: TestRun, expected: Expected, counts: Mapping[str, set[str]], timeout_s: float) -> str:
    if run.tampered:
        return one_line(cleaned(run.tampered))
    if run.stopped == "timeout":
        return f"the tests did not end within {timeout_s:g} s"
    if run.stopped:
        return f"the tests were stopped: they needed more {run.stopped} than a box has"
    if run.problem:
        return one_line(cleaned(run.problem))
    if counts["failed"]:
        name = next(name for name, case in run.cases.items() if case.status == "failed")
        return one_line(cleaned(f"{name}: {run.cases[name].message}")).strip(" :")
    if missing := expected.passed - counts["passed"]:
        return f"{len(missing)} tests that the reference passes did not run, such as: {min(missing)}"
    if more := counts["skipped"] - expected.skipped:
        return f"{len(more)} tests were skipped that the reference runs, such as: {min(more)}"
    return "" if expected.passed else "no test ran"


def _told(run: TestRun, reason: str) -> str:
    """Return what is shown: what was said, below a problem that it does not mention."""
    said = cleaned(run.output)
    return f"{reason}\n\n{said}".strip() + "\n" if run.problem and reason not in said else said
