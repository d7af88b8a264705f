"""LM Studio: loads and unloads its models."""

from llmbench_plugins.backends.lmstudio.backend import LmStudio

__all__ = ["LmStudio"]
