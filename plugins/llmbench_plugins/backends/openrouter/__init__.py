"""OpenRouter: pinned providers, prices and limits."""

from llmbench_plugins.backends.openrouter.backend import OpenRouter

__all__ = ["OpenRouter"]
