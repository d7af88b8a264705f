"""The guard: exit codes, and an end for everything it started."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from llmbench_plugins.backends.shared import guard as guarding


@pytest.fixture
def guarded() -> Iterator["type[_Guarded]"]:
    yield _Guarded
    for guard in _Guarded.started:
        for process in guard.seen:
            if process.is_running():
                process.kill()
        guard.process.wait()
    _Guarded.started.clear()


class _Guarded:
    started: "list[_Guarded]" = []  # noqa: RUF012 - emptied by the fixture

    def __init__(self, *argv: str, processes: int = 1) -> None:
        self.process = subprocess.Popen([sys.executable, guarding.__file__, *argv], stdin=subprocess.PIPE)
        self.started.append(self)
        self.seen: list[psutil.Process] = []
        deadline = time.monotonic() + 5
        while len(self.seen) < processes and time.monotonic() < deadline and self.process.poll() is None:
            self.seen = psutil.Process(self.process.pid).children(recursive=True)
            time.sleep(0.01)

    def close(self) -> int:
        assert self.process.stdin is not None
        self.process.stdin.close()
        return self.process.wait(10)

    def ended(self) -> bool:
        return not psutil.wait_procs(self.seen, timeout=5)[1]


@pytest.mark.parametrize(("script", "code"), [("exit 0", 0), ("exit 7", 7), ("kill -9 $$", 137)])
def test_the_exit_code_is_the_commands(script: str, code: int) -> None:
    guard = subprocess.Popen([sys.executable, guarding.__file__, "sh", "-c", script], stdin=subprocess.PIPE)
    assert guard.wait(10) == code
    assert guard.stdin is not None
    guard.stdin.close()


def test_a_command_that_is_not_there_is_told() -> None:
    ended = subprocess.run(
        [sys.executable, guarding.__file__, "/no/such"], capture_output=True, text=True, check=False
    )
    assert (ended.returncode, ended.stderr) == (127, "/no/such: No such file or directory\n")


def test_closing_stdin_ends_the_command_and_what_it_started(guarded: type[_Guarded]) -> None:
    guard = guarded("sh", "-c", "sleep 60 & sleep 60", processes=3)
    assert len(guard.seen) == 3
    assert guard.close() == 128 + signal.SIGTERM
    assert guard.ended()


def test_a_command_that_ignores_the_polite_signal_is_killed(guarded: type[_Guarded]) -> None:
    guard = guarded("sh", "-c", "trap '' TERM; while :; do sleep 0.1; done")
    assert guard.close() == 128 + signal.SIGKILL
    assert guard.ended()


def test_the_guard_passes_the_end_on_when_it_is_told_to_end(guarded: type[_Guarded]) -> None:
    guard = guarded("sleep", "60")
    os.kill(guard.process.pid, signal.SIGTERM)
    assert guard.process.wait(10) == 128 + signal.SIGTERM
    assert guard.ended()
    guard.close()


@pytest.mark.parametrize("how", ["close", "end"])
def test_a_last_command_is_run_however_it_ends(how: str, tmp_path: Path, guarded: type[_Guarded]) -> None:
    """A container outlives the client that started it, so its removal comes last."""
    last = json.dumps(["touch", str(tmp_path / "done")])
    guard = guarded(guarding.LAST, last, "sleep", "60" if how == "close" else "0", processes=how == "close")
    if how == "end":
        guard.process.wait(10)
    assert guard.close() == (128 + signal.SIGTERM if how == "close" else 0)
    assert (tmp_path / "done").exists()
