"""Whole runs beside monitors: what is kept, what is warned of, and that nothing of it harms a run."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import jsonschema
import msgspec
import psutil
import pytest

from llmbench.records.journal import read_journal
from llmbench.records.manifest import read_manifest
from llmbench.records.monitors import read_monitors
from llmbench.records.schemas import read_schema
from llmbench.report.read import read_run
from llmbench.runner.idle import ENOUGH
from llmbench.testing.servers import Answer, StubServer

_LONGEST_S = 60.0

BROKEN = """
from llmbench.api import Monitor


class Tiring(Monitor):
    def unavailable(self):
        return ""

    def open(self, server):
        self.left = 2
        return ""

    def sample(self):
        self.left -= 1
        if self.left < 0:
            raise RuntimeError("the sensor is gone")
        return {"desk.temperature_c": 21.5, "desk.nonsense_w": float("nan")}

    def describe(self):
        return {"desk": "mine"}

    def close(self):
        pass


class Stuck(Tiring):
    def sample(self):
        import time

        time.sleep(300)


class Absent(Tiring):
    def unavailable(self):
        return "no desk here; buy one"
"""


class Runs:
    """Runs llmbench in a process of its own against a stub that answers only once enough was read."""

    def __init__(self, folder: Path, environment: Mapping[str, str]) -> None:
        self.folder = folder
        self.environment = environment
        self.url = ""
        self.url = ""
        self.wanted = 1

    def __call__(self, *words: str) -> subprocess.CompletedProcess[str]:
        server = ("backend=openai", f"backend.url={self.url}", "backend.concurrency=2", "model=any")
        here = ("model.trusted=true", "sandbox=local", f"output_root={self.folder}")
        return subprocess.run(
            [sys.executable, "-m", "llmbench", *server, *here, "monitor_interval_ms=100", *words],
            env=self.environment,
            cwd=self.folder,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )

    @property
    def run(self) -> Path:
        """The run's folder."""
        [found] = self.folder.glob("quickstart/*")
        return found

    @property
    def warnings(self) -> list[str]:
        """What was warned of, but for the sandbox that these tests chose."""
        texts = [text for session in read_manifest(self.run).sessions for text in session.warnings]
        return [text for text in texts if not text.startswith("sandbox=local")]

    def answer(self, body: Mapping[str, Any]) -> Answer | str:
        """Wait until the monitors have read often enough while a question was open."""
        if "workspace holds" not in str(body["messages"]):
            return "ready"
        ends = time.monotonic() + _LONGEST_S
        while self._read() < self.wanted and time.monotonic() < ends:
            time.sleep(0.05)
        return "No."

    def _read(self) -> int:
        runs = list(self.folder.glob("quickstart/*"))
        sessions = read_monitors(runs[0]) if runs else ()
        return sum(stretch.answering for stretch in sessions[-1].stretches) if sessions else 0


@pytest.fixture
def plugins(tmp_path: Path) -> Path:
    """A folder with a distribution whose monitors give up, or never work."""
    site = tmp_path / "site"
    metadata = site / "desk-1.0.dist-info"
    metadata.mkdir(parents=True)
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: desk\nVersion: 1.0\n")
    (metadata / "entry_points.txt").write_text(
        "[llmbench.monitors]\ntiring = desk:Tiring\nabsent = desk:Absent\nmissing = desk:Nothing\n"
    )
    (site / "desk.py").write_text(BROKEN)
    return site


@pytest.fixture
def runs(tmp_path: Path) -> Iterator[Callable[..., Runs]]:
    """Make a place for runs, with more in the environment."""
    folder = tmp_path / "outputs"
    folder.mkdir()
    place = Runs(folder, {})

    def make(**environment: str) -> Runs:
        place.environment = os.environ | environment
        return place

    with StubServer(place.answer) as stub:
        place.url = stub.url
        yield make


def lines(run: Path) -> list[Any]:
    return [json.loads(line) for line in (run / "monitors.jsonl").read_text().splitlines()]


def test_what_gpus_and_server_did_is_kept_for_the_run_and_for_every_sample(
    runs: Callable[..., Runs], nvml: Path
) -> None:
    place = runs(LD_LIBRARY_PATH=str(nvml), FAKE_NVML="lazy")
    place.wanted = ENOUGH
    ran = place("tasks=[leap,caesar]")
    assert ran.returncode == 0, ran.stderr
    for line in lines(place.run):
        jsonschema.validate(line, read_schema("monitors"))
    [session] = read_monitors(place.run)
    assert set(session.head.monitors) == {"nvidia", "process"}
    assert session.head.not_measured["apple"] == "only on macOS"
    # The stub is a thread of this very process: so that is what was measured, and nothing else.
    served_by = [process["pid"] for process in session.head.monitors["process"]["processes"]]
    assert served_by[0] == os.getpid()

    machine = read_run(place.run).summary.machine
    assert machine is not None
    assert machine.mean["gpu0.utilization_percent"] == machine.mean["gpu1.utilization_percent"] == 10
    assert machine.mean["gpu.power_w"] == 300
    assert machine.peak["process.memory_mb"] < 2 * psutil.Process().memory_info().rss / 2**20
    # Both counters rise by ten joules from one reading to the next.
    assert machine.energy_j == pytest.approx(20 * (machine.readings - 1))
    assert machine.energy_per_solved_j is None  # no answer was right

    for record in read_journal(place.run / "journal.jsonl").values():
        jsonschema.validate(json.loads(msgspec.json.encode(record)), read_schema("record"))
        assert record.machine is not None
        assert record.machine.readings > 0
        assert record.machine.mean["gpu.power_w"] == 300
        assert record.machine.energy_j == pytest.approx(300 * record.machine.seconds, rel=1e-3)
        assert record.machine.seconds == pytest.approx(record.timing.generation_s, rel=0.2, abs=0.2)

    [warning] = place.warnings
    assert warning.startswith("the 2 GPUs together were busy only 20 % of the time")
    assert "GPU utilisation" in ran.stdout


