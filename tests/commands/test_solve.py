"""``llmbench solve`` from the command line: a server in a thread, real files, a real box."""

import json
import os
import shutil
import subprocess
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from llmbench.api import Sandbox
from llmbench.records.schemas import read_schema
from llmbench.records.transcript import CompletionEvent, SubmissionEvent, ToolEvent, read_transcript
from llmbench.testing.servers import Answer, StubServer

Run = Callable[..., Any]
Body = Mapping[str, Any]
Turn = Sequence[tuple[str, Mapping[str, Any]]]
WORDS = ("model=any", "model.name=stub", "backend=openai", "backend.retries=0")
BOXLESS = "agent.tools=[ls,read,write,edit,finish]"
BEFORE = "def add(a, b):\n    return a - b\n"
AFTER = "def add(a, b):\n    return a + b\n"
FIX: Sequence[Turn] = (
    [("read", {"path": "sums.py"})],
    [("edit", {"path": "sums.py", "old": "a - b", "new": "a + b"})],
    [("write", {"path": "notes/why.md", "content": "It subtracted.\n"})],
    [("finish", {"summary": "add adds now"})],
)


def playing(script: Sequence[Turn], meanwhile: Callable[[], object] = lambda: None) -> Any:
    """Return a model that makes the calls of a script, turn by turn, and answers the look in words."""

    def answer(body: Body) -> Answer | str:
        if "tools" not in body:
            return "ready"
        said = [message for message in body["messages"] if message["role"] == "assistant"]
        turn = sum(bool(message.get("tool_calls")) for message in said)
        meanwhile()
        calls = [
            {"id": f"c{turn}-{n}", "type": "function", "function": {"name": name, "arguments": json.dumps(given)}}
            for n, (name, given) in enumerate(script[turn])
        ]
        return Answer(content=f"turn {turn}", tool_calls=calls)

    return answer


@pytest.fixture
def project(here: Path) -> Path:
    """A folder with a bug, and a prompt beside it."""
    folder = here / "project"
    folder.mkdir()
    (folder / "sums.py").write_text(BEFORE)
    (here / "prompt.md").write_text("add subtracts; mend it.\n")
    return folder


def solve(run: Run, answer: Any, *words: str, boxless: bool = True) -> Any:
    with StubServer(answer) as stub:
        tools = [BOXLESS] if boxless else []
        done = run("solve", "--file", "prompt.md", *words, *WORDS, f"backend.url={stub.url}", *tools)
        done.requests = stub.requests if False else None
    return done


def left(here: Path) -> Path:
    """Return the one conversation there is."""
    (folder,) = (here / "outputs/solve").iterdir()
    return folder
