"""What a run's status says to those who look on: also when its process is gone."""

import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psutil
import pytest

from llmbench.records.masking import Mask
from llmbench.records.process import Process, this_process
from llmbench.records.status import FILE, Status, read_status, read_statuses, write_status

_NOW = datetime.now(UTC).isoformat(timespec="milliseconds")
_MASK = Mask({})


def status(**more: object) -> Status:
    base = Status(run_id="1a2b3c4d5e", state="sampling", updated=_NOW, session=_NOW, process=this_process())
    return replace(base, **more)  # type: ignore[arg-type]  # each test knows its fields


def dead() -> Process:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as child:
        started = psutil.Process(child.pid).create_time()
    return replace(this_process(), pid=child.pid, started=started)


def test_it_is_read_as_it_was_written(tmp_path: Path) -> None:
    written = status(total=5, done=2, outcomes={"passed": 2}, machine={"gpu0.power_w": 250.0})
    write_status(tmp_path, written, _MASK)
    assert read_status(tmp_path) == written


@pytest.mark.parametrize("state", ["preparing", "starting", "sampling", "grading", "pausing", "paused"])
def test_whose_process_is_gone_has_crashed(tmp_path: Path, state: str) -> None:
    write_status(tmp_path, status(state=state, process=dead()), _MASK)
    found = read_status(tmp_path)
    assert found is not None
    assert (found.state, found.reason) == ("crashed", "its process ended without a word")


@pytest.mark.parametrize("state", ["finished", "stopped", "failed"])
def test_what_has_ended_needs_no_process(tmp_path: Path, state: str) -> None:
    write_status(tmp_path, status(state=state, process=dead()), _MASK)
    found = read_status(tmp_path)
    assert found is not None
    assert found.state == state


def test_a_later_process_with_the_same_number_is_another(tmp_path: Path) -> None:
    other = replace(this_process(), started=this_process().started - 60)
    write_status(tmp_path, status(process=other), _MASK)
    found = read_status(tmp_path)
    assert found is not None
    assert found.state == "crashed"


@pytest.mark.parametrize(("silent_s", "state"), [(50, "sampling"), (70, "crashed")])
def test_of_another_machine_only_its_silence_is_known(tmp_path: Path, silent_s: int, state: str) -> None:
    then = datetime.now(UTC) - timedelta(seconds=silent_s)
    elsewhere = replace(dead(), host="elsewhere.invalid")
    write_status(tmp_path, status(process=elsewhere, updated=then.isoformat()), _MASK)
    found = read_status(tmp_path)
    assert found is not None
    assert found.state == state


@pytest.mark.parametrize("content", [b"", b"{}", b'{"schema": "llmbench.status/2"}', b"\xff"])
def test_what_is_no_status_is_none(tmp_path: Path, content: bytes) -> None:
    assert read_status(tmp_path) is None
    (tmp_path / FILE).write_bytes(content)
    assert read_status(tmp_path) is None


def test_all_below_a_root_are_found(tmp_path: Path) -> None:
    for name in ("catalog/a-1", "exercism/b-2"):
        (tmp_path / name).mkdir(parents=True)
        write_status(tmp_path / name, status(run_id=name[-1]), _MASK)
    (tmp_path / "catalog/a-1" / FILE).write_text("{")
    assert {folder.name: found.run_id for folder, found in read_statuses(tmp_path).items()} == {"b-2": "2"}
