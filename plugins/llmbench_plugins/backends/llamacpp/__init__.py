"""llama.cpp: embedded, a binary, a container, or a server that runs already."""

from llmbench_plugins.backends.llamacpp.backend import LlamaCpp

__all__ = ["LlamaCpp"]
