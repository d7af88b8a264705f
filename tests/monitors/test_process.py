"""The monitor ``process`` on the real embedded llama.cpp, and on servers that hide."""

import asyncio
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from time import monotonic
from typing import Any

import psutil
import pytest

from llmbench.api import Context, Message, ModelProfile, Monitor, NoOptions, Request, Watched
from llmbench.resources import resource_dir
from llmbench.testing.monitor import MonitorConformance
from llmbench_plugins.backends.llamacpp.backend import LlamaCpp, LlamaCppOptions
from llmbench_plugins.monitors.process import Process

LISTEN = """
import socket, sys, time
server = socket.create_server(("127.0.0.1", 0))
kept = bytearray(64 << 20)
for place in range(0, len(kept), 4096):
    kept[place] = 1
print(server.getsockname()[1], flush=True)
sys.stdin.read()
"""


@pytest.fixture
def listener() -> Iterator[tuple[int, int]]:
    """A process with 64 MB that listens: its number and its port. It is no child of a server of ours."""
    argv = [sys.executable, "-c", LISTEN]
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield process.pid, int(process.stdout.readline())
        process.communicate()


class TestConformance(MonitorConformance):
    @pytest.fixture(autouse=True)
    def _server(self, listener: tuple[int, int]) -> None:
        self.url = f"http://127.0.0.1:{listener[1]}"

    def make_monitor(self, context: Context) -> Monitor:
        return Process(NoOptions(), context)

    def make_server(self) -> Watched:
        return Watched(facts={"url": self.url})


def test_the_embedded_server_is_found_and_measured(context: Context) -> None:
    context.work_dir.mkdir(parents=True)
    source: Any = {"path": str(resource_dir("models") / "demo.gguf"), "context": 512}
    options = LlamaCppOptions(source=type(LlamaCppOptions().source)(**source), slots=1)

    async def measure() -> tuple[dict[str, float], dict[str, float], Any]:
        async with LlamaCpp(options, ModelProfile(name="demo"), context) as backend:
            facts = await backend.describe()
            monitor = Process(NoOptions(), context)
            with closing(monitor):
                assert monitor.open(Watched(facts=facts)) == ""
                first = dict(monitor.sample())
                question = (Message("user", "Count to a hundred."),)
                for seed in range(50):  # time is counted in hundredths of a second
                    await backend.complete(Request(messages=question, max_tokens=400, seed=seed))
                    if (second := dict(monitor.sample()))["process.cpu_percent"]:
                        break
                return first, second, monitor.describe()

    first, second, described = asyncio.run(measure())
    assert "process.cpu_percent" not in first  # there is no time before it to measure
    assert second["process.cpu_percent"] > 0
    assert second["process.memory_mb"] > 20
    [server] = described["processes"]
    assert server["pid"] != os.getpid()


def test_memory_is_that_of_the_process_behind_the_port(context: Context, listener: tuple[int, int]) -> None:
    pid, port = listener
    monitor = Process(NoOptions(), context)
    assert monitor.open(Watched(facts={"url": f"http://127.0.0.1:{port}"})) == ""
    found = monitor.sample()
    assert [process["pid"] for process in monitor.describe()["processes"]] == [pid]
    assert 64 < found["process.memory_mb"] < 64 + 100
    if sys.platform.startswith("linux"):
        assert 64 < found["process.pss_mb"] <= found["process.memory_mb"] * 1.05


def test_a_process_that_the_backend_names_is_taken(context: Context, listener: tuple[int, int]) -> None:
    monitor = Process(NoOptions(), context)
    assert monitor.open(Watched(facts={"pid": listener[0]})) == ""
    assert monitor.sample()["process.memory_mb"] > 64


def test_a_server_that_has_ended_leaves_nothing_to_measure(context: Context) -> None:
    ended = subprocess.Popen([sys.executable, "-c", "pass"])
    monitor = Process(NoOptions(), context)
    watched = psutil.Process(ended.pid)
    assert monitor.open(Watched(facts={"pid": watched.pid})) == ""
    ended.wait()
    assert monitor.sample() == {}


