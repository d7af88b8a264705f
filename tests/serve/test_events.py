"""What happens in a run, told over a real server."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from llmbench.records.manifest import now
from llmbench.records.masking import Mask
from llmbench.records.process import this_process
from llmbench.records.status import State, Status, write_status
from llmbench.serve.app import create_app
from llmbench.serve.server import Server, listening
from llmbench.serve.settings import Settings
from llmbench.testing.runs import ORDINARY_RUN, write_run

RUN = "catalog/tiny-llamacpp-prompt-1a2b3c4d5e"
_PATIENCE_S = 20.0


@contextmanager
def _served(settings: Settings) -> Iterator[Settings]:
    """Serve in a thread; yields the settings with the port that was free."""
    with listening(settings.host, 0) as opened:
        bound = replace(settings, port=opened.getsockname()[1])
        server = Server(create_app(bound))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [opened]}, daemon=True)
        thread.start()
        try:
            yield bound
        finally:
            server.should_exit = True
            thread.join(_PATIENCE_S)
            if thread.is_alive():
                raise RuntimeError("the dashboard did not end")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_run(tmp_path / RUN, ORDINARY_RUN)


@pytest.fixture
def at(folder: Path) -> Iterator[str]:
    with _served(Settings(root=folder.parents[1])) as settings:
        yield f"127.0.0.1:{settings.port}/api/events/{RUN}"


def _watch(at: str, after: int = 0, journal: str = "") -> AbstractContextManager[ClientConnection]:
    return connect(f"ws://{at}?after={after}&journal={journal}", proxy=None)


def _next(socket: ClientConnection) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(socket.recv(timeout=10))
    return found


def _seqs(message: dict[str, Any]) -> list[int]:
    return [event["seq"] for event in message["events"]]


def _say(folder: Path, state: State, done: int = 0) -> None:
    status = Status(
        run_id="1a2b3c4d5e", state=state, updated=now(), session=now(), process=this_process(), done=done
    )
    write_status(folder, status, Mask({}))


def _append(folder: Path, count: int = 1) -> None:
    journal = folder / "journal.jsonl"
    line = journal.read_bytes().splitlines(keepends=True)[0]
    with journal.open("ab") as file:
        file.write(line * count)


def test_from_the_beginning_and_as_it_happens(at: str, folder: Path) -> None:
    with _watch(at) as socket:
        first = _next(socket)
        assert _seqs(first) == [1, 2, 3, 4, 5]
        assert first["status"] is None
        _append(folder, 2)
        assert _seqs(_next(socket)) == [6, 7]


def test_whoever_comes_late_gets_the_rest(at: str, folder: Path) -> None:
    with _watch(at, 3) as socket:
        message = _next(socket)
    assert _seqs(message) == [4, 5]
    _append(folder)
    with _watch(at, message["seq"], message["journal"]) as socket:
        assert _seqs(_next(socket)) == [6]


def test_asking_again_has_the_same_numbers(at: str, folder: Path) -> None:
    with _watch(at) as socket:
        told = _next(socket)
    asked = httpx.get(f"http://{at}").json()
    assert asked["events"] == told["events"]
    assert (asked["seq"], asked["journal"], asked["more"]) == (5, told["journal"], False)
    assert httpx.get(f"http://{at}?after=5&journal={told['journal']}").json()["events"] == []
    _append(folder)
    assert _seqs(httpx.get(f"http://{at}?after=5&journal={told['journal']}").json()) == [6]


def test_what_the_run_is_doing(at: str, folder: Path) -> None:
    _say(folder, "sampling", done=5)
    with _watch(at, 5) as socket:
        status = _next(socket)["status"]
        assert (status["state"], status["done"]) == ("sampling", 5)
        assert "process" not in status
        _say(folder, "finished", done=6)
        message = _next(socket)
        assert message["events"] == []
        assert message["status"]["state"] == "finished"
    assert httpx.get(f"http://{at}?after=5").json()["status"]["done"] == 6


def test_a_run_given_again_after_its_end(at: str, folder: Path) -> None:
    _say(folder, "finished")
    with _watch(at, 5) as socket:
        assert _next(socket)["status"]["state"] == "finished"
        _say(folder, "sampling")
        assert _next(socket)["status"]["state"] == "sampling"


def test_a_journal_that_was_written_anew(at: str, folder: Path) -> None:
    journal = folder / "journal.jsonl"
    with _watch(at) as socket:
        _next(socket)
        lines = journal.read_bytes().splitlines(keepends=True)
        new = journal.with_name("new")
        new.write_bytes(b"".join(lines[:4]))
        new.replace(journal)
        message = _next(socket)
    assert message["events"][0]["kind"] == "reset"
    assert _seqs(message) == [0, 1, 2, 3, 4]


def test_at_most_four_messages_a_second(at: str, folder: Path) -> None:
    with _watch(at, 5) as socket:
        _next(socket)
        messages, numbers = 0, []
        began = time.monotonic()
        while len(numbers) < 40:
            _append(folder)
            time.sleep(0.02)
            while True:
                try:
                    message = json.loads(socket.recv(timeout=0.001))
                except TimeoutError:
                    break
                messages += 1
                numbers += _seqs(message)
            assert time.monotonic() - began < 20
        took = time.monotonic() - began
    assert numbers == sorted(set(numbers))
    assert messages <= 4 * took + 2


def test_a_run_that_is_not_there(at: str) -> None:
    with connect(f"ws://{at}x", proxy=None) as socket, pytest.raises(ConnectionClosed):
        socket.recv(timeout=10)
    assert socket.close_code == 4404
    assert httpx.get(f"http://{at}x").status_code == 404


def test_whoever_talks_is_sent_away(at: str) -> None:
    with _watch(at) as socket:
        _next(socket)
        socket.send("hello")
        with pytest.raises(ConnectionClosed):
            socket.recv(timeout=10)
    assert socket.close_code == 1008


def test_many_watch_one_run(at: str, folder: Path) -> None:
    with ExitStack() as stack:
        sockets = [stack.enter_context(_watch(at, 5)) for _ in range(30)]
        for socket in sockets:
            _next(socket)
        _append(folder, 3)
        assert [_seqs(_next(socket)) for socket in sockets] == [[6, 7, 8]] * 30


def test_the_server_ends_while_somebody_watches(folder: Path) -> None:
    with ExitStack() as stack:
        with _served(Settings(root=folder.parents[1])) as settings:
            socket = stack.enter_context(_watch(f"127.0.0.1:{settings.port}/api/events/{RUN}"))
            _next(socket)
        with pytest.raises(ConnectionClosed):
            socket.recv(timeout=10)
        assert socket.close_code == 1012
