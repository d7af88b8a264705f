"""Runs that look as if their set-up were broken end early, say why, and can be gone on with."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from llmbench.api import Task
from llmbench.errors import SuspiciousError
from llmbench.records.manifest import read_manifest
from llmbench.runner.plan import Item
from llmbench.runner.watch import Watch
from llmbench.testing.servers import Answer, StubServer

TALK = "Let me think about that. I would begin by reading the task."


def talking(body: Mapping[str, Any]) -> Answer | str:
    return TALK


def test_a_run_without_any_code_stops_after_ten_tasks_and_says_why(run: Any) -> None:
    with StubServer(talking) as stub:
        words = ("backend=openai", f"backend.url={stub.url}", "samples=3", "in_flight=2")
        stopped = run(*words)
        assert len(run.records(stopped)) in (10, 11)
        assert stopped.exit_code == 1
        assert stopped.made == len(run.records(stopped))
        first, *rest = stopped.stopped.splitlines()
        assert first == "stopped after 10 tasks: 10 of 10 tasks got the very same answer"
        assert rest[0].startswith("  first: ")
        assert "chat template" in " ".join(rest)
        assert "stop_when_suspicious=false" in rest[-1]
        assert max(map(len, stopped.stopped.splitlines())) < 80
        assert read_manifest(stopped.folder).sessions[-1].stopped == "10 of 10 tasks got the very same answer"

        again = run(*words)
        assert (again.folder, bool(again.stopped)) == (stopped.folder, True)
        assert 20 <= len(run.records(again)) < 25, "given again, it goes on, and looks at ten tasks more"

        whole = run(*words, "stop_when_suspicious=false")
    assert whole.folder == stopped.folder, "no answer depends on it"
    assert (whole.exit_code, whole.stopped, len(run.records(whole))) == (0, "", 30)
    assert read_manifest(whole.folder).sessions[-1].stopped == ""


def test_a_run_that_has_nothing_left_to_ask_is_not_stopped(run: Any) -> None:
    with StubServer(talking) as stub:
        result = run("backend=openai", f"backend.url={stub.url}")
    assert (result.exit_code, result.stopped, len(run.records(result))) == (0, "", 10)


@pytest.mark.parametrize("words", [("agent=nop",), ("agent=oracle",)])
def test_agents_whose_answers_are_known_are_never_suspected(run: Any, words: tuple[str, ...]) -> None:
    result = run(*words, "samples=3")
    assert (result.stopped, len(run.records(result))) == ("", 30)


def test_stored_answers_are_graded_to_the_end(run: Any, tmp_path: Path) -> None:
    with StubServer(talking) as stub:
        made = run("backend=openai", f"backend.url={stub.url}", "samples=3", "stop_when_suspicious=false")
    replayed = run("backend=replay", f"backend.path={made.folder}", "samples=3")
    assert (replayed.stopped, len(run.records(replayed))) == ("", 30)


def test_answers_that_are_known_beforehand_are_never_suspected(run: Any) -> None:
    with StubServer(talking) as stub:
        words = ("backend=openai", f"backend.url={stub.url}", "model.trusted=true", "samples=3")
        assert run(*words).stopped == ""


def test_what_finishes_first_does_not_count_before_its_turn(make_items: Any) -> None:
    """Empty answers come at once: ten of them are in before the slow good ones that were asked first."""
    items, record = make_items(40)
    watch = Watch(items, asks_again=False)
    for item in items[10:25]:
        watch.finished(record(item, chars=0))
    for item in items[:9]:
        watch.finished(record(item, passed=True))
    with pytest.raises(SuspiciousError, match="10 of 20 answers are empty"):
        watch.finished(record(items[9], passed=True))


def test_a_watch_counts_a_task_once(make_items: Any) -> None:
    items, record = make_items(5, samples=4)
    watch = Watch(items, asks_again=False)
    for item in items:
        watch.finished(record(item, chars=0))


@pytest.fixture
def make_items() -> Any:
    from llmbench.api import Outcome
    from llmbench.records.record import Record, SampleTiming, TryRecord, UsageTotal

    def items(tasks: int, samples: int = 1) -> Any:
        made = [
            Item(Task(id=f"t{n}", instructions="", starter={}, editable=()), sample)
            for sample in range(samples)
            for n in range(tasks)
        ]
        return made, record

    def record(item: Item, *, passed: bool = False, chars: int = 9) -> Record:
        outcome = Outcome.PASSED if passed else Outcome.PROTOCOL_ERROR
        done = TryRecord(number=1, outcome=outcome, finish="stop", answer_chars=chars, reason="empty answer")
        return Record(
            task=item.task.id,
            sample=item.sample,
            outcome=outcome,
            score=float(passed),
            tries=(done,),
            usage=UsageTotal(),
            timing=SampleTiming(),
        )

    return items
