"""Agent `tools` in whole runs: a server in a thread, real boxes, real grading."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import msgspec
import pytest

from llmbench.api import Outcome, Task
from llmbench.errors import ImpossibleError
from llmbench.records.transcript import ErrorEvent, ToolEvent, read_transcript
from llmbench.testing.servers import Answer, StubServer
from llmbench_plugins.agents._tools.text import written

Runner = Callable[..., Any]
Body = Mapping[str, Any]


def call(name: str, number: int = 0, **arguments: Any) -> dict[str, Any]:
    """Return a call as a server sends it."""
    written = msgspec.json.encode(arguments).decode()
    return {"id": f"c{number}", "type": "function", "function": {"name": name, "arguments": written}}


def turns(body: Body) -> int:
    """Return how many answers a conversation has."""
    return sum(message["role"] == "assistant" for message in body["messages"])


def solution(task: Task) -> list[dict[str, Any]]:
    """Return calls that write a task's solution."""
    files = task.reference.items()
    return [call("write", n, path=path, content=code.decode()) for n, (path, code) in enumerate(files)]


@pytest.fixture
def leap(catalog: dict[str, Task]) -> Task:
    return catalog["python/leap"]


def test_a_model_that_looks_writes_and_runs_passes(run: Any, leap: Task) -> None:
    check = "python3 -c 'import leap; print(leap.is_leap(2024))'"

    def answer(body: Body) -> Answer | str:
        if "tools" not in body:
            return "ready"
        script = [
            [call("read", path="leap.py")],
            [call("shell", command=check)],
            solution(leap),
            [call("shell", command=check), call("read", 1, path="leap.py")],
            [call("finish", summary="done")],
        ]
        return Answer(content="", tool_calls=script[turns(body)])

    with StubServer(answer) as stub:
        result = run("agent=tools", "backend=openai", f"backend.url={stub.url}", "tasks=[leap]")
    (record,) = run.records(result).values()
    assert record.outcome is Outcome.PASSED, record
    notes = record.tries[0].notes["tools"]
    assert notes["order"] == ["read", "shell", "write", "shell", "read", "finish"]
    assert notes["failures"] == {"failed": 1}
    assert (notes["errors"], notes["corrected"]) == (1, 1)
    results = [message["content"] for message in stub.requests[-1]["messages"] if message["role"] == "tool"]
    assert "NotImplementedError" in results[1]
    assert "True" in results[3]
    summary = msgspec.json.decode((result.folder / "manifest.json").read_bytes())
    assert summary["names"]["tools"].startswith("ls, read, write")


def test_a_server_that_cannot_parse_calls_is_recorded_as_such(run: Any, leap: Task) -> None:
    def answer(body: Body) -> Answer | str:
        if "tools" in body:
            return Answer(status=500, error={"code": 500, "message": "Failed to parse input at pos 7"})
        if turns(body):
            return "Done."
        if len(body["messages"]) < 2:
            return "ready"
        code = leap.reference["leap.py"].decode()
        return written("write", {"path": "leap.py", "content": code})

    with StubServer(answer) as stub:
        result = run("agent=tools", "backend=openai", f"backend.url={stub.url}", "tasks=[leap]")
    (record,) = run.records(result).values()
    assert record.outcome is Outcome.PASSED, record
    notes = record.tries[0].notes["tools"]
    assert notes["protocol"] == "text"
    assert "500: Failed to parse input at pos 7" in notes["fell_back"]
    events = read_transcript(result.folder / "samples/python/leap/0/transcript.jsonl")
    assert [event.kind for event in events if isinstance(event, ErrorEvent)] == ["ProtocolError"]
    assert [event.step.name for event in events if isinstance(event, ToolEvent)] == ["write"]


@pytest.mark.parametrize("stream", [True, False])
def test_broken_dropped_and_parallel_calls_of_a_real_server(run: Any, leap: Task, stream: bool) -> None:
    half = {"id": "x", "type": "function", "function": {"name": "write", "arguments": '{"path": "leap'}}
    script: list[Answer] = [
        Answer(content="", tool_calls=[half]),
        Answer(content="", finish="tool_calls"),
        Answer(content="", tool_calls=[call("ls"), *({**one, "id": "c"} for one in solution(leap))]),
        Answer(content="It is done."),
    ]

    def answer(body: Body) -> Answer | str:
        return script[turns(body)] if "tools" in body else "ready"

    with StubServer(answer) as stub:
        result = run(
            "agent=tools",
            "backend=openai",
            f"backend.url={stub.url}",
            f"backend.stream={str(stream).lower()}",
            "tasks=[leap]",
        )
    (record,) = run.records(result).values()
    assert record.outcome is Outcome.PASSED, record
    notes = record.tries[0].notes["tools"]
    assert notes["mistakes"] == {"broken_json": 1, "dropped": 1}
    assert (notes["ended"], notes["calls"], notes["useful"]) == ("answered", 4, 2)


def test_a_model_that_never_calls_fails_honestly(run: Any) -> None:
    with StubServer(lambda body: "I would rather talk.") as stub:
        result = run(
            "agent=tools",
            "agent.tool_choice=required",
            "agent.max_format_retries=1",
            "backend=openai",
            f"backend.url={stub.url}",
            "tasks=[leap]",
        )
    (record,) = run.records(result).values()
    assert record.outcome is Outcome.PROTOCOL_ERROR, record
    notes = record.tries[0].notes["tools"]
    assert notes["ended"] == "format"
    assert notes["fell_back"]
    assert notes["mistakes"] == {"no_call": 4}


def test_an_option_that_the_server_would_ignore_is_turned_away_before_anything(run: Any) -> None:
    with StubServer() as stub, pytest.raises(ImpossibleError) as caught:
        run("agent=tools", "agent.cache=false", "backend=openai", f"backend.url={stub.url}")
    assert "agent.cache=false: backend=openai can't be told to leave its cache alone" in str(caught.value)
    assert caught.value.exit_code == 2
    assert stub.requests == []
    assert not run.root.exists() or not list(run.root.rglob("journal.jsonl"))


def test_functions_of_humaneval_are_a_small_workspace(run: Any, evalplus_data: Path) -> None:
    """The one file holds the signature; what the tools leave in it is graded."""

    def answer(body: Body) -> Answer | str:
        if "tools" not in body:
            return "ready"
        if turns(body):
            return "Done."
        return Answer(content="", tool_calls=[call("ls"), call("read", 1, path="solution.py")])

    with StubServer(answer) as stub:
        result = run(
            "agent=tools",
            "dataset=humanevalplus",
            f"dataset.path={evalplus_data / 'HumanEvalPlus.jsonl.gz'}",
            "backend=openai",
            f"backend.url={stub.url}",
            "tasks=[HumanEval/0]",
        )
    (record,) = run.records(result).values()
    assert record.outcome is Outcome.FAILED, record
    assert record.tries[0].notes["tools"]["useful"] == 2
