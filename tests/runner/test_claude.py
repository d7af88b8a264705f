"""Claude in whole runs: a server of its protocol in a thread, real boxes, real grading."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import msgspec
import pytest

from llmbench.api import Outcome, Task
from llmbench.testing.anthropic_stub import AnthropicStub, StubClaude
from llmbench.testing.stub_answers import Answer

Body = Mapping[str, Any]
KEY = "sk-ant-4711-never-on-disk"
TASKS = "tasks=[leap,flatten]"
ROOMY = StubClaude(context=200_000)


@pytest.fixture
def claude(run: Any, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """A run of two tasks that thinks with a budget, against a stub."""
    monkeypatch.setenv("ANTHROPIC_API_KEY", KEY)

    def claude(stub: AnthropicStub, *overrides: str) -> Any:
        return run(
            "backend=anthropic",
            f"backend.url={stub.url}",
            "model=claude-haiku-4.5",
            "model.reasoning.enabled=true",
            "model.reasoning.think_tokens=2048",
            TASKS,
            *overrides,
        )

    return claude


def _said(body: Body) -> str:
    blocks = [block for turn in body["messages"] for block in turn["content"]]
    return "\n".join(str(block.get("text", "")) for block in blocks)


def _asked(catalog: Mapping[str, Task], body: Body) -> Task | None:
    return next((task for task in catalog.values() if task.instructions.strip() in _said(body)), None)


def _written(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


def test_prompted_it_solves_thinks_and_costs(claude: Any, run: Any, catalog: dict[str, Task]) -> None:
    def answer(body: Body) -> Answer:
        task = _asked(catalog, body)
        if task is None:
            return Answer(content="OK")
        ((path, code),) = task.reference.items()
        return Answer(content=f"`{path}`\n```python\n{code.decode()}```", reasoning="hm, easy")

    with AnthropicStub(answer, api_key=KEY, claude=ROOMY) as stub:
        result = claude(stub, "agent=prompt")
    records = run.records(result).values()
    assert [record.outcome for record in records] == [Outcome.PASSED, Outcome.PASSED]
    assert all((record.usage.cost_usd or 0) > 0 for record in records)
    assert all(body["thinking"]["budget_tokens"] == 2048 for body in stub.requests)
    manifest = msgspec.json.decode((result.folder / "manifest.json").read_bytes())
    (session,) = manifest["sessions"]
    assert session["server"]["usd_per_million_tokens"]["completion"] == 5.0
    assert b"hm, easy" in _written(result.folder)
    assert KEY.encode() not in _written(run.root)


def test_with_tools_it_works_in_turns_with_its_thinking_signed(
    claude: Any, run: Any, catalog: dict[str, Task]
) -> None:
    """The stub refuses what the API refuses: unsigned thinking, results without calls, turns in a row."""

    def answer(body: Body) -> Answer:
        task = _asked(catalog, body)
        if task is None:
            return Answer(content="OK")
        ((path, code),) = task.reference.items()
        turn = sum(one["role"] == "assistant" for one in body["messages"])
        steps = [
            [("read", {"path": path}), ("ls", {})],
            [("write", {"path": path, "content": code.decode()})],
            [("finish", {"summary": "done"})],
        ]
        calls = [
            {
                "id": f"toolu_{task.id.replace('/', '-')}_{turn}_{number}",
                "function": {"name": name, "arguments": msgspec.json.encode(arguments).decode()},
            }
            for number, (name, arguments) in enumerate(steps[turn])
        ]
        return Answer(content="", reasoning="" if turn == 1 else f"step {turn}", tool_calls=calls)

    with AnthropicStub(answer, api_key=KEY, claude=ROOMY) as stub:
        result = claude(stub, "agent=tools")
    records = run.records(result).values()
    assert [record.outcome for record in records] == [Outcome.PASSED, Outcome.PASSED], records
    orders = [record.tries[0].notes["tools"]["order"] for record in records]
    assert orders == [["read", "ls", "write", "finish"]] * 2
    assert KEY.encode() not in _written(run.root)


def test_a_budget_of_money_ends_it(claude: Any, run: Any, catalog: dict[str, Task]) -> None:
    with AnthropicStub("I do not know.", api_key=KEY, claude=ROOMY) as stub:
        result = claude(stub, "agent=prompt", "budget.cost_usd=0.001")
    assert {record.outcome for record in run.records(result).values()} == {Outcome.SKIPPED}
    assert len(stub.requests) == 1, "what the first answer may cost is more than there is"
