"""The page of this machine, and what it waits for."""

import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from llmbench.records.kept_servers import Kept, forget, write_kept
from llmbench.serve.doctor import Checkup, Finding, read_answer
from llmbench.serve.jobs import Job
from llmbench.serve.machine import measured

_PATIENCE_S = 60


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Kept]:
    """A server that is kept, of which the process is this one."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    started = psutil.Process().create_time()
    server = {"url": "http://127.0.0.1:9999"}
    kept = Kept(key="k", pid=os.getpid(), started=started, backend="ollama", model="<b>glm", server=server)
    write_kept(kept)
    yield kept
    forget("k")


def _settled(client: Any, what: str) -> str:
    """Return the page once nothing is waited for."""
    until = time.monotonic() + _PATIENCE_S
    while "data-waits" in (html := client.get("/machine").text) and time.monotonic() < until:
        time.sleep(0.2)
    assert "data-waits" not in html, f"{what} did not end"
    return str(html)


def test_what_doctor_finds_is_shown_and_asked_again_by_a_button(place: Any, page_of: Any) -> None:
    place.add("glm", 2)
    with place.client() as client:
        page = page_of(200, _settled(client, "doctor"))
        found = dict(zip(page.column("check"), page.column("answer"), strict=True))
        assert found["llmbench"] == "ok"
        assert "quickstart: 10 tasks" in page.column("detail")
        answer = client.post("/machine/check", data={"what": "doctor"})
        assert (answer.status_code, answer.headers["location"]) == (303, "/machine#doctor")
        assert 'id="doctor" class="board" data-waits' in client.get("/machine").text
        _settled(client, "doctor")


def test_only_a_form_of_ours_may_ask_again(place: Any) -> None:
    with place.client() as client:
        assert client.get("/machine/check").status_code == 405
        foreign = {"origin": "http://evil.example"}
        assert client.post("/machine/check", data={"what": "disk"}, headers=foreign).status_code == 403
        assert client.post("/machine/check", data={"what": "format"}).status_code == 422


def test_what_runs_take_with_links(place: Any, page_of: Any) -> None:
    name = place.add("glm", 2)
    (place.root / "note.txt").write_text("x")
    with place.client() as client:
        page = page_of(200, _settled(client, "the disk"))
    table = next(number for number, table in enumerate(page.tables) if table[0] == ["run", "size", "files"])
    files = sum(path.is_file() for path in (place.root / name).rglob("*"))
    assert page.column("files", table)[0] == str(files)
    assert "(note.txt)" in page.column("run", table)
    assert page.links[name] == f"/runs/{name}"
    assert str(place.root / "history.db") in page.text


def test_servers_that_are_kept(place: Any, kept: Kept) -> None:
    page = place.open("/machine")
    [table] = [table for table in page.tables if table[0][0] == "model"]
    assert table[1][:4] == ["<b>glm", "ollama", "http://127.0.0.1:9999", str(kept.pid)]


def test_a_folder_that_is_not_there_takes_nothing(place: Any) -> None:
    disk = measured(place.root)
    assert (disk.runs, disk.beside, disk.total.files) == ((), (), 0)


@pytest.mark.parametrize("told", ["", "[]", '{"findings": [{}]}', '{"findings": 3}', "not JSON"])
def test_a_doctor_that_gives_no_answer_is_quoted(told: str) -> None:
    assert read_answer(told, "llmbench: error: no room\n") == Checkup(problem="llmbench: error: no room")
    assert read_answer(told, "").problem == "doctor said nothing"


def test_a_job_is_done_once_for_all_who_ask() -> None:
    go, made = threading.Event(), []

    def work() -> int:
        go.wait(_PATIENCE_S)
        made.append(1)
        return len(made)

    job = Job(work)
    assert [job.look().is_working for _ in range(3)] == [True] * 3
    assert job.look().done is None
    go.set()
    state = job.look(wait_s=_PATIENCE_S)
    assert (state.is_working, state.done.result if state.done else None) == (False, 1)
    assert job.look().done == state.done
    job.begin()
    assert job.look(wait_s=_PATIENCE_S).done != state.done
    assert job.look(fresh_s=0.0, wait_s=_PATIENCE_S).done.result == 3  # type: ignore[union-attr]


def test_while_a_job_works_anew_the_old_result_stands() -> None:
    go = threading.Event()
    go.set()
    job = Job(lambda: go.wait(_PATIENCE_S))
    first = job.look(wait_s=_PATIENCE_S).done
    go.clear()
    job.begin()
    state = job.look()
    assert (state.is_working, state.done) == (True, first)
    go.set()
    job.look(wait_s=_PATIENCE_S)


def test_missing_things_are_counted() -> None:
    found = Checkup((Finding("a", "missing", ""), Finding("b", "ok", ""), Finding("c", "missing", "")))
    assert (found.missing, found.findings[0].tone) == (2, "bad")
