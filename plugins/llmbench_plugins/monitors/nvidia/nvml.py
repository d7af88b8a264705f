"""One GPU as NVIDIA's management library (NVML) sees it. What it refuses once is not asked again."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

_MEGA = 2**20
_HEAT = 0x20 | 0x40
"""Bits of NVML's reasons for lower clocks: thermal slowdown by software, and by hardware."""
_POWER = 0x04 | 0x80
"""The power cap, and the external power brake."""
_SLOWDOWN = 0x08
"""A slowdown by hardware; older boards do not say whether for heat or for power."""


class GpuLost(Exception):
    """The GPU has fallen off the bus, or its driver has."""


class Gpu:
    """A GPU that is watched."""

    def __init__(self, nvml: Any, index: int) -> None:
        """Take the GPU of that number, as ``nvidia-smi`` counts."""
        self._nvml = nvml
        self._handle = nvml.nvmlDeviceGetHandleByIndex(index)
        self.index = index
        self.uuid = _text(nvml.nvmlDeviceGetUUID(self._handle))
        self._missing: dict[str, str] = {}
        self._figures: dict[str, Callable[[], Mapping[str, float]]] = {
            "utilization_percent": self._utilization,
            "memory_mb": self._memory,
            "power_w": self._power,
            "energy_j": self._energy,
            "temperature_c": self._temperature,
            "throttled": self._throttled,
        }

    @property
    def described(self) -> dict[str, Any]:
        """What it is, and what it does not tell."""
        found = {"index": self.index, "name": self._told("nvmlDeviceGetName"), "memory_mb": self._total_mb()}
        found["power_limit_w"] = self._told("nvmlDeviceGetEnforcedPowerLimit", scale=1000)
        found["mig"] = self._mig()
        return {key: value for key, value in found.items() if value is not None}

    @property
    def missing(self) -> dict[str, str]:
        """Why figures are not measured, by name."""
        return {f"gpu{self.index}.{name}": reason for name, reason in self._missing.items()}

    def read(self) -> Iterator[tuple[str, float]]:
        """Yield name and value of each figure that the GPU tells.

        Raises:
            GpuLost: it is not there any more.
        """
        for name, ask in self._figures.items():
            if name not in self._missing:
                for quantity, value in self._asked(name, ask).items():
                    yield f"gpu{self.index}.{quantity}", value

    def _asked(self, name: str, ask: Callable[[], Mapping[str, float]]) -> Mapping[str, float]:
        nvml = self._nvml
        try:
            return ask()
        except (
            nvml.NVMLError_NotSupported,
            nvml.NVMLError_NoPermission,
            nvml.NVMLError_FunctionNotFound,
        ) as error:
            self._missing[name] = str(error)
        except (nvml.NVMLError_GpuIsLost, nvml.NVMLError_Uninitialized) as error:
            raise GpuLost(str(error)) from None
        except nvml.NVMLError:
            return {}  # a passing trouble: this reading is without it
        return {}

    def _utilization(self) -> Mapping[str, float]:
        return {"utilization_percent": self._nvml.nvmlDeviceGetUtilizationRates(self._handle).gpu}

    def _memory(self) -> Mapping[str, float]:
        return {"memory_mb": self._nvml.nvmlDeviceGetMemoryInfo(self._handle).used / _MEGA}

    def _power(self) -> Mapping[str, float]:
        return {"power_w": self._nvml.nvmlDeviceGetPowerUsage(self._handle) / 1000}

    def _energy(self) -> Mapping[str, float]:
        return {"energy_j": self._nvml.nvmlDeviceGetTotalEnergyConsumption(self._handle) / 1000}

    def _temperature(self) -> Mapping[str, float]:
        sensor = self._nvml.NVML_TEMPERATURE_GPU
        return {"temperature_c": self._nvml.nvmlDeviceGetTemperature(self._handle, sensor)}

    def _throttled(self) -> Mapping[str, float]:
        """Return 0 or 100, so that the mean is the share of time."""
        reasons = self._nvml.nvmlDeviceGetCurrentClocksThrottleReasons(self._handle)
        power = bool(reasons & _POWER)
        heat = bool(reasons & _HEAT) or bool(reasons & _SLOWDOWN and not power)
        return {"throttled_heat_percent": 100.0 * heat, "throttled_power_percent": 100.0 * power}

    def _total_mb(self) -> int | None:
        info = self._told("nvmlDeviceGetMemoryInfo")
        return None if info is None else info.total // _MEGA

    def _mig(self) -> bool | None:
        mode = self._told("nvmlDeviceGetMigMode")
        return None if mode is None else bool(mode[0])

    def _told(self, function: str, *, scale: int = 0) -> Any:
        try:
            value = getattr(self._nvml, function)(self._handle)
        except self._nvml.NVMLError:
            return None
        return _text(value) if isinstance(value, bytes) else value / scale if scale else value


def _text(value: str | bytes) -> str:
    # Older versions of the bindings give bytes.
    return value.decode(errors="replace") if isinstance(value, bytes) else value
