"""Agent `tools` with the demo model on llama.cpp's real server, which parses the model's calls."""

import json
from pathlib import Path
from typing import Any

import pytest

from llmbench.api import Outcome
from llmbench.cli import main
from llmbench.records.transcript import CompletionEvent, ToolEvent, read_transcript
from llmbench.score.tools import tool_use

pytest.importorskip("xllamacpp", reason="needs llmbench[embedded]")

POLYGLOT = Path(__file__).parents[1] / "data" / "polyglot"
MISTAKEN = {"python/merge_intervals", "python/lru_cache"}
"""What the demo model gets wrong at first, on purpose."""


@pytest.fixture
def ten(run: Any) -> Any:
    """A run over the ten quickstart tasks with nothing but the agent chosen."""
    return run("agent=tools", "model=demo")


def outcomes(records: dict[tuple[str, int], Any]) -> dict[str, Outcome]:
    return {task: record.outcome for (task, _), record in records.items()}


def test_the_demo_model_works_by_native_calls(run: Any, ten: Any) -> None:
    records = run.records(ten)
    assert {task for task, outcome in outcomes(records).items() if outcome is not Outcome.PASSED} == MISTAKEN
    for record in records.values():
        notes = record.tries[0].notes["tools"]
        assert notes["order"] == ["write", "finish"], record.task
        assert (notes["protocol"], notes["ended"]) == ("native", "finished")
        assert (notes["malformed"], notes["failed"], notes["errors"]) == (0, 0, 0)
        assert "fell_back" not in notes
    together = tool_use(list(records.values()))
    assert together
    assert together.by_name == {"write": 10, "finish": 10}
    assert together.by_kind == {"write": 10, "end": 10}
    assert (together.protocols, together.malformed, together.efficiency) == ({"native": 10}, 0, 1.0)


def test_what_was_asked_and_what_the_server_parsed_is_on_record(run: Any, ten: Any) -> None:
    events = list(read_transcript(ten.folder / "samples/python/leap/0/transcript.jsonl"))
    asked = [event for event in events if isinstance(event, CompletionEvent)]
    assert [event.completion.finish for event in asked] == ["tool_calls", "tool_calls"]
    (call,) = asked[0].completion.tool_calls
    assert call.name == "write"
    assert call.arguments["path"] == "leap.py"
    assert call.arguments["content"].startswith("def is_leap(year: int) -> bool:\n")
    assert not call.problem
    assert [event.step.name for event in events if isinstance(event, ToolEvent)] == ["write", "finish"]


def test_the_second_try_goes_on_by_calls(run: Any) -> None:
    result = run("agent=tools", "model=demo", "tries=2", "tasks=[merge_intervals,lru_cache]")
    records = run.records(result)
    assert outcomes(records) == {
        "python/merge_intervals": Outcome.PASSED,
        "python/lru_cache": Outcome.FAILED,
    }
    for record in records.values():
        assert len(record.tries) == 2
        for one in record.tries:
            assert one.notes["tools"]["order"] == ["write", "finish"]
            assert one.notes["tools"]["malformed"] == 0


@pytest.mark.parametrize(
    ("words", "notes"),
    [
        (["agent.tools=[read,write]"], {"order": ["write"], "ended": "answered"}),
        (["agent.tool_choice=required"], {"order": ["write", "finish"], "ended": "finished"}),
        (["agent.tool_choice=none"], {"order": [], "ended": "answered", "auto_calls": 1}),
        (["backend.stream=false"], {"order": ["write", "finish"], "ended": "finished"}),
    ],
)
def test_other_ways_to_offer_the_tools(run: Any, words: list[str], notes: dict[str, Any]) -> None:
    result = run("agent=tools", "model=demo", "tasks=[leap]", *words)
    (record,) = run.records(result).values()
    assert record.outcome is Outcome.PASSED, record
    found = record.tries[0].notes["tools"]
    assert {key: found.get(key) for key in notes} == notes
    assert found["protocol"] == "native"


def test_a_sweep_over_agents_and_datasets(run: Any, capsys: pytest.CaptureFixture[str]) -> None:
    """The second dataset is one that the model has never seen: its calls are read, and it passes nothing."""
    datasets = {
        "quickstart": (["tasks=[leap,caesar,lru_cache]"], "66.7"),
        "exercism": ([f"dataset.path={POLYGLOT}", "dataset.languages=[python]"], "0.0"),
    }
    for dataset, (words, score) in datasets.items():
        given = ["-m", "agent=prompt,tools", f"dataset={dataset}", *words, "model=demo"]
        assert main([*given, f"output_root={run.root}", f"sandbox={run.sandbox}"]) == 0
        matrix = capsys.readouterr().out
        rows = [line.split()[:3] for line in matrix.splitlines() if line.split()[1:2] == ["problem"]]
        assert rows == [["prompt", "problem", score], ["tools", "problem", score]], matrix
    runs = [json.loads(path.read_text()) for path in run.root.glob("*/demo-llamacpp-tools-*/summary.json")]
    assert len(runs) == 2
    for summary in runs:
        assert summary["tools"]["malformed"] == 0
        assert set(summary["tools"]["protocols"]) == {"native"}
        assert summary["tools"]["by_name"]["write"] >= 1
