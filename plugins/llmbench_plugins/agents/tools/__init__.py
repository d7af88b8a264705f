"""A model that calls tools, by its server's protocol or in plain text."""

from llmbench_plugins.agents.tools.agent import Tools

__all__ = ["Tools"]
