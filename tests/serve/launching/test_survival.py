"""A run outlives the dashboard that began it, and the next one finds it."""

import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

_PATIENCE_S = 90.0


@contextmanager
def _serving(root: Path) -> Iterator[httpx.Client]:
    """Have ``llmbench serve`` as a user starts it, ended by Ctrl-C."""
    argv = [sys.executable, "-m", "llmbench", "serve", "--port", "0", "--root", str(root), "--allow-local"]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            address = re.search(r"http://127\.0\.0\.1:\d+", process.stdout.readline())
            assert address is not None
            with httpx.Client(base_url=address[0], timeout=_PATIENCE_S) as client:
                _until(lambda: _answers(client))
                yield client
        finally:
            process.send_signal(signal.SIGINT)
            process.communicate(timeout=_PATIENCE_S)


def _answers(client: httpx.Client) -> bool:
    try:
        return client.get("/health").is_success
    except httpx.TransportError:
        return False


def _until(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + _PATIENCE_S
    while not is_so():
        assert time.monotonic() < deadline, "it has not come to that"
        time.sleep(0.1)


def _launch(client: httpx.Client) -> dict[str, Any]:
    found: list[dict[str, Any]] = client.get("/api/queue").json()["launches"]
    return found[0]


def _done(client: httpx.Client, folder: str) -> int:
    answer = client.get(f"/api/events/{folder}")
    return len(answer.json()["events"]) if answer.is_success else 0


@pytest.mark.slow
def test_a_run_outlives_its_dashboard_and_is_found_by_the_next(tmp_path: Path) -> None:
    with _serving(tmp_path) as client:
        asked = {"overrides": ["sandbox=local", "samples=200", "budget.hours=0.05"]}
        [folder] = client.post("/api/runs", json=asked).json()["folders"]
        _until(lambda: _done(client, folder) > 0)
    with _serving(tmp_path) as client:
        before = _done(client, folder)
        _until(lambda: _done(client, folder) > before)
        assert _launch(client)["state"] == "started"
        assert client.post(f"/api/runs/{folder}/stop").status_code == 202
        _until(lambda: _launch(client)["state"] == "ended")
        assert client.get(f"/api/events/{folder}").json()["status"]["state"] == "stopped"
