"""Whether the backend honours what the agent asks of it: an option is never silently without effect."""

from collections.abc import Callable

from llmbench.api import PROBE, Agent, Backend, Message, Request, ToolSpec, Wish
from llmbench.errors import ImpossibleError, UsageError
from llmbench.runner.spec import RunSpec


def refuse_ignored(spec: RunSpec, agent: Agent, backend: Callable[[], Backend]) -> None:
    """Refuse a run whose agent wants something that the backend would ignore.

    Raises:
        ImpossibleError: naming each option, and what to do.
    """
    wish = agent.wish(spec.model) if agent.asks_model else None
    ignored = backend().ignores(wish) if wish is not None else ()
    if ignored:
        raise ImpossibleError(f"backend '{spec.backend.name}' can't honour this agent: {'; '.join(ignored)}")


def refuse_misnamed(spec: RunSpec) -> None:
    """Refuse to ask a model that is not the one named.

    Raises:
        UsageError: saying what to say instead.
    """
    if spec.misnamed:
        raise UsageError(spec.misnamed)


def probe_of(spec: RunSpec, agent: Agent) -> Request:
    """Return a small question with all the settings of an agent's: what a server refuses is known at once."""
    wish = agent.wish(spec.model) or Wish(reasoning=spec.model.reasoning)
    system = (Message("system", "Be brief."),) if wish.system else ()
    tool = ToolSpec(
        name="ready", description="Say that you are ready.", parameters={"type": "object", "properties": {}}
    )
    return Request(
        messages=(*system, *PROBE.messages),
        max_tokens=PROBE.max_tokens,
        sampling=spec.sampling,
        reasoning=wish.reasoning,
        seed=spec.seed,
        tools=(tool,) if wish.tools else (),
        tool_choice=wish.tool_choice if wish.tools else "auto",
        prompt_cache=wish.prompt_cache and spec.prompt_cache,
    )
