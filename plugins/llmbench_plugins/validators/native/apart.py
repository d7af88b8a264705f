"""From what the tests' box reports to a ``TestRun``: the same for all languages whose answers run apart."""

from collections.abc import Mapping, Sequence
from typing import Any

from llmbench_plugins.validators.native.conversation import Told
from llmbench_plugins.validators.native.runner import Case, TestRun
from llmbench_plugins.validators.shared.words import printable, telling_line

_STATUS = {"passed": "passed", "skipped": "skipped"}


def report(told: Told) -> TestRun:
    """Return what became of the tests."""
    if told.done is None:
        return _unfinished(told)
    done = told.done
    cases = {printable(name): _case(kind, text) for name, (kind, text) in done["cases"].items()}
    errors: Sequence[str] = done.get("errors", ())
    output = [f"{text.rstrip()}\n" for text in errors]
    output += [f"{kind.upper()}: {name}\n{text.rstrip()}\n" for name, kind, text in _failed(done["cases"])]
    passed = sum(case.status == "passed" for case in cases.values())
    output.append(f"{passed} of {len(cases)} tests passed")
    return TestRun(
        cases=cases,
        output="\n".join([*output, _printed(told)]).strip() + "\n",
        problem=told.ended or (telling_line(errors[0]) if errors else done["problem"]),
        stopped=told.stopped,
    )


def _unfinished(told: Told) -> TestRun:
    """Return the run of tests that never came to say what became of them; it may be the answer's doing."""
    problem = told.ended or "the tests' process ended before all tests had run"
    return TestRun(cases={}, output=_printed(told), problem=problem, stopped=told.stopped)


def _case(kind: str, text: str) -> Case:
    status: Any = _STATUS.get(kind, "failed")
    return Case(status=status, message=telling_line(text) if status == "failed" else "")


def _failed(cases: Mapping[str, Sequence[str]]) -> list[tuple[str, str, str]]:
    return [(name, kind, text) for name, (kind, text) in cases.items() if kind not in _STATUS]


def _printed(told: Told) -> str:
    return f"\nThe solution printed:\n{told.printed}" if told.printed.strip() else ""
