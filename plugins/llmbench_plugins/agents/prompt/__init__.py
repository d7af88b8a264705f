"""One prompt, one answer, files taken from its text."""

from llmbench_plugins.agents.prompt.agent import Prompt

__all__ = ["Prompt"]
