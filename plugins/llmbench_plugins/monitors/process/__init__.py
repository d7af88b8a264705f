"""The server's processes."""

from llmbench_plugins.monitors.process.monitor import Process

__all__ = ["Process"]
