"""``llmbench server``: started in the background, found again, and ended with all it started."""

import json
import os
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

pytest.importorskip("xllamacpp", reason="needs llmbench[embedded]")
Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def run(tmp_path: Path) -> Iterator[Run]:
    """Run ``llmbench server …`` with a state folder of its own; whatever is up at the end is stopped."""
    environment = {**os.environ, "HOME": str(tmp_path), "XDG_STATE_HOME": str(tmp_path / "state")}

    def run(*words: str, verb: tuple[str, ...] = ("server",)) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [sys.executable, "-m", "llmbench", *verb, *words],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
            cwd=tmp_path,
            env=environment,
        )

    yield run
    run("stop", "--all")


def _up(run: Run) -> list[dict[str, Any]]:
    listed: list[dict[str, Any]] = json.loads(run("status", "--json").stdout)
    return listed


def _answers(url: str) -> bool:
    with urllib.request.urlopen(f"{url}/health", timeout=5) as response:  # noqa: S310 - ours, on loopback
        return bool(response.status == 200)


def test_a_server_stays_up_until_it_is_stopped(run: Run) -> None:
    started = run("start", "model=demo")
    assert started.returncode == 0, started.stdout + started.stderr
    (kept,) = _up(run)
    assert kept["words"] == ["model=demo"]
    assert f"backend.url={kept['url']}" in started.stdout
    assert _answers(kept["url"])
    examined = run("doctor", "--no-server", "agent=oracle", "sandbox=local", verb=())
    assert f"demo on llamacpp is up at {kept['url']}" in examined.stdout.replace("\n", " ")
    again = run("start", "model=demo")
    assert again.returncode == 2
    assert "is up already" in again.stderr
    family = [psutil.Process(kept["pid"]), *psutil.Process(kept["pid"]).children(recursive=True)]
    assert len(family) == 3, "the keeper, the guard and the server"
    stopped = run("stop", "model=demo")
    assert (stopped.returncode, stopped.stdout) == (0, f"stopped {kept['key']}\n")
    assert not psutil.wait_procs(family, timeout=5)[1]
    assert _up(run) == []


def test_a_keeper_that_was_killed_takes_its_server_along_and_is_forgotten(run: Run) -> None:
    run("start", "model=demo")
    (kept,) = _up(run)
    keeper = psutil.Process(kept["pid"])
    family = [keeper, *keeper.children(recursive=True)]
    keeper.kill()
    assert not psutil.wait_procs(family, timeout=10)[1]
    cleaned = run("clean", "--yes", verb=())
    assert kept["key"] in cleaned.stdout
    assert run("status").stdout == "no server is up\n"
    assert run("start", "model=demo").returncode == 0


@pytest.mark.slow
def test_with_two_servers_one_must_be_named(run: Run) -> None:
    assert run("start", "model=demo").returncode == 0
    assert run("start", "model=demo", "backend.slots=1").returncode == 0
    asked = run("stop")
    assert asked.returncode == 2
    assert "2 servers are up (model=demo; model=demo backend.slots=1)" in asked.stderr
    other = run("stop", "model=demo", "backend.slots=7")
    assert "no server was started with these overrides" in other.stderr
    assert run("stop", "--all").returncode == 0
    assert _up(run) == []


def test_a_server_that_does_not_come_up_is_told_with_its_reason(run: Run, tmp_path: Path) -> None:
    broken = run("start", "model=demo", f"model.sources.llamacpp.path={tmp_path}/none.gguf")
    assert broken.returncode == 1
    assert "none.gguf" in broken.stdout
    assert "did not come up; the whole log is" in broken.stderr
    assert _up(run) == []
