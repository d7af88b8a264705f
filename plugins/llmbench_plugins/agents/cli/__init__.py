"""An outside agent: a command that changes files, and the model's endpoint for it."""

from llmbench_plugins.agents.cli.agent import Cli

__all__ = ["Cli"]
