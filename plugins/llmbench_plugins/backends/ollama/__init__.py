"""Ollama: its own API, a server that runs or one of ours."""

from llmbench_plugins.backends.ollama.backend import Ollama

__all__ = ["Ollama"]
