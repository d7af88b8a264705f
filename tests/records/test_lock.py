"""The run lock: one writer, and the second is told who it is."""

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from llmbench.errors import RunLockedError
from llmbench.records.lock import run_lock

HOLD = """
import sys, time
from pathlib import Path
from llmbench.records.lock import run_lock
with run_lock(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(60)
"""


def test_the_second_process_is_told_who_holds_it(tmp_path: Path) -> None:
    command = [sys.executable, "-c", HOLD, str(tmp_path / "run")]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        with (
            pytest.raises(RunLockedError, match=rf"process {holder.pid} on \S+ since 2"),
            run_lock(tmp_path / "run"),
        ):
            pass
        os.kill(holder.pid, signal.SIGKILL)
        holder.wait()
        with run_lock(tmp_path / "run"):
            assert str(os.getpid()) in (tmp_path / "run/.lock").read_text()


def test_the_lock_is_free_after_use(tmp_path: Path) -> None:
    for _ in range(2):
        with run_lock(tmp_path):
            pass


def test_a_lock_of_a_removed_folder_guards_nothing(tmp_path: Path) -> None:
    """A run that came to nothing removes its folder; the next one needs a lock of its own."""
    folder = tmp_path / "run"
    with run_lock(folder):
        shutil.rmtree(folder)
        with run_lock(folder), pytest.raises(RunLockedError), run_lock(folder):
            pass
