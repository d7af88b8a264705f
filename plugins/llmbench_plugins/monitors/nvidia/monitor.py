"""Monitor ``nvidia``: what NVIDIA's GPUs do, as their management library (NVML) tells it."""

import ctypes
import importlib.util
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from llmbench.api import Context, Monitor, Watched, option
from llmbench.api.extras import installing
from llmbench_plugins.monitors.nvidia.nvml import Gpu, GpuLost

_LIBRARY = "libnvidia-ml.so.1"
_VISIBLE = "CUDA_VISIBLE_DEVICES"


@dataclass(frozen=True, slots=True, kw_only=True)
class NvidiaOptions:
    """Options of the monitor ``nvidia``."""

    devices: Annotated[
        tuple[int, ...],
        option(help="GPUs as nvidia-smi counts them; []: those that CUDA_VISIBLE_DEVICES names, or all"),
    ] = ()


class Nvidia(Monitor):
    """NVIDIA's GPUs: utilisation, memory, power, energy, temperature, throttling."""

    Options = NvidiaOptions
    options: NvidiaOptions

    def __init__(self, options: NvidiaOptions, context: Context) -> None:
        super().__init__(options, context)
        self._nvml: Any = None
        self._gpus: list[Gpu] = []
        self._described: dict[str, Any] = {}
        self._lost: dict[str, str] = {}

    def unavailable(self) -> str:
        """Return why there is no GPU of NVIDIA to be seen here."""
        try:
            ctypes.CDLL(_LIBRARY)
        except OSError:
            return f"no NVIDIA driver here ({_LIBRARY} is not found)"
        if importlib.util.find_spec("pynvml") is None:
            return f"needs the package nvidia-ml-py: {installing('nvidia')}"
        return self._start()

    def open(self, server: Watched) -> str:
        """Take the GPUs that the server may use."""
        if reason := self._start():
            return reason
        nvml, found = self._nvml, []
        for index in range(nvml.nvmlDeviceGetCount()):
            try:
                found.append(Gpu(nvml, index))
            except nvml.NVMLError as error:
                self._lost[f"gpu{index}"] = str(error)
        self._gpus = self._chosen(found)
        if not self._gpus:
            return f"no GPU is left of {len(found)}: {self._limit()}" if found else self._none()
        self._described = {
            "driver": nvml.nvmlSystemGetDriverVersion(),
            "gpus": [gpu.described for gpu in self._gpus],
        }
        self.sample()  # finds out what the GPUs do not tell
        return ""

    def sample(self) -> Mapping[str, float]:
        """Return what every GPU tells; one that falls off the bus is named once and left out from then on."""
        figures: dict[str, float] = {}
        for gpu in tuple(self._gpus):
            try:
                figures.update(gpu.read())
            except GpuLost as error:
                self._gpus.remove(gpu)
                self._lost[f"gpu{gpu.index}"] = str(error)
                self.context.warn(f"GPU {gpu.index} is lost ({error}): it is not measured any more")
        return figures

    def describe(self) -> Mapping[str, Any]:
        """Return the driver's version and the GPUs, with what they do not tell."""
        missing = {name: reason for gpu in self._gpus for name, reason in gpu.missing.items()}
        return {**self._described, "not_measured": missing | self._lost}

    def close(self) -> None:
        """Let go of the library."""
        if self._nvml is not None:
            nvml, self._nvml, self._gpus = self._nvml, None, []
            try:
                nvml.nvmlShutdown()
            except nvml.NVMLError:
                return

    def _start(self) -> str:
        if self._nvml is not None:
            return ""
        # A tenth of a second to import: only where there is a driver.
        import pynvml

        try:
            pynvml.nvmlInit()
        except pynvml.NVMLError as error:
            return f"NVIDIA's management library does not start: {error}"
        self._nvml = pynvml
        return ""

    def _chosen(self, found: list[Gpu]) -> list[Gpu]:
        if self.options.devices:
            return [gpu for gpu in found if gpu.index in self.options.devices]
        words = self.context.secrets.get(_VISIBLE)
        if words is None:
            return found
        asked = [word.strip() for word in words.split(",")]
        if any(word.startswith("MIG-") for word in asked):
            return found  # part of a GPU: only the whole one can be read
        return [gpu for gpu in found if str(gpu.index) in asked or _is_named(gpu, asked)]

    def _limit(self) -> str:
        if self.options.devices:
            return f"monitor_options.nvidia.devices={list(self.options.devices)}"
        return f"{_VISIBLE}={self.context.secrets.get(_VISIBLE)}"

    def _none(self) -> str:
        return (
            "; ".join(f"{name}: {reason}" for name, reason in self._lost.items()) or "the driver knows no GPU"
        )


def _is_named(gpu: Gpu, asked: list[str]) -> bool:
    """Say whether a GPU is named by the beginning of its UUID, as CUDA allows."""
    return any(word.startswith("GPU-") and gpu.uuid.startswith(word) for word in asked)
