"""Stored answers, given back."""

from llmbench_plugins.backends.replay.backend import Replay

__all__ = ["Replay"]
