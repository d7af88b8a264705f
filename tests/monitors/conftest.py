"""A library that plays NVML, and what is watched with it."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

_HERE = Path(__file__).parent


@pytest.fixture(scope="session")
def nvml(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with a ``libnvidia-ml.so.1`` that replays faults; the bindings over it are the real ones."""
    if sys.platform != "linux":
        pytest.skip("NVML is played on Linux only")
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None:
        pytest.skip("no C compiler: install gcc")
    folder = tmp_path_factory.mktemp("nvml")
    argv = [compiler, "-shared", "-fPIC", "-Wall", "-Werror", "-Wl,-soname,libnvidia-ml.so.1"]
    subprocess.run([*argv, "-o", folder / "libnvidia-ml.so.1", _HERE / "nvml.c"], check=True)
    return folder


@pytest.fixture
def watch(nvml: Path, tmp_path: Path) -> Callable[..., Any]:
    """Let the monitor ``nvidia`` read three times in a process of its own; returns what it found."""

    def watch(faults: str = "", *, readings: int = 3, devices: tuple[int, ...] = (), **more: str) -> Any:
        told = json.dumps({"readings": readings, "devices": devices, "secrets": more})
        ran = subprocess.run(
            [sys.executable, _HERE / "watch_gpus.py", told, tmp_path],
            env=os.environ | {"LD_LIBRARY_PATH": str(nvml), "FAKE_NVML": faults},
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        assert ran.returncode == 0, ran.stderr
        return json.loads(ran.stdout)

    return watch
