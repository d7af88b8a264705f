"""Whether the backend honours what the agent asks of it: an option is never silently without effect."""

from collections.abc import Callable

from llmbench.api import Agent, Backend
from llmbench.errors import ImpossibleError
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
