"""A task's own command, beside an answer in another box."""

from llmbench_plugins.validators.command.validator import Command

__all__ = ["Command"]
