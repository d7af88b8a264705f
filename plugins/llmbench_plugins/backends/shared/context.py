"""How many tokens of context a server has: OpenAI's protocol has no word for it, so each has its own."""

from collections.abc import Mapping
from typing import Any

from llmbench_plugins.backends.shared.foreign import count, mapping, section, word
from llmbench_plugins.backends.shared.http import Endpoint


async def context_of(endpoint: Endpoint, entry: Mapping[str, Any]) -> int | None:
    """Return the context of a model, given its entry in ``/v1/models``; None where nobody tells.

    vLLM and SGLang tell in the entry itself, TabbyAPI in the card of the loaded model, KoboldCpp beside
    ``/v1``.
    """
    if found := count(entry.get("max_model_len")):
        return found
    owner = word(entry.get("owned_by"))
    if owner == "tabbyAPI":
        card = mapping(await endpoint.get_json("/model"))
        return count(section(card, "parameters").get("max_seq_len"))
    if owner == "koboldcpp":
        base = endpoint.url.removesuffix("/v1")
        return count(
            mapping(await endpoint.get_json("/api/extra/true_max_context_length", base=base)).get("value")
        )
    return None