def test_a_server_elsewhere_is_not_measured(context: Context) -> None:
    monitor = Process(NoOptions(), context)
    for facts in ({"url": "https://example.org/v1"}, {}, {"url": "http://127.0.0.1:1", "remote_host": "x"}):
        assert monitor.open(Watched(facts=facts)) == "the server is not on this machine"
    assert monitor.sample() == {}


def test_nobody_is_guessed(context: Context) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        reason = Process(NoOptions(), context).open(Watched(facts={"url": f"http://127.0.0.1:{port}"}))
    assert reason.startswith(f"which process listens at port {port} can't be seen")


def test_who_listens_for_a_container_is_not_taken_for_the_server(
    context: Context, tmp_path: Path, listener: tuple[int, int]
) -> None:
    forwarder = tmp_path / "docker-proxy"
    forwarder.symlink_to(sys.executable)
    argv = [str(forwarder), "-c", LISTEN]
    home = {"PYTHONHOME": sys.base_prefix}
    with subprocess.Popen(
        argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=os.environ | home
    ) as process:
        assert process.stdout is not None
        port = int(process.stdout.readline())
        reason = Process(NoOptions(), context).open(Watched(facts={"url": f"http://127.0.0.1:{port}"}))
        process.communicate()
    assert reason == f"'docker-proxy' listens at port {port} for a container or another machine"


def test_a_service_of_another_user_is_found_by_its_name(context: Context, tmp_path: Path) -> None:
    """Who listens can't be seen there; the name of a process can."""
    name = "llmbenchsrv"
    service = tmp_path / name
    service.symlink_to(sys.executable)
    argv = [str(service), "-c", "import sys; print(1, flush=True); sys.stdin.read()"]
    home = {"PYTHONHOME": sys.base_prefix}
    with subprocess.Popen(
        argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=os.environ | home
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        monitor = Process(NoOptions(), context)
        facts = {"url": "http://127.0.0.1:1", "server": f"{name} (binary)"}
        assert monitor.open(Watched(facts=facts)) == ""
        assert [found["pid"] for found in monitor.describe()["processes"]] == [process.pid]
        process.communicate()


def measured(monitor: Process, busy: psutil.Process) -> tuple[float, float]:
    """Return which share of the processors others used, and which a process."""
    monitor.sample()
    before, began = sum(busy.cpu_times()[:2]), monotonic()
    end = began + 1.0
    while monotonic() < end:
        if busy.pid != os.getpid():
            time.sleep(0.1)
    others = monitor.sample()["process.others_percent"]
    used = sum(busy.cpu_times()[:2]) - before
    return others, 100 * used / ((monotonic() - began) * (psutil.cpu_count() or 1))


@pytest.fixture
def watching(context: Context, listener: tuple[int, int]) -> Callable[[], Process]:
    def watch() -> Process:
        monitor = Process(NoOptions(), context)
        assert monitor.open(Watched(facts={"pid": listener[0]})) == ""
        return monitor

    return watch


def test_a_program_that_is_not_ours_is_one_of_the_others(watching: Callable[[], Process]) -> None:
    # Its parent has ended, so it is nobody's child here; it ends by itself.
    command = f"timeout 20 {sys.executable} -c 'while True: pass' >/dev/null & echo $!"
    started = subprocess.run(["sh", "-c", command], stdout=subprocess.PIPE, text=True, check=True)
    outer = psutil.Process(int(started.stdout))
    while not (inner := outer.children()):
        time.sleep(0.05)
    others, used = measured(watching(), inner[0])
    outer.terminate()
    assert others > 0.8 * used > 0


def test_this_process_and_its_boxes_are_none_of_the_others(watching: Callable[[], Process]) -> None:
    monitor = watching()
    assert "process.others_percent" not in monitor.sample()  # there is no time before it to measure
    others, used = measured(monitor, psutil.Process())
    assert others < 100 - 0.8 * used
    with subprocess.Popen([sys.executable, "-c", "while True: pass"]) as box:
        others, used = measured(watching(), psutil.Process(box.pid))
        box.kill()
    assert others < 100 - 0.8 * used
