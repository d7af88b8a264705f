"""Launches as real processes: one after the other, stopped, and found again by another dashboard."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from llmbench.records.status import read_status
from llmbench.serve.faults import Conflict, NotFound
from llmbench.serve.launching.launcher import Launcher
from llmbench.serve.launching.ledger import Entry
from llmbench.serve.launching.offer import make_offer
from llmbench.serve.launching.processes import tail
from llmbench.serve.launching.running import live_statuses
from llmbench.serve.launching.steering import pause, resume, stop
from llmbench.serve.launching.trial import check, order_of
from llmbench.serve.launching.words import Words
from llmbench.serve.live import live_of
from llmbench.serve.settings import Allowed, Settings

_PATIENCE_S = 60.0
QUICK = ("agent=nop", "sandbox=local", "limit=1")
LONG = ("sandbox=local", "samples=400")
"""Some minutes: whoever begins it stops it."""


@contextmanager
def _launching(root: Path) -> Iterator[Launcher]:
    """Have a launcher, at the end of which nothing is left that it began."""
    launcher = Launcher(Settings(root=root, allowed=Allowed(local=True)))
    try:
        yield launcher
    finally:
        launcher.clear()
        for entry in launcher.ledger.read():
            if entry.state == "started":
                _stopped(launcher, entry)
        launcher.close()


def _stopped(launcher: Launcher, entry: Entry) -> None:
    try:
        launcher.stop(entry.id)
    except Conflict:
        return
    _until(lambda: entry.process is not None and not entry.process.runs)


def _add(launcher: Launcher, words: tuple[str, ...], *, beside: bool = False, root: Path) -> Entry:
    made = Words(words)
    settings = Settings(root=root, allowed=Allowed(local=True))
    return launcher.add(order_of(made, check(made, make_offer({}), settings), settings, beside=beside))


def _until(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + _PATIENCE_S
    while not is_so():
        assert time.monotonic() < deadline, "it has not come to that"
        time.sleep(0.05)


def _entry(launcher: Launcher, id_: str) -> Entry:
    return next(entry for entry in launcher.ledger.read() if entry.id == id_)


def _is(launcher: Launcher, id_: str, state: str) -> Callable[[], bool]:
    return lambda: _entry(launcher, id_).state == state


def _samples(root: Path) -> int:
    return sum(status.done for status in live_statuses(root).values())


def _state(folder: Path) -> str:
    status = read_status(folder)
    return status.state if status else ""


def test_one_begins_after_the_other_and_leaves_what_a_shell_would(tmp_path: Path) -> None:
    with _launching(tmp_path) as launcher:
        first = _add(launcher, (*QUICK, "seed=1"), root=tmp_path)
        second = _add(launcher, (*QUICK, "seed=2"), root=tmp_path)
        _until(_is(launcher, second.id, "ended"))
        one, two = (_entry(launcher, entry.id) for entry in (first, second))
        assert (one.code, two.code) == (0, 0)
        assert one.ended <= two.began
        for entry in (one, two):
            [folder] = entry.folders
            assert (tmp_path / folder / "report.html").is_file()
            assert _state(tmp_path / folder) == "finished"


def test_one_that_runs_holds_the_queue_and_may_be_passed_by_and_stopped(tmp_path: Path) -> None:
    with _launching(tmp_path) as launcher:
        long = _add(launcher, LONG, root=tmp_path)
        _until(lambda: _samples(tmp_path) > 0)
        waits = _add(launcher, (*QUICK, "seed=1"), root=tmp_path)
        passes = _add(launcher, (*QUICK, "seed=2"), beside=True, root=tmp_path)
        _until(_is(launcher, passes.id, "ended"))
        assert _entry(launcher, waits.id).state == "queued"
        [shown] = [run for run in live_of(tmp_path, launcher).running if run.entry]
        assert shown.entry is not None
        assert shown.entry.id == long.id
        launcher.stop(long.id)
        _until(_is(launcher, waits.id, "ended"))
        assert _entry(launcher, long.id).code == 130
        assert _state(tmp_path / long.folders[0]) == "stopped"
        with pytest.raises(Conflict):
            launcher.stop(long.id)


def test_a_run_is_paused_and_goes_on(tmp_path: Path) -> None:
    with _launching(tmp_path) as launcher:
        long = _add(launcher, LONG, root=tmp_path)
        folder = tmp_path / long.folders[0]
        _until(lambda: _samples(tmp_path) > 0)
        pause(folder)
        _until(lambda: _state(folder) == "paused")
        done = _samples(tmp_path)
        resume(folder)
        _until(lambda: _samples(tmp_path) > done)
        stop(folder)
        _until(_is(launcher, long.id, "ended"))
        with pytest.raises(Conflict):
            pause(folder)


def test_another_dashboard_finds_what_runs_and_goes_on_with_the_queue(tmp_path: Path) -> None:
    with _launching(tmp_path) as launcher:
        long = _add(launcher, LONG, root=tmp_path)
        _until(lambda: _samples(tmp_path) > 0)
        waits = _add(launcher, QUICK, root=tmp_path)
        launcher.close()
        with _launching(tmp_path) as other:
            other.wake()
            process = _entry(other, long.id).process
            assert process is not None
            assert process.runs
            assert _entry(other, waits.id).state == "queued"
            other.stop(long.id)
            _until(_is(other, waits.id, "ended"))
            assert _entry(other, long.id).state == "ended"


def test_what_was_wrong_with_the_request_is_kept_to_be_read(tmp_path: Path) -> None:
    with _launching(tmp_path) as launcher:
        entry = _add(launcher, (*QUICK, "tasks=[nothing-like-it]"), root=tmp_path)
        _until(_is(launcher, entry.id, "ended"))
        assert _entry(launcher, entry.id).code == 2
        assert "nothing-like-it" in "\n".join(tail(launcher.ledger.log(entry), 5))
        [nothing] = live_of(tmp_path, launcher).came_to_nothing
        assert (nothing.entry.id, nothing.word) == (entry.id, "refused")


def test_what_waits_can_be_put_in_order_taken_out_and_forgotten(tmp_path: Path) -> None:
    launcher = Launcher(Settings(root=tmp_path, allowed=Allowed(local=True)))
    launcher.close()  # nothing shall begin
    ids = [_add(launcher, (*QUICK, f"seed={seed}"), root=tmp_path).id for seed in range(4)]

    def order() -> list[int]:
        return [ids.index(entry.id) for entry in launcher.ledger.read()]

    launcher.move([ids[2], ids[0]])
    assert order() == [2, 0, 1, 3]
    launcher.shift(ids[3], -1)
    assert order() == [2, 0, 3, 1]
    launcher.shift(ids[2], 1)
    assert order() == [0, 2, 3, 1]
    launcher.remove(ids[2])
    assert order() == [0, 3, 1]
    with pytest.raises(NotFound):
        launcher.remove(ids[2])
    launcher.clear()
    assert order() == []
