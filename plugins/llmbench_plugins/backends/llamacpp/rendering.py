"""What a llama.cpp server makes of messages: its template's text, and the token that it puts before it."""

from collections.abc import Mapping
from typing import Any

import msgspec

from llmbench.api import Rendered
from llmbench_plugins.backends.shared.faults import RefusedError
from llmbench_plugins.backends.shared.foreign import count, mapping, whole_text, word
from llmbench_plugins.backends.shared.http import Endpoint, read_object

_NO_SUCH_PAGE = (404, 405)
_ANY_TEXT = "a"


async def render(endpoint: Endpoint, payload: Mapping[str, Any]) -> Rendered | None:
    """Return what the template makes of the body of a chat completion; None from a build without such a page.

    Raises:
        BackendError: the template refuses it.
    """
    prompt = (await _told(endpoint, "/apply-template", payload)).get("prompt")
    if not isinstance(prompt, str):
        return None
    adds_bos, bos = await _beginning(endpoint)
    return Rendered(text=whole_text(prompt), adds_bos=adds_bos, bos=bos)


async def _beginning(endpoint: Endpoint) -> tuple[bool | None, str]:
    """Return whether a prompt gets a token put before it, and which.

    The template's text does not show it: the server takes it off there where its tokenizer adds it again.
    """
    plain = await _tokens(endpoint, special=False)
    whole = await _tokens(endpoint, special=True)
    if not plain or not whole:
        return None, ""
    if _number(whole[0]) == _number(plain[0]):
        return False, ""
    return True, word(mapping(whole[0]).get("piece"))


async def _tokens(endpoint: Endpoint, *, special: bool) -> list[Any]:
    asked = {"content": _ANY_TEXT, "add_special": special, "with_pieces": True}
    tokens = (await _told(endpoint, "/tokenize", asked)).get("tokens")
    return tokens if isinstance(tokens, list) else []


def _number(token: object) -> int | None:
    """Return a token's number; older builds give that alone."""
    return count(token.get("id") if isinstance(token, dict) else token)


async def _told(endpoint: Endpoint, path: str, asked: Mapping[str, Any]) -> Mapping[str, Any]:
    try:
        return await endpoint.post(path, msgspec.json.encode(asked), read_object)
    except RefusedError as error:
        if error.status in _NO_SUCH_PAGE:
            return {}
        raise
