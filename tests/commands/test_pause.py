"""``llmbench pause``, ``resume`` and ``stop``, beside a run in a process of its own."""

import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from llmbench.api import Sandbox
from llmbench.records.journal import read_journal
from llmbench.records.status import Status, read_statuses
from llmbench.testing.servers import StubServer

from .conftest import Run


class Model:
    """Answers one question, and the others when it is told to."""

    def __init__(self) -> None:
        self.go = threading.Event()
        self.asked = 0

    def __call__(self, body: Mapping[str, Any]) -> str:
        if body.get("max_tokens", 0) < 100:
            return "ready"
        self.asked += 1
        if self.asked > 1:
            self.go.wait(60)
        return "That is beyond me."


@pytest.fixture
def model() -> Model:
    return Model()


@pytest.fixture
def under_way(here: Path, model: Model, isolating_sandbox: Sandbox) -> Iterator["subprocess.Popen[str]"]:
    """A run of three tasks, of which one is made and the second is asked."""
    with StubServer(model) as stub:
        sandbox = f"sandbox={type(isolating_sandbox).__name__.lower()}"
        words = ("backend=openai", "model=any", sandbox, "limit=3", "backend.concurrency=1")
        command = [sys.executable, "-m", "llmbench", *words, f"backend.url={stub.url}"]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        try:
            until(lambda status: status.done == 1 and status.asking.requests == 1)
            yield process
        finally:
            model.go.set()
            if process.poll() is None:
                process.kill()
            process.communicate(timeout=30)


def until(holds: Any) -> Status:
    """Wait until something holds of the only run."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        for status in read_statuses(Path("outputs")).values():
            if holds(status):
                return status
        time.sleep(0.02)
    raise TimeoutError(str(read_statuses(Path("outputs"))))


def records() -> int:
    (journal,) = Path("outputs").rglob("journal.jsonl")
    return len(read_journal(journal))


def test_a_run_is_paused_goes_on_and_is_stopped(under_way: Any, run: Run, model: Model) -> None:
    asked = run("pause")
    run_id = until(lambda status: status.state == "pausing").run_id
    assert asked.stdout == (
        f"{run_id} pauses: 1 request under way is waited for; go on: llmbench resume {run_id}\n"
    )
    model.go.set()
    waited = run("pause", run_id[:6], "--wait")
    assert waited.stdout.splitlines()[-1] == f"{run_id} is paused"
    assert records() == 2
    model.go.clear()
    assert run("resume", "last").stdout == f"{run_id} goes on\n"
    until(lambda status: status.asking.requests == 1)
    assert run("resume").stdout == f"{run_id} is not paused: it goes on\n"
    stopped = run("stop")
    assert (stopped.exit_code, stopped.stdout) == (0, f"{run_id} is stopped\n")
    told, _ = under_way.communicate(timeout=30)
    assert under_way.returncode == 130
    assert "stopping, as llmbench stop asks" in told
    refused = run("stop", run_id)
    assert (refused.exit_code, refused.stderr.count("\n")) == (2, 1)
    assert "the last one has stopped: by llmbench stop" in refused.stderr


def test_a_paused_run_goes_on_after_its_process_is_gone(under_way: Any, run: Run, model: Model) -> None:
    run("pause", "--now", "--wait")
    under_way.send_signal(signal.SIGKILL)
    under_way.communicate(timeout=30)
    crashed = until(lambda status: status.state == "crashed")
    model.go.set()
    again = run("resume", crashed.run_id)
    assert again.exit_code == 0, again.stderr
    first, *_ = again.stdout.splitlines()
    assert first.startswith(
        f"no command works on {crashed.run_id}; its own is given again: llmbench backend="
    )
    assert "resuming: 1 of 3 samples were made before" in again.stdout
    assert records() == 3


def test_a_run_that_moved_goes_on_where_it_is(
    under_way: Any, run: Run, model: Model, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model.go.set()
    under_way.communicate(timeout=60)
    Path("outputs").rename(tmp_path / "moved")
    monkeypatch.chdir(tmp_path)
    again = run("resume", "any", "--root", "moved")
    assert again.exit_code == 0, again.stderr
    assert "3 samples were made before: nothing is asked" in again.stdout
    assert not Path("outputs").exists()


def test_what_is_not_there_is_refused_in_one_line(here: Path, run: Run) -> None:
    for verb in ("pause", "resume", "stop"):
        refused = run(verb)
        assert (refused.exit_code, refused.stdout) == (2, "")
        assert refused.stderr == (
            "llmbench: outputs: no run is under way there; name a run, or another folder with --root\n"
        )
        assert run(verb, "x").exit_code == 2
