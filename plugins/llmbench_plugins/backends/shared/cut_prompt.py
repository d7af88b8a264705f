"""Prompts that a server cut in silence, found by the number of tokens that it says it read."""

from llmbench.api import Completion, Request
from llmbench.errors import ContextOverflowError
from llmbench_plugins.backends.shared.foreign import dumps

_MOST_CHARACTERS_A_TOKEN = 8
"""No tokenizer packs more of code or prose into a token, taken over a whole prompt."""


def refuse_cut_prompt(
    request: Request, completion: Completion, *, context: int, server: str, cure: str
) -> None:
    """Refuse an answer to a part of the prompt only.

    Raises:
        ContextOverflowError: the server read fewer tokens than the prompt can have.
    """
    seen = completion.usage.prompt_tokens or 0
    least = least_tokens(request)
    # Some servers leave cached tokens out of the count: a small one proves nothing.
    if context // 4 <= seen < least:
        raise ContextOverflowError(
            f"{server} read {seen} tokens of a prompt of {least} or more: it cut the prompt in silence; "
            f"{cure}",
            raw=dumps(completion.raw),
        )


def least_tokens(request: Request) -> int:
    """Return a number of tokens that the messages have for sure."""
    return sum(len(message.content) for message in request.messages) // _MOST_CHARACTERS_A_TOKEN
