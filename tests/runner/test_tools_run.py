"""Agent `tools` in whole runs: a server in a thread, real boxes, real grading."""

import gzip
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import msgspec
import pytest

from llmbench.api import Outcome, Task
from llmbench.cli import main
from llmbench.errors import ImpossibleError
from llmbench.records.transcript import CompletionEvent, ErrorEvent, ToolEvent, read_transcript
from llmbench.testing.servers import Answer, StubServer
from llmbench_plugins.agents.tools.text import written

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


def test_a_real_server_whose_template_shows_no_tools_gets_them_in_text(run: Any) -> None:
    """The weights are random: what matters is what llama.cpp's server is asked, and the record."""
    weights = Path(__file__).parents[1] / "data" / "random.gguf"
    result = run(
        "agent=tools",
        "model=demo",
        f"model.sources.llamacpp.path={weights}",
        "model.reasoning.answer_tokens=48",
        "tasks=[leap]",
        "agent.max_iterations=2",
        "agent.require_code_change=true",
    )
    (record,) = run.records(result).values()
    assert record.outcome in (Outcome.FAILED, Outcome.BUDGET_EXHAUSTED), record
    notes = record.tries[0].notes["tools"]
    assert notes["protocol"] == "text"
    assert "the chat template of these weights shows no tools to the model" in notes["fell_back"]
    events = read_transcript(result.folder / "samples/python/leap/0/transcript.jsonl")
    asked = next(event for event in events if isinstance(event, CompletionEvent))
    assert "write: Create a file" in asked.messages[0].content
    assert asked.completion.usage.prompt_tokens > 300


@pytest.mark.slow
def test_a_sweep_over_agents_and_datasets(
    run: Any, catalog: dict[str, Task], evalplus_data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The same model with and without tools, on files and on functions, in one matrix."""
    functions = {task["task_id"]: task for task in _releases(evalplus_data)}
    entry = functions["HumanEval/0"]
    known = {catalog["python/leap"].instructions.strip(): catalog["python/leap"].reference}
    known[entry["entry_point"]] = {"solution.py": f"{entry['prompt']}{entry['canonical_solution']}".encode()}

    def answer(body: Body) -> Answer | str:
        said = "\n".join(str(message["content"]) for message in body["messages"])
        files = next((files for marker, files in known.items() if marker in said), None)
        if files is None:
            return "ready"
        if "tools" not in body:
            return "\n".join(f"`{path}`\n```python\n{code.decode()}```" for path, code in files.items())
        if turns(body):
            return "Done."
        written = ({"path": path, "content": code.decode()} for path, code in files.items())
        calls = [call("write", number, **one) for number, one in enumerate(written)]
        return Answer(content="", tool_calls=calls)

    release = str(evalplus_data / "HumanEvalPlus.jsonl.gz")
    for dataset in (
        ("dataset=quickstart", "tasks=[leap]"),
        ("dataset=humanevalplus", f"dataset.path={release}"),
    ):
        with StubServer(answer) as stub:
            words = ["-m", "agent=prompt,tools", *dataset, "model=any", "backend=openai"]
            words += [
                f"backend.url={stub.url}",
                f"output_root={run.root}",
                f"sandbox={run.sandbox}",
                "limit=1",
            ]
            if dataset[0] == "dataset=humanevalplus":
                words.append("tasks=[HumanEval/0]")
            assert main(words) == 0
        matrix = capsys.readouterr().out
        lines = [line.split() for line in matrix.splitlines()]
        rows = [words[:4] for words in lines if words[:1] in (["prompt"], ["tools"])]
        # Where every cell is done, a narrow terminal shows its trust in place of that.
        assert rows == [["prompt", "caution", "100.0", "%"], ["tools", "caution", "100.0", "%"]], matrix
        (folder,) = (run.root / "sweeps").iterdir()
        assert _columns(folder / "MATRIX.md", "tool calls", "malformed", "iterations") == [
            ["", "", ""],
            ["1", "0.0 %", "2"],
        ]
        shutil.rmtree(run.root / "sweeps")
    folders = [str(folder.parent) for folder in run.root.glob("quickstart/*/journal.jsonl")]
    assert main(["report", *folders, "--format", "md"]) == 0
    compared = Path("compared.md")
    compared.write_text(capsys.readouterr().out)
    assert sorted(_columns(compared, "tool calls", "malformed")) == [["", ""], ["1", "0.0 %"]]


def _columns(table: Path, *names: str) -> list[list[str]]:
    """Return columns of the first table of a Markdown file."""
    lines = [line for line in table.read_text().splitlines() if line.startswith("|")]
    head, _, *rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return [[row[head.index(name)] for name in names] for row in rows]


def _releases(folder: Path) -> list[dict[str, Any]]:
    lines = gzip.decompress((folder / "HumanEvalPlus.jsonl.gz").read_bytes()).splitlines()
    return [msgspec.json.decode(line) for line in lines]
