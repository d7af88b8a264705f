"""Whole runs with tests that are shown: what is asked, what may be done, and what is said of the score."""

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from llmbench.api import Outcome, Task
from llmbench.report.compare import compare_markdown
from llmbench.report.markdown import markdown
from llmbench.report.read import read_run
from llmbench.testing.servers import Answer, StubServer

SHOWN = "dataset.show_tests=true"


def call(name: str, number: int = 0, **arguments: Any) -> dict[str, Any]:
    """Return a call as a server sends it."""
    written = msgspec.json.encode(arguments).decode()
    return {"id": f"c{number}", "type": "function", "function": {"name": name, "arguments": written}}


def test_an_agent_runs_them_and_may_not_change_them(run: Any, catalog: dict[str, Task]) -> None:
    leap = catalog["python/leap"]
    script = [
        [call("read", path="tests/test_leap.py"), call("run_tests", 1)],
        [call("write", path="tests/test_leap.py", content="")],
        [call("shell", command="echo > tests/test_leap.py")],
        [call("write", path="leap.py", content=leap.reference["leap.py"].decode()), call("run_tests", 1)],
        [call("finish")],
    ]

    def answer(body: Mapping[str, Any]) -> Answer | str:
        if "tools" not in body:
            return "ready"
        turn = sum(message["role"] == "assistant" for message in body["messages"])
        return Answer(content="", tool_calls=script[turn])

    with StubServer(answer) as stub:
        result = run("agent=tools", "backend=openai", f"backend.url={stub.url}", "tasks=[leap]", SHOWN)
    (record,) = run.records(result).values()
    assert record.outcome is Outcome.PASSED, record
    notes = record.tries[0].notes["tools"]
    assert notes["order"] == ["read", "run_tests", "write", "shell", "write", "run_tests", "finish"]
    asked = stub.requests[-1]["messages"]
    assert "which may not be changed: tests/test_leap.py" in asked[1]["content"]
    told = [message["content"] for message in asked if message["role"] == "tool"]
    assert "class LeapTest" in told[0] or "import unittest" in told[0]
    assert "NotImplementedError" in told[1]
    assert "belongs to the grading" in told[2]
    assert "not yours to change" in told[3]
    assert "OK" in told[5]


def test_reports_say_so_and_do_not_compare_silently(
    run: Any, solver: Callable[[Mapping[str, Any]], Answer | str]
) -> None:
    with StubServer(solver) as stub:
        words = ("backend=openai", f"backend.url={stub.url}", "tasks=[leap]")
        hidden, shown = run(*words), run(*words, SHOWN)
    assert hidden.folder != shown.folder
    assert all(run.records(result) for result in (hidden, shown))
    question = stub.requests[-1]["messages"][1]["content"]
    assert "## Tests\n\nThe answer is graded by these tests." in question
    assert "`tests/test_leap.py`\n```\nimport unittest" in question
    runs = [read_run(result.folder) for result in (hidden, shown)]
    assert [one.manifest.tests_shown for one in runs] == [False, True]
    assert "the model saw the tests" in markdown(runs[1])
    assert "the model saw the tests" not in markdown(runs[0])
    compared = compare_markdown(runs)
    assert f"the model saw the tests in {runs[1].summary.run_id} and in no other run" in compared
    assert "asked different tasks" in compared
    assert "no other run" not in compare_markdown(runs[1:])


def test_a_test_that_a_prompted_model_repeats_is_not_handed_in(run: Any, catalog: dict[str, Task]) -> None:
    code = catalog["python/leap"].reference["leap.py"].decode()

    def answer(body: Mapping[str, Any]) -> str:
        if len(body["messages"]) < 2:
            return "ready"
        return f"`leap.py`\n```python\n{code}```\n\n`tests/test_leap.py`\n```python\nimport unittest\n```"

    with StubServer(answer) as stub:
        result = run("backend=openai", f"backend.url={stub.url}", "tasks=[leap]", SHOWN)
    (record,) = run.records(result).values()
    assert record.outcome is Outcome.PASSED, record
    assert record.tries[0].refused == ()
