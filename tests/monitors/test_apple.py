"""The monitor ``apple``: what it reads of ``ioreg``'s property lists, written here after their known form."""

import plistlib
import sys
from pathlib import Path
from typing import Any

import pytest

from llmbench.api import Context, Monitor, NoOptions
from llmbench.testing.monitor import MonitorConformance
from llmbench_plugins.monitors.apple import Apple, figures_in, gpus_in, read_ioreg

STATISTICS = {
    "Alloc system memory": 33285996544,
    "Allocated PB Size": 18446744071562067968,
    "Device Utilization %": 96,
    "In use system memory": 3 * 2**30,
    "In use system memory (driver)": 0,
    "Renderer Utilization %": 95,
    "Tiler Utilization %": 12,
    "recoveryCount": 1,
}
SILICON = {
    "IOClass": "AGXAcceleratorG13X",
    "IORegistryEntryName": "AGXAcceleratorG13X",
    "PerformanceStatistics": STATISTICS,
    "gpu-core-count": 16,
    "model": "Apple M1 Pro",
}
INTEL = {
    "IOClass": "IntelAccelerator",
    "PerformanceStatistics": {"Device Utilization %": 7},
    "model": b"Intel Iris Pro\x00",
}


def answer(*entries: Any) -> bytes:
    return plistlib.dumps(list(entries))


def test_utilisation_and_memory_are_read() -> None:
    found = figures_in(answer(SILICON))
    assert found == {"gpu0.utilization_percent": 96, "gpu0.memory_mb": 3072}
    assert gpus_in(answer(SILICON)) == [{"index": 0, "name": "Apple M1 Pro", "cores": 16}]


def test_several_gpus_and_missing_figures() -> None:
    found = figures_in(answer(INTEL, {"IOClass": "IOAcceleratorFamily"}, SILICON))
    assert found == {
        "gpu0.utilization_percent": 7,
        "gpu1.utilization_percent": 96,
        "gpu1.memory_mb": 3072,
    }
    assert [gpu["name"] for gpu in gpus_in(answer(INTEL, SILICON))] == ["Intel Iris Pro", "Apple M1 Pro"]


@pytest.mark.parametrize(
    "text", [b"", b"\n", b"nothing of the kind", answer(SILICON)[:300], answer(), answer({"model": "x"}, 7)]
)
def test_an_answer_without_figures_is_none(text: bytes) -> None:
    assert figures_in(text) == {}
    assert gpus_in(text) == []


def test_the_program_is_run(tmp_path: Path) -> None:
    (tmp_path / "answer").write_bytes(answer(SILICON))
    program = tmp_path / "ioreg"
    program.write_text(f'#!/bin/sh\necho "$@" > {tmp_path}/asked\ncat {tmp_path}/answer\n')
    program.chmod(0o755)
    assert figures_in(read_ioreg(str(program)))["gpu0.utilization_percent"] == 96
    assert (tmp_path / "asked").read_text().split() == ["-r", "-d", "1", "-a", "-c", "IOAccelerator"]
    assert read_ioreg(str(tmp_path / "nowhere")) == b""


class TestConformance(MonitorConformance):
    works_here = sys.platform == "darwin"

    def make_monitor(self, context: Context) -> Monitor:
        return Apple(NoOptions(), context)
