"""From what the tests' box reports to a ``TestRun``: the same for all languages whose answers run apart."""

from typing import Any

from llmbench_plugins.validators.native.conversation import Told
from llmbench_plugins.validators.native.runner import Case, TestRun

_STATUS = {"passed": "passed", "skipped": "skipped"}


def report(told: Told) -> TestRun:
    """Return what became of the tests."""
    cases, output = {}, []
    if told.done is None:
        problem = "" if told.timed_out else "the tests did not end"
        return TestRun(cases={}, output=_printed(told), problem=problem, stopped="timeout")
    for name, (kind, text) in told.done["cases"].items():
        status: Any = _STATUS.get(kind, "failed")
        cases[name] = Case(status=status, message=_telling_line(text) if status == "failed" else "")
        if status == "failed":
            output.append(f"{kind.upper()}: {name}\n{text.rstrip()}\n")
    passed = sum(case.status == "passed" for case in cases.values())
    output.append(f"{passed} of {len(cases)} tests passed")
    return TestRun(
        cases=cases,
        output="\n".join([*output, told.done.get("output", ""), _printed(told)]).strip() + "\n",
        problem=told.done["problem"] or told.ended,
        stopped="timeout" if told.timed_out else None,
    )


def _printed(told: Told) -> str:
    return f"\nThe solution printed:\n{told.printed}" if told.printed.strip() else ""


def _telling_line(text: str) -> str:
    """Return the line of a traceback that says what was wrong."""
    lines = [
        line.strip() for line in text.splitlines() if line.strip() and not line.startswith((" ", "Traceback"))
    ]
    return (lines[0] if lines else text.strip())[:200]
