"""NVIDIA's GPUs, through NVML."""

from llmbench_plugins.monitors.nvidia.monitor import Nvidia

__all__ = ["Nvidia"]
