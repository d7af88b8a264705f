"""Tests of a task's own: by a command of the task, or in its own language."""

from llmbench_plugins.validators.command.validator import Command

__all__ = ["Command"]
