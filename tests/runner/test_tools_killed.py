"""A run is killed in the middle of conversations: nothing is asked twice, and the result is the same."""

import random
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
import psutil
import pytest

from llmbench.api import Outcome, Sandbox, Task
from llmbench.records.journal import read_journal
from llmbench.records.record import Record
from llmbench.records.transcript import CompletionEvent, ToolEvent, read_transcript
from llmbench.testing.servers import Answer, StubServer

KILLS = 4
TASKS = ("python/leap", "python/flatten", "python/caesar")
LOOK = "date +%N; ls; python3 -c 'import time; print(time.time_ns())'"
"""Its output is never the same twice: only the stored result makes the next question the same."""


class Programmer:
    """Works by calls on the task that it is asked about, and remembers what it was asked."""

    def __init__(self, catalog: Mapping[str, Task]) -> None:
        self._catalog = catalog
        self.asked: list[tuple[str, int]] = []
        self.questions: dict[tuple[str, int], bytes] = {}

    def __call__(self, body: Mapping[str, Any]) -> Answer | str:
        text = "\n".join(message["content"] for message in body["messages"])
        task = next((t for t in self._catalog.values() if t.instructions.strip() in text), None)
        if task is None:
            return "ready"
        turn = sum(message["role"] == "assistant" for message in body["messages"])
        self.asked.append((task.id, turn))
        calls = self._calls(task)
        return Answer(content="", tool_calls=calls[turn], delay_s=0.02)

    def _calls(self, task: Task) -> list[list[dict[str, Any]]]:
        ((path, code),) = task.reference.items()
        wrong = {"path": path, "content": "raise SystemError\n"}
        right = {"path": path, "content": code.decode()}
        script = [
            [("shell", {"command": LOOK}), ("write", wrong)],
            [("shell", {"command": f"python3 {path}; echo x > scratch.txt; {LOOK}"})],
            [("finish", {})],
            [("read", {"path": path}), ("shell", {"command": LOOK})],
            [("write", right), ("shell", {"command": LOOK})],
            [("finish", {})],
        ]
        return [[_call(n, *one) for n, one in enumerate(calls)] for calls in script]


def _call(number: int, name: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
    written = msgspec.json.encode(arguments).decode()
    return {"id": f"c{number}", "type": "function", "function": {"name": name, "arguments": written}}


def start(root: Path, url: str, sandbox: str) -> "subprocess.Popen[bytes]":
    words = [
        f"output_root={root}",
        "model=any",
        "agent=tools",
        "backend=openai",
        f"backend.url={url}",
        f"sandbox={sandbox}",
        "tries=2",
        "in_flight=2",
        f"tasks=[{','.join(TASKS)}]",
    ]
    command = [sys.executable, "-m", "llmbench", *words]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)


def kill_after(process: "subprocess.Popen[bytes]", asked: list[Any], questions: int, delay_s: float) -> None:
    """Kill a process some time after so many questions more, and wait for what it had started."""
    goal, deadline = len(asked) + questions, time.monotonic() + 120
    while len(asked) < goal and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.002)
    time.sleep(delay_s)
    children = psutil.Process(process.pid).children(recursive=True) if process.poll() is None else []
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=30)
    _, alive = psutil.wait_procs(children, timeout=10)
    assert not alive, f"outlived llmbench: {alive}"


def records(root: Path) -> dict[str, Record]:
    (journal,) = root.rglob("journal.jsonl")
    return {task: record for (task, _), record in read_journal(journal).items()}


def said(record: Record) -> list[Any]:
    """Return what a record says of its tries that does not depend on time."""
    return [(done.outcome, done.refused, done.notes, done.tests_passed) for done in record.tries]


@pytest.mark.slow
def test_killed_in_mid_conversation(
    tmp_path: Path, catalog: dict[str, Task], isolating_sandbox: Sandbox
) -> None:
    sandbox = type(isolating_sandbox).__name__.lower()
    undisturbed, disturbed = Programmer(catalog), Programmer(catalog)
    with StubServer(undisturbed) as stub:
        whole = start(tmp_path / "whole", stub.url, sandbox)
        _, errors = whole.communicate(timeout=600)
        assert whole.returncode == 0, errors.decode()
    expected = records(tmp_path / "whole")
    assert {record.outcome for record in expected.values()} == {Outcome.PASSED}

    root, dice = tmp_path / "killed", random.Random(7)  # noqa: S311 - it chooses moments, not keys
    on_disk: set[tuple[str, int]] = set()
    with StubServer(disturbed) as stub:
        for _ in range(KILLS):
            process = start(root, stub.url, sandbox)
            seen = len(disturbed.asked)
            kill_after(process, disturbed.asked, dice.choice([1, 1, 2, 3]), dice.uniform(0, 0.3))
            assert not on_disk & set(disturbed.asked[seen:]), "asked again after its answer was on disk"
            on_disk = stored(root)
        final = start(root, stub.url, sandbox)
        seen = len(disturbed.asked)
        _, errors = final.communicate(timeout=600)
    assert final.returncode == 0, errors.decode()
    assert not on_disk & set(disturbed.asked[seen:])
    got = records(root)
    assert {task: said(record) for task, record in got.items()} == {
        task: said(record) for task, record in expected.items()
    }
    assert all("made_anew" not in done.notes["tools"] for record in got.values() for done in record.tries)


def stored(root: Path) -> set[tuple[str, int]]:
    """Return which completions are on disk."""
    events = [event for path in root.rglob("transcript.jsonl") for event in read_transcript(path)]
    return {(event.task, event.call) for event in events if isinstance(event, CompletionEvent)}


def test_where_the_files_differ_the_rest_is_made_anew_and_said(run: Any) -> None:
    """A program that does something else the second time: what followed from its first run is void."""
    counter = 'python3 -c \'import time; open("when.txt", "w").write(str(time.time_ns()))\''
    script = [[("shell", {"command": counter})], [("ls", {})], [("finish", {})]]

    def answer(body: Mapping[str, Any]) -> Answer | str:
        if "tools" not in body:
            return "ready"
        turn = sum(message["role"] == "assistant" for message in body["messages"])
        return Answer(content="", tool_calls=[_call(n, *one) for n, one in enumerate(script[turn])])

    with StubServer(answer) as stub:
        words = ("agent=tools", "backend=openai", f"backend.url={stub.url}", "tasks=[leap]")
        folder = run(*words).folder
        transcript = folder / "samples/python/leap/0/transcript.jsonl"
        lines = transcript.read_bytes().splitlines(keepends=True)
        # As if it had been killed while it did the last call.
        kept = [line for line in lines if b'"event":"completion"' in line or b'"event":"tool"' in line][:4]
        transcript.write_bytes(b"".join(kept))
        (folder / "journal.jsonl").unlink()
        before = len(stub.requests)
        (record,) = run.records(run(*words)).values()
        asked = [body for body in stub.requests[before:] if "tools" in body]
    notes = record.tries[0].notes["tools"]
    assert notes["made_anew"] == 1
    assert notes["ended"] == "finished"
    steps = [event.step for event in read_transcript(transcript) if isinstance(event, ToolEvent)]
    assert [step.apart for step in steps if step.name == "shell"] == [False, True]
    assert len(asked) <= 2, "the first question was answered from the transcript"
