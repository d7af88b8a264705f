"""What questions may cost at most, before they are asked."""

from collections.abc import Sequence

from llmbench.api import Backend, Priced, Prices, Request, Task
from llmbench.errors import LlmbenchError
from llmbench.runner.plan import Item
from llmbench.runner.spec import RunSpec

_LEAST_CHARACTERS_A_TOKEN = 2
"""Code has three or four on average: half of that is on the safe side."""
_AGENTS_WORDS = 4000
"""Characters that an agent may add to a task by itself."""


def most_usd(prices: Prices, *, characters: int, max_tokens: int) -> float:
    """Return what one question of so many characters may cost at most."""
    prompt = prices.prompt_usd * characters / _LEAST_CHARACTERS_A_TOKEN
    return prices.request_usd + prompt + prices.completion_usd * max_tokens


def most_usd_of(prices: Prices, request: Request) -> float:
    """Return what a request may cost at most."""
    written = [message.content + message.reasoning for message in request.messages]
    called = [call.raw for message in request.messages for call in message.tool_calls]
    tools = [str(tool.parameters) + tool.description for tool in request.tools]
    characters = sum(map(len, (*written, *called, *tools)))
    return most_usd(prices, characters=characters, max_tokens=request.max_tokens)


async def prices_of(backend: Backend | None) -> Prices | None:
    """Return what a backend's tokens cost; None where they cost nothing or it does not say."""
    return await backend.prices() if isinstance(backend, Priced) else None


def estimate(spec: RunSpec, todo: Sequence[Item], prices: Prices) -> str:
    """Return a line that says what the samples of ``todo`` cost at most, if each try asks one question."""
    total = sum(_most_of_sample(spec, prices, _characters(item.task)) for item in todo)
    tries = "" if spec.tries == 1 else f", {spec.tries} tries each"
    return (
        f"at most ${total:.2f} for {len(todo)} samples{tries}, at ${1e6 * prices.prompt_usd:.3g} a million "
        f"tokens in and ${1e6 * prices.completion_usd:.3g} out, if each try asks one question and every "
        "answer uses all of its tokens; agents that call tools ask more often"
    )


async def estimate_or_why_not(spec: RunSpec, todo: Sequence[Item], backend: Backend | None) -> str | None:
    """Return the estimate, or why there is none; None where the backend has no prices."""
    try:
        prices = await prices_of(backend)
    except LlmbenchError as error:
        return f"what it would cost is not known: {error}"
    return None if prices is None else estimate(spec, todo, prices)


def _characters(task: Task) -> int:
    """Return how long a first question about a task may be; no agent is asked, for it might begin to work."""
    starter = sum(len(path) + len(content) for path, content in task.workspace.items())
    return _AGENTS_WORDS + len(task.instructions) + starter


def _most_of_sample(spec: RunSpec, prices: Prices, characters: int) -> float:
    """Return the cost of all tries of one sample: each reads what was said in the tries before it."""
    longest = spec.model.reasoning.max_tokens
    total = 0.0
    for number in range(spec.tries):
        total += most_usd(prices, characters=characters, max_tokens=longest)
        total += prices.prompt_usd * longest * number
    return total
