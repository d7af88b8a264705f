"""Parameters that a server refuses: which one it was, what the client does, and what a person can."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from llmbench_plugins.backends.shared.faults import Fault

LIMITS = ("max_tokens", "max_completion_tokens")
_NEEDLESS = ("stream_options", "parallel_tool_calls")
"""Left out where they are refused: they can't change an answer."""
_STATUSES = frozenset({400, 404, 422, 500, 501})
_ROLE = re.compile(r"system (?:role|messages?|prompts?)|role.{0,20}system|developer", re.IGNORECASE)
_TOO_LARGE = re.compile(r"too (?:large|high|big)|at most|maximum|exceed|less than|<=|above", re.IGNORECASE)
_TOO_SMALL = re.compile(
    r"at least|minimum|too (?:small|low)|greater than|larger than|>=|below", re.IGNORECASE
)
_LOWER = "lower model.reasoning.answer_tokens and model.reasoning.think_tokens"
_NO_FAULT_OF_A_FIELD = ("model", "messages", "stream")
_SAMPLER = {
    "temperature": "temperature",
    "top_p": "top_p",
    "top_k": "top_k",
    "min_p": "min_p",
    "presence_penalty": "presence_penalty",
    "frequency_penalty": "frequency_penalty",
    "repeat_penalty": "repeat_penalty",
    "repetition_penalty": "repeat_penalty",
    "stop": "stop",
}
"""Our names of the sampler's settings, by those that servers have for them."""


def refused_fields(fault: Fault, payload: Mapping[str, Any]) -> list[str]:
    """Return which fields of a request its refusal is about: those that it names, as it names them."""
    if fault.status not in _STATUSES:
        return []
    sent = [key for key in payload if key not in _NO_FAULT_OF_A_FIELD]
    named = [key for key in sent if key in fault.fields]
    return named or [key for key in sent if re.search(rf"(?<![\w-]){re.escape(key)}(?![\w-])", fault.message)]


def mended(fault: Fault, payload: Mapping[str, Any]) -> dict[str, str | None]:
    """Return by which name the server wants a refused field instead, or None to leave it out.

    Only what can't change a score is mended.
    """
    found: dict[str, str | None] = {}
    for key in refused_fields(fault, payload):
        if key in _NEEDLESS:
            found[key] = None
        elif key in LIMITS and not _is_about_size(fault):
            found[key] = next(other for other in LIMITS if other != key)
    return found


def cures(fault: Fault, payload: Mapping[str, Any]) -> Iterator[str]:
    """Yield what a person can set so that a refused request is no longer refused."""
    fields = refused_fields(fault, payload)
    for key in fields:
        if key in LIMITS and _is_about_size(fault):
            yield from () if _TOO_SMALL.search(fault.message) else (_LOWER,)
        elif key not in _NEEDLESS:
            yield f"the server refuses '{key}': {_cure(key)}"
    roles = {message.get("role") for message in payload.get("messages", ())}
    if not fields and "system" in roles and fault.status in _STATUSES and _ROLE.search(fault.message):
        yield "the server takes no system message: leave it out with agent.system=''"


def _is_about_size(fault: Fault) -> bool:
    return bool(_TOO_SMALL.search(fault.message) or _TOO_LARGE.search(fault.message))


def _cure(key: str) -> str:
    if key in _SAMPLER:
        name = _SAMPLER[key]
        return (
            f"leave it out with sampling.{name}=null (model.sampling.{name}=null where the profile sets it)"
        )
    if key == "seed":
        return "leave it out with seed=null"
    if key in LIMITS:
        return (
            "name it otherwise with backend.max_tokens_key, or leave it out with backend.max_tokens_key=null"
        )
    if key in ("tools", "tool_choice"):
        return "set agent.protocol=text"
    return f"leave it out with backend.extra_body.{key}=null"
