"""What status.json says while a run is made, and after it."""

import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import jsonschema
import msgspec
import pytest

from llmbench.api import Task
from llmbench.errors import LlmbenchError
from llmbench.records.process import this_process
from llmbench.records.schemas import read_schema
from llmbench.records.status import FILE, Status, read_status, read_statuses
from llmbench.testing.servers import Answer, StubServer

from .conftest import asked_task, solution

Answering = Callable[[Mapping[str, Any]], Answer | str]


class Onlooker:
    """Reads the status of the only run below a root, again and again, from a thread."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._ended = threading.Event()
        self.seen: list[Status] = []
        self._thread = threading.Thread(target=self._look)

    def _look(self) -> None:
        while not self._ended.wait(0.02):
            for status in read_statuses(self._root).values():
                if not self.seen or self.seen[-1] != status:
                    self.seen.append(status)

    def __enter__(self) -> "Onlooker":
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._ended.set()
        self._thread.join()

    @property
    def states(self) -> list[str]:
        """Each state once, in order of its first appearance."""
        return list(dict.fromkeys(status.state for status in self.seen))


def test_it_says_what_is_done_and_how_it_ended(run: Any, catalog: Mapping[str, Task]) -> None:
    def slowly(body: Mapping[str, Any]) -> Answer:
        task = asked_task(catalog, body)
        if task is None:
            time.sleep(0.3)
            return Answer(content="ready")
        return Answer(content=solution(task) + "\n# more" * 12, piece_delay_s=0.1)

    with StubServer(slowly) as stub, Onlooker(run.root) as onlooker:
        result = run("backend=openai", f"backend.url={stub.url}", "tasks=[leap,caesar]")
    passing = ("preparing", "grading", "finished")  # too short to be seen for sure
    assert [state for state in onlooker.states if state not in passing] == ["starting", "sampling"]
    asking = [status for status in onlooker.seen if status.asking.requests == 2]
    assert asking
    assert max(status.asking.tokens for status in asking) > 0
    assert {status.process for status in onlooker.seen} == {this_process()}
    final = read_status(result.folder)
    assert final is not None
    assert (final.state, final.reason, final.message) == ("finished", "", "")
    assert (final.planned, final.made_before, final.total, final.done) == (2, 0, 2, 2)
    assert final.outcomes == {"passed": 2}
    assert final.used.completion_tokens
    assert final.left is None
    data = msgspec.json.decode((result.folder / FILE).read_bytes())
    jsonschema.validate(data, read_schema("status"))


def test_a_run_that_is_whole_says_so(run: Any, solver: Answering) -> None:
    with StubServer(solver) as stub:
        words = ("backend=openai", f"backend.url={stub.url}", "tasks=[leap,caesar]")
        run(*words, "limit=1")
        run(*words)
        more = read_status(run(*words).folder)
    assert more is not None
    assert (more.state, more.planned, more.made_before, more.total) == ("finished", 2, 2, 0)


def test_it_says_why_it_failed(run: Any, solver: Answering) -> None:
    with StubServer(solver) as stub:
        words = ("backend=openai", f"backend.url={stub.url}", "tasks=[leap,caesar]")
        folder = run(*words, "limit=1").folder
    with pytest.raises(LlmbenchError) as caught:
        run(*words)  # nobody answers there any more
    found = read_status(folder)
    assert found is not None
    assert (found.state, found.reason) == ("failed", str(caught.value))


def test_it_says_that_it_was_ended_early(run: Any) -> None:
    with StubServer(lambda body: Answer(content="no code")) as stub:
        result = run("backend=openai", f"backend.url={stub.url}", "samples=3", "in_flight=2")
    assert result.stopped
    found = read_status(result.folder)
    assert found is not None
    assert found.state == "stopped"
    assert found.reason
    assert found.reason in result.stopped


def test_a_secret_is_masked(run: Any, monkeypatch: pytest.MonkeyPatch, solver: Answering) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-very-secret-key")
    with StubServer(solver) as stub:
        result = run("backend=openai", f"backend.url={stub.url}", "tasks=[leap]")
    assert "sk-very-secret-key" not in (result.folder / FILE).read_text()
