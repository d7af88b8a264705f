"""The agent of a run, with the tools that its options name."""

from llmbench.api import Agent, AgentContext, Context, ModelProfile, Tool
from llmbench.registry import load
from llmbench.runner.spec import RunSpec


def make_agent(spec: RunSpec, context: Context) -> Agent:
    """Make the agent; its tools come with the context.

    Raises:
        UsageError: its options contradict each other or its tools.
    """
    tools: dict[str, Tool] = {
        part.name: load("tool", part.name)(part.options, context) for part in spec.tools
    }
    agent: Agent = load("agent", spec.agent.name)(spec.agent.options, AgentContext.of(context, tools))
    return agent


def answers_are_known(agent: Agent, model: ModelProfile) -> bool:
    """Say whether all code that will run is known beforehand, so that it may run without isolation."""
    return agent.trusted or (model.trusted and not agent.adds_code)
