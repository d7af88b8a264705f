"""Anthropic's Messages API: Claude, with thinking, tool calls and prices."""

from llmbench_plugins.backends.anthropic.backend import Anthropic

__all__ = ["Anthropic"]
