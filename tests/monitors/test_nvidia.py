"""The monitor ``nvidia``, with the real bindings over a library that plays NVML and its faults."""

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest

from llmbench.api import Context
from llmbench_plugins.monitors.nvidia.monitor import Nvidia, NvidiaOptions

Watch = Callable[..., Any]


def test_two_gpus_tell_what_they_do(watch: Watch) -> None:
    found = watch()
    assert (found["unavailable"], found["reason"], found["warnings"]) == ("", "", [])
    last = found["readings"][-1]
    assert last["gpu0.utilization_percent"] == 60
    assert (last["gpu0.memory_mb"], last["gpu1.memory_mb"]) == (1024, 2048)
    assert (last["gpu0.power_w"], last["gpu1.power_w"]) == (100, 200)
    energy = [reading["gpu0.energy_j"] for reading in found["readings"]]
    assert [later - sooner for sooner, later in pairwise(energy)] == [10, 10]
    assert last["gpu0.temperature_c"] > 50
    assert (last["gpu0.throttled_heat_percent"], last["gpu0.throttled_power_percent"]) == (0, 0)
    assert (last["gpu1.throttled_heat_percent"], last["gpu1.throttled_power_percent"]) == (0, 100)


def test_what_the_gpus_are_is_described(watch: Watch) -> None:
    described = watch()["described"]
    assert described["driver"] == "999.1"
    assert described["gpus"] == [
        {
            "index": 0,
            "name": "Pretended GPU 0",
            "memory_mb": 8192,
            "power_limit_w": 350.0,
            "mig": False,
        },
        {"index": 1, "name": "Pretended GPU 1", "memory_mb": 8192, "power_limit_w": 350.0},
    ]
    assert described["not_measured"] == {}


def test_a_split_gpu_tells_no_utilisation_and_nobody_makes_it_zero(watch: Watch) -> None:
    found = watch("mig")
    assert all("gpu0.utilization_percent" not in reading for reading in found["readings"])
    assert found["readings"][0]["gpu1.utilization_percent"] == 35
    assert found["described"]["gpus"][0]["mig"] is True
    assert found["described"]["not_measured"] == {"gpu0.utilization_percent": "Not Supported"}


def test_a_gpu_without_a_counter_still_tells_its_power(watch: Watch) -> None:
    found = watch("old")
    assert "gpu0.energy_j" not in found["readings"][0]
    assert found["readings"][0]["gpu0.power_w"] == 100
    assert set(found["described"]["not_measured"]) == {"gpu0.energy_j", "gpu1.energy_j"}


def test_a_gpu_that_falls_off_the_bus_is_named_once_and_the_other_goes_on(watch: Watch) -> None:
    found = watch("lost", readings=6)
    assert found["warnings"] == ["GPU 1 is lost (GPU is lost): it is not measured any more"]
    assert "gpu1.power_w" in found["readings"][0]
    assert not any(name.startswith("gpu1") for name in found["readings"][-1])
    assert found["readings"][-1]["gpu0.power_w"] == 100
    assert found["described"]["not_measured"] == {"gpu1": "GPU is lost"}


def test_a_passing_fault_costs_one_reading(watch: Watch) -> None:
    powers = [reading.get("gpu0.power_w") for reading in watch("flaky", readings=4)["readings"]]
    assert powers.count(None) == 2
    assert powers.count(100) == 2


def test_slowdown_by_heat_is_told(watch: Watch) -> None:
    reading = watch("brake")["readings"][0]
    assert (reading["gpu0.throttled_heat_percent"], reading["gpu0.throttled_power_percent"]) == (100, 0)


@pytest.mark.parametrize(
    ("devices", "visible", "seen"),
    [
        ((), None, {"gpu0", "gpu1"}),
        ((), "1", {"gpu1"}),
        ((), " 0 , 1", {"gpu0", "gpu1"}),
        ((), "GPU-1111", {"gpu1"}),
        ((), "MIG-aaaa", {"gpu0", "gpu1"}),
        ((0,), "1", {"gpu0"}),
    ],
)
def test_only_gpus_that_the_server_may_use(
    watch: Watch, devices: tuple[int, ...], visible: str | None, seen: set[str]
) -> None:
    more = {} if visible is None else {"CUDA_VISIBLE_DEVICES": visible}
    reading = watch(readings=1, devices=devices, **more)["readings"][0]
    assert {name.partition(".")[0] for name in reading} == seen


@pytest.mark.parametrize(
    ("devices", "visible", "reason"),
    [
        ((), "", "no GPU is left of 2: CUDA_VISIBLE_DEVICES="),
        ((), "-1", "no GPU is left of 2: CUDA_VISIBLE_DEVICES=-1"),
        ((5,), "0", "no GPU is left of 2: monitor_options.nvidia.devices=[5]"),
    ],
)
def test_no_gpu_is_left(watch: Watch, devices: tuple[int, ...], visible: str, reason: str) -> None:
    assert watch(devices=devices, CUDA_VISIBLE_DEVICES=visible)["reason"] == reason


def test_a_driver_that_does_not_start_is_a_reason(watch: Watch) -> None:
    reason = watch("noinit")["unavailable"]
    assert reason == "NVIDIA's management library does not start: Driver Not Loaded"


def test_a_machine_without_a_driver_says_so(context: Context) -> None:
    reason = Nvidia(NvidiaOptions(), context).unavailable()
    assert reason == "" or "libnvidia-ml.so.1" in reason or "management library" in reason