def test_a_busy_gpu_is_not_warned_of_and_a_lost_one_is(runs: Callable[..., Runs], nvml: Path) -> None:
    place = runs(LD_LIBRARY_PATH=str(nvml), FAKE_NVML="lost")
    place.wanted = ENOUGH
    assert place("tasks=[leap]", "monitors=[nvidia]").returncode == 0
    warning, *_ = place.warnings
    assert warning == "GPU 1 is lost (GPU is lost): it is not measured any more"
    machine = read_run(place.run).summary.machine
    assert machine is not None
    assert machine.energy_j is None  # what the lost one used is not known
    assert machine.not_measured["gpu1"] == "GPU is lost"
    assert "process" not in read_monitors(place.run)[0].head.monitors


def test_a_monitor_that_breaks_never_breaks_the_run(runs: Callable[..., Runs], plugins: Path) -> None:
    place = runs(PYTHONPATH=str(plugins))
    ran = place("tasks=[leap]")
    assert ran.returncode == 0, ran.stderr
    assert place.warnings == ["monitor 'tiring' has stopped: RuntimeError: the sensor is gone"]
    [session] = read_monitors(place.run)
    assert session.head.not_measured["absent"] == "no desk here; buy one"
    assert session.head.not_measured["missing"].startswith("BrokenPluginError: monitor 'missing' of desk 1.0")
    machine = read_run(place.run).summary.machine
    assert machine is not None
    assert machine.peak["desk.temperature_c"] == 21.5
    assert "desk.nonsense_w" not in machine.peak
    assert machine.peak["process.memory_mb"] > 1


def test_a_monitor_that_hangs_is_left_behind(runs: Callable[..., Runs], plugins: Path) -> None:
    (plugins / "desk-1.0.dist-info/entry_points.txt").write_text("[llmbench.monitors]\nstuck = desk:Stuck\n")
    place = runs(PYTHONPATH=str(plugins))
    place.wanted = 0
    ran = place("tasks=[leap]", "monitors=[stuck]")
    assert ran.returncode == 0, ran.stderr
    [warning] = place.warnings
    assert warning.startswith("a monitor has not answered for 5 s: it is left behind")


def test_what_computes_elsewhere_is_not_watched(runs: Callable[..., Runs], tmp_path: Path) -> None:
    """Stored answers have no server: whatever this machine does has nothing to do with them."""
    first, again = runs(), tmp_path / "again"
    first.wanted = 0
    assert first("tasks=[leap]", "monitors=[]").returncode == 0
    words = ("backend=replay", f"backend.path={first.run}", f"output_root={again}", "tasks=[leap]")
    argv = [sys.executable, "-m", "llmbench", *words, "model=any", "model.trusted=true", "sandbox=local"]
    ran = subprocess.run(argv, capture_output=True, text=True, check=False, timeout=120, cwd=tmp_path)
    assert ran.returncode == 0, ran.stderr
    [run] = again.glob("quickstart/*")
    [session] = read_monitors(run)
    assert set(session.head.not_measured.values()) == {"the backend names no server on this machine"}
    assert (session.head.monitors, session.stretches) == ({}, ())
    assert "machine              not measured" in ran.stdout


def test_a_resumed_run_goes_on_in_the_same_file(runs: Callable[..., Runs]) -> None:
    place = runs()
    assert place("tasks=[leap]").returncode == 0
    first = (place.run / "monitors.jsonl").read_bytes()
    with (place.run / "monitors.jsonl").open("ab") as file:
        file.write(b'{"event":"stretch","ended":"2026')  # torn, as by a crash
    assert place("tasks=[leap,caesar]").returncode == 0
    assert (place.run / "monitors.jsonl").read_bytes().startswith(first)
    watched = read_monitors(place.run)
    assert [session.head.started for session in watched] == [
        session.started for session in read_manifest(place.run).sessions
    ]
    assert all(session.stretches for session in watched)
    for line in lines(place.run):
        jsonschema.validate(line, read_schema("monitors"))


def test_no_monitors_leave_no_trace(runs: Callable[..., Runs]) -> None:
    place = runs()
    place.wanted = 0
    assert place("tasks=[leap]", "monitors=[]").returncode == 0
    assert not (place.run / "monitors.jsonl").exists()
    assert read_run(place.run).summary.machine is None
    [record] = read_journal(place.run / "journal.jsonl").values()
    assert record.machine is None


def test_a_monitor_named_that_can_not_measure_is_refused_beforehand(
    runs: Callable[..., Runs], plugins: Path
) -> None:
    place = runs(PYTHONPATH=str(plugins))
    ran = place("tasks=[leap]", "monitors=[absent,process]")
    assert ran.returncode == 2
    assert ran.stderr.strip() == (
        "llmbench: monitors: 'absent' can't measure here: no desk here; buy one; "
        "leave it out, or take monitors=auto"
    )
    assert list(place.folder.glob("quickstart/*")) == []


def test_a_gpu_that_the_driver_hides_is_refused_by_name(runs: Callable[..., Runs], nvml: Path) -> None:
    ran = runs(LD_LIBRARY_PATH=str(nvml), FAKE_NVML="noinit")("tasks=[leap]", "monitors=nvidia")
    assert ran.returncode == 2
    assert "monitors: 'nvidia' can't measure here: NVIDIA's management library does not start" in ran.stderr
