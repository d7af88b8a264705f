"""Runs against a stub server, composed as from the command line and graded in real boxes."""

import io
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec
import pytest

from llmbench.api import Sandbox, Task
from llmbench.config.arguments import parse
from llmbench.config.build import build_spec
from llmbench.config.compose import compose
from llmbench.console import Console
from llmbench.records.journal import read_journal
from llmbench.records.record import Record
from llmbench.runner import RunResult, execute
from llmbench.testing.servers import Answer
from llmbench_plugins.datasets.catalog import Options as CatalogOptions
from llmbench_plugins.datasets.catalog import Quickstart


@pytest.fixture(scope="session")
def catalog() -> dict[str, Task]:
    """The quickstart tasks by id."""
    return {task.id: task for task in Quickstart(CatalogOptions(), None).tasks()}  # type: ignore[arg-type]


def solution(task: Task) -> str:
    """Return a right answer as a model would write it."""
    files = task.reference.items()
    return "\n".join(f"`{path}`\n```python\n{content.decode()}```" for path, content in files)


def asked_task(catalog: Mapping[str, Task], body: Mapping[str, Any]) -> Task | None:
    """Return the task that a request is about; None for the backend's readiness check."""
    text = "\n".join(message["content"] for message in body["messages"])
    return next((task for task in catalog.values() if task.instructions.strip() in text), None)


def played(script: Sequence[Sequence[tuple[str, Mapping[str, Any]]]], body: Mapping[str, Any]) -> Answer:
    """Return the calls that a script has for this turn of a conversation, as a server sends them."""
    turn = sum(message["role"] == "assistant" for message in body["messages"])
    calls = [
        {
            "id": f"c{turn}-{number}",
            "type": "function",
            "function": {"name": name, "arguments": msgspec.json.encode(arguments).decode()},
        }
        for number, (name, arguments) in enumerate(script[turn])
    ]
    return Answer(content="", tool_calls=calls)


@pytest.fixture
def solver(catalog: dict[str, Task]) -> Callable[[Mapping[str, Any]], Answer | str]:
    """A stub's answering function that is always right."""

    def answer(body: Mapping[str, Any]) -> str:
        task = asked_task(catalog, body)
        return solution(task) if task else "ready"

    return answer


class Runner:
    """Composes and executes runs in a folder of their own."""

    def __init__(self, root: Path, sandbox: str) -> None:
        self.root = root
        self.sandbox = sandbox
        self.screen = io.StringIO()

    def __call__(self, *overrides: str) -> RunResult:
        """Run with the given overrides on top of quiet defaults."""
        given = [f"output_root={self.root}", "model=any", *overrides]
        if not any(word.startswith("sandbox=") for word in given):
            given.append(f"sandbox={self.sandbox}")
        spec = build_spec(compose(parse(given)))
        return execute(spec, console=Console(file=self.screen, width=100))

    def records(self, result: RunResult) -> dict[tuple[str, int], Record]:
        """Return what the run's journal says."""
        return read_journal(result.folder / "journal.jsonl")


@pytest.fixture
def run(tmp_path: Path, isolating_sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> Runner:
    """A way to run; the current folder is empty."""
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    return Runner(tmp_path / "outputs", type(isolating_sandbox).__name__.lower())
