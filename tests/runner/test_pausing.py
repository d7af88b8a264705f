"""A run that is paused, goes on and is stopped from elsewhere: nothing is asked meanwhile, nothing twice."""

import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import psutil
import pytest

from llmbench.api import Outcome, Task
from llmbench.errors import UsageError
from llmbench.records.control import FILE, ask, at_work, find_at_work
from llmbench.records.manifest import read_manifest
from llmbench.records.status import Status, read_status, read_statuses
from llmbench.testing.servers import Answer, StubServer

from .conftest import asked_task, solution

_RANDOM = Path(__file__).parents[1] / "data/random.gguf"


class Elsewhere:
    """Somebody in another terminal: waits for states of the only run below a root, and asks."""

    def __init__(self, root: Path, deeds: Callable[["Elsewhere"], None]) -> None:
        self._root = root
        self._thread = threading.Thread(target=self._do, args=(deeds,))
        self.error: BaseException | None = None

    def _do(self, deeds: Callable[["Elsewhere"], None]) -> None:
        try:
            deeds(self)
        except BaseException as error:  # shown by the test's own thread
            self.error = error
            for folder in at_work(self._root):
                ask(folder, "stopping", by="a test that failed")

    def until(self, *states: str, done: int = 0, asking: int = 0) -> Status:
        """Wait until the run is in such a state."""
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            for status in read_statuses(self._root).values():
                if status.state in states and status.done >= done and status.asking.requests >= asking:
                    return status
            time.sleep(0.02)
        raise TimeoutError(f"never {states}: {read_statuses(self._root)}")

    @property
    def folder(self) -> Path:
        """The run's folder."""
        return next(iter(read_statuses(self._root)))

    def __enter__(self) -> "Elsewhere":
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._thread.join(90)
        if self.error:
            raise self.error


class Answering:
    """Answers rightly: so many at once, the others when it is told to go."""

    def __init__(self, catalog: Mapping[str, Task], free: int) -> None:
        self._catalog = catalog
        self._free = free
        self._lock = threading.Lock()
        self.go = threading.Event()
        self.asked: Counter[str] = Counter()

    def __call__(self, body: Mapping[str, Any]) -> Answer | str:
        task = asked_task(self._catalog, body)
        if task is None:
            return "ready"
        with self._lock:
            self.asked[task.id] += 1
            waits = self.asked.total() > self._free
        if waits:
            self.go.wait(60)
        return solution(task)


def test_a_pause_lets_samples_finish_and_asks_nothing(run: Any, catalog: dict[str, Task]) -> None:
    model = Answering(catalog, free=2)

    def deeds(other: Elsewhere) -> None:
        other.until("sampling", done=2, asking=2)
        ask(other.folder, "paused", by="a test")
        other.until("pausing")
        model.go.set()
        paused = other.until("paused")
        assert paused.reason == "paused by a test"
        assert (paused.planned, paused.done, paused.left) == (10, 4, None)
        time.sleep(1.2)
        assert model.asked.total() == 4, "nothing is asked meanwhile"
        assert other.until("paused").elapsed_s == paused.elapsed_s
        ask(other.folder, "running", by="a test")

    with StubServer(model) as stub, Elsewhere(run.root, deeds):
        result = run("backend=openai", f"backend.url={stub.url}", "backend.concurrency=2")
    assert set(model.asked.values()) == {1}, "nothing is asked twice"
    assert [record.outcome for record in run.records(result).values()] == [Outcome.PASSED] * 10
    assert result.made == 10
    sessions = read_manifest(result.folder).sessions
    assert [bool(session.ended) for session in sessions] == [True, True]
    final = read_status(result.folder)
    assert final is not None
    assert (final.state, final.session, final.made_before) == ("finished", sessions[-1].started, 4)
    screen = " ".join(run.screen.getvalue().split())
    assert "paused by a test: samples under way are finished first" in screen
    assert f"go on: llmbench resume {final.run_id}" in screen


def test_at_once_breaks_off_what_is_under_way(run: Any, catalog: dict[str, Task]) -> None:
    model = Answering(catalog, free=0)

    def deeds(other: Elsewhere) -> None:
        other.until("sampling", asking=2)
        ask(other.folder, "paused", by="a test", at_once=True)
        assert other.until("paused").done == 0
        model.go.set()
        ask(other.folder, "running", by="a test")

    words = ("tasks=[leap,caesar]", "backend.concurrency=2")
    with StubServer(model) as stub, Elsewhere(run.root, deeds):
        result = run("backend=openai", f"backend.url={stub.url}", *words)
    assert model.asked == {"python/leap": 2, "python/caesar": 2}
    assert [record.outcome for record in run.records(result).values()] == [Outcome.PASSED] * 2


