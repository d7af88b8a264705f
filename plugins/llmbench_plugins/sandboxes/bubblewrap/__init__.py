"""Namespaces of the kernel, by bubblewrap."""

from llmbench_plugins.sandboxes.bubblewrap.sandbox import Bubblewrap

__all__ = ["Bubblewrap"]
