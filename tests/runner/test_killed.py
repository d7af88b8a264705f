"""`kill -9` at many moments, then the same command: nothing asked twice, nothing lost, nothing doubled."""

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import psutil
import pytest

from llmbench.api import Outcome, Sandbox, Task
from llmbench.records.journal import read_journal
from llmbench.records.manifest import read_manifest
from llmbench.records.transcript import CompletionEvent, read_transcript
from llmbench.testing.servers import Answer, StubServer

KILLS = 12
WRONG_FIRST = ("python/leap", "python/caesar", "python/flatten")
"""These are answered wrongly at the first try, so that kills fall into second tries too."""


class Witness:
    """Answers for the model, and remembers what it was asked after its answer had been on disk already."""

    def __init__(self, catalog: Mapping[str, Task], root: Path) -> None:
        self._catalog = catalog
        self._root = root
        self.on_disk: set[tuple[str, int]] = set()
        self.asked: list[tuple[str, int]] = []
        self.asked_again: list[tuple[str, int]] = []

    def look(self) -> None:
        """Note which completions are on disk, as (task, call)."""
        for path in self._root.rglob("transcript.jsonl"):
            for event in read_transcript(path):
                if isinstance(event, CompletionEvent):
                    self.on_disk.add((event.task, event.call))

    def __call__(self, body: Mapping[str, Any]) -> Answer | str:
        text = "\n".join(message["content"] for message in body["messages"])
        task = next((t for t in self._catalog.values() if t.instructions.strip() in text), None)
        if task is None:
            return "ready"
        call = sum(message["role"] == "assistant" for message in body["messages"])
        self.asked.append((task.id, call))
        if (task.id, call) in self.on_disk:
            self.asked_again.append((task.id, call))
        if task.id in WRONG_FIRST and call == 0:
            return Answer(content="```python\nraise SystemError\n```", delay_s=0.02)
        files = task.reference.items()
        content = "\n".join(f"`{path}`\n```python\n{code.decode()}```" for path, code in files)
        return Answer(content=content, delay_s=0.02)


def start(root: Path, url: str, sandbox: str) -> "subprocess.Popen[bytes]":
    words = [
        f"output_root={root}",
        "model=any",
        "backend=openai",
        f"backend.url={url}",
        f"sandbox={sandbox}",
        "tries=2",
        "backend.concurrency=2",
    ]
    command = [sys.executable, "-m", "llmbench", *words]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)


def kill_after(process: "subprocess.Popen[bytes]", witness: Witness, questions: int, delay_s: float) -> None:
    """Kill the process some time after it has asked so many new questions."""
    goal = len(witness.asked) + questions
    deadline = time.monotonic() + 30
    while len(witness.asked) < goal and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.002)
    time.sleep(delay_s)
    children = psutil.Process(process.pid).children(recursive=True) if process.poll() is None else []
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=30)
    _, alive = psutil.wait_procs(children, timeout=10)
    assert not alive, f"outlived llmbench: {alive}"


@pytest.mark.slow
def test_killed_at_many_moments(tmp_path: Path, catalog: dict[str, Task], isolating_sandbox: Sandbox) -> None:
    root = tmp_path / "outputs"
    witness = Witness(catalog, root)
    dice = random.Random(4)  # noqa: S311 - it chooses moments, not keys
    sandbox = type(isolating_sandbox).__name__.lower()
    with StubServer(witness) as stub:
        for _ in range(KILLS):
            process = start(root, stub.url, sandbox)
            kill_after(process, witness, dice.choice([0, 1, 1, 2]), dice.uniform(0, 0.4))
            witness.look()
        final = start(root, stub.url, sandbox)
        _, errors = final.communicate(timeout=120)
    assert final.returncode == 0, errors.decode()
    assert witness.asked_again == []
    check_whole(root, catalog)


def check_whole(root: Path, catalog: Mapping[str, Task]) -> None:
    """One graded record a task, one completion a call, and the tries that the answers deserve."""
    (journal,) = root.rglob("journal.jsonl")
    records = read_journal(journal)
    assert {task for task, _ in records} == set(catalog)
    assert len(journal.read_text().splitlines()) == len(records)
    for (task, _), record in records.items():
        assert record.outcome is Outcome.PASSED, record
        assert len(record.tries) == (2 if task in WRONG_FIRST else 1)
        transcript = read_transcript(journal.parent / "samples" / task / "0" / "transcript.jsonl")
        calls = Counter(event.call for event in transcript if isinstance(event, CompletionEvent))
        assert set(calls.values()) == {1}, task


def test_interrupted_politely(tmp_path: Path, catalog: dict[str, Task], isolating_sandbox: Sandbox) -> None:
    """Ctrl-C: exit code 130, one line that says how to go on, no process left, and the journal whole."""
    root = tmp_path / "outputs"
    witness = Witness(catalog, root)
    sandbox = type(isolating_sandbox).__name__.lower()
    with StubServer(witness) as stub:
        for number in (signal.SIGINT, signal.SIGTERM):
            seen = len(witness.asked)
            process = start(root, stub.url, sandbox)
            while len(witness.asked) < seen + 2 and process.poll() is None:
                time.sleep(0.005)
            children = psutil.Process(process.pid).children(recursive=True)
            os.kill(process.pid, number)
            _, errors = process.communicate(timeout=30)
            assert process.returncode == 130
            assert errors.decode().strip() == "llmbench: interrupted; run the same command again to resume"
            assert not psutil.wait_procs(children, timeout=5)[1]
    (journal,) = root.rglob("journal.jsonl")
    assert journal.read_bytes()[-1:] in (b"", b"\n")
    assert read_manifest(journal.parent).sessions[-1].interrupted