def test_what_waits_for_a_slot_is_not_begun(run: Any, catalog: dict[str, Task]) -> None:
    model = Answering(catalog, free=0)

    def deeds(other: Elsewhere) -> None:
        other.until("sampling", asking=1)
        ask(other.folder, "paused", by="a test")
        other.until("pausing")
        model.go.set()
        assert other.until("paused").done == 1
        ask(other.folder, "running", by="a test")

    words = ("tasks=[leap,caesar,flatten]", "backend.concurrency=1", "in_flight=3")
    with StubServer(model) as stub, Elsewhere(run.root, deeds):
        result = run("backend=openai", f"backend.url={stub.url}", *words)
    assert set(model.asked.values()) == {1}
    assert len(run.records(result)) == 3


@pytest.mark.parametrize("is_paused", [False, True])
def test_stop_ends_it_as_ctrl_c_does(run: Any, catalog: dict[str, Task], is_paused: bool) -> None:
    model = Answering(catalog, free=1)

    def deeds(other: Elsewhere) -> None:
        other.until("sampling", done=1, asking=1)
        if is_paused:
            ask(other.folder, "paused", by="a test", at_once=True)
            other.until("paused")
        ask(other.folder, "stopping", by="a test")
        other.until("stopped")
        model.go.set()

    words = ("backend=openai", "backend.concurrency=1", "limit=4")
    with StubServer(model) as stub:
        with Elsewhere(run.root, deeds) as other, pytest.raises(KeyboardInterrupt):
            run(*words, f"backend.url={stub.url}")
        found = read_status(other.folder)
        assert found is not None
        assert (found.state, found.reason, at_work(run.root)) == ("stopped", "by a test", {})
        assert read_manifest(other.folder).sessions[-1].interrupted is not is_paused
        result = run(*words, f"backend.url={stub.url}")
    assert len(run.records(result)) == 4, "the wish is settled: the same command goes on"


def test_quiet_hours_hold_it_before_its_server_is_asked(run: Any, catalog: dict[str, Task]) -> None:
    now = datetime.now().astimezone()
    hours = f"{now - timedelta(minutes=2):%H:%M}-{now + timedelta(minutes=30):%H:%M}"

    def deeds(other: Elsewhere) -> None:
        paused = other.until("paused")
        assert paused.reason == f"paused by quiet_hours until {hours[-5:]}"
        assert not stub.requests
        ask(other.folder, "running", by="a test")

    with StubServer(Answering(catalog, free=1)) as stub, Elsewhere(run.root, deeds):
        words = ("backend=openai", f"backend.url={stub.url}", "tasks=[leap]")
        result = run(*words, f"quiet_hours={hours}")
        assert run(*words).folder == result.folder, "they are no part of the run's name"
    assert len(run.records(result)) == 1


@pytest.mark.slow
def test_the_server_is_down_while_it_is_paused(run: Any) -> None:
    def servers() -> list[str]:
        children = psutil.Process().children(recursive=True)
        return [name for child in children if "llmbench_plugins" in (name := " ".join(child.cmdline()))]

    counts: list[int] = []

    def deeds(other: Elsewhere) -> None:
        other.until("sampling", asking=1)
        counts.append(len(servers()))
        ask(other.folder, "paused", by="a test", at_once=True)
        other.until("paused")
        counts.append(len(servers()))
        ask(other.folder, "running", by="a test")
        other.until("sampling", asking=1)
        counts.append(len(servers()))

    # So many that they are done neither before the pause nor, on any machine, a second after it.
    answers = ("samples=60", "model.reasoning.answer_tokens=1500")
    words = ("backend=llamacpp", f"model={_RANDOM}", "tasks=[leap]", *answers)
    with Elsewhere(run.root, deeds):
        run(*words)
    assert counts[0] == counts[2] > 0
    assert counts[1] == 0, "what frees the GPU is that the process is gone"


def test_nobody_is_asked_where_nobody_works(run: Any, catalog: dict[str, Task], tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"no command works on it$"):
        ask(tmp_path, "paused", by="a test")
    with StubServer(Answering(catalog, free=1)) as stub:
        folder = run("backend=openai", f"backend.url={stub.url}", "tasks=[leap]").folder
    with pytest.raises(UsageError, match="no command works on it any more; the last one has finished"):
        ask(folder, "paused", by="a test")
    assert not (folder / FILE).exists()
    assert find_at_work("", run.root) is None
    assert find_at_work(str(folder), run.root) is None
