"""What servers are known to ignore of an agent's wishes, in the words of the option to change."""

from collections.abc import Iterator

from llmbench.api import Reasoning, Wish


def ignored_choice(wish: Wish, server: str) -> Iterator[str]:
    """Yield the complaint for a server that knows no ``tool_choice``."""
    if wish.tools and wish.tool_choice == "required":
        yield (
            f"agent.tool_choice=required: {server} ignores it; set agent.tool_choice=auto and "
            "agent.min_tool_calls=1, or agent.protocol=text"
        )


def ignored_cache(wish: Wish, server: str) -> Iterator[str]:
    """Yield the complaint for a server whose prompt cache can't be switched off."""
    if not wish.prompt_cache:
        yield f"agent.cache=false: {server} can't be told to leave its cache alone; set agent.cache=null"


def ignored_thinking(wish: Wish, profile: Reasoning, server: str, *, level: bool) -> Iterator[str]:
    """Yield the complaints for a server that is not told whether to think, nor (``level``) how much."""
    if wish.reasoning.enabled != profile.enabled:
        asked = str(wish.reasoning.enabled).lower()
        yield f"agent.think={asked}: {server} takes no switch for thinking in a request; set agent.think=null"
    if level and wish.reasoning.level != profile.level:
        yield (
            f"agent.think_level={wish.reasoning.level}: {server} is sent no level of thinking; "
            "set agent.think_level=null"
        )
