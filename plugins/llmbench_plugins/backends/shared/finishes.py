"""Why an answer ended, in the words of all servers: which finish is meant, and which failure."""

import re
from collections.abc import Mapping

from llmbench.api import Finish
from llmbench_plugins.backends.shared.foreign import word

_PREFIX = re.compile(r"^.*\.|^finish_?reason_|^stop_?reason_", re.IGNORECASE)
_WORDS = {
    Finish.STOP: (
        *("stop", "eos", "eos_token", "eos_found", "end_of_text", "end_turn", "end_of_turn"),
        *("stop_sequence", "stop_string", "stop_string_found", "stop_token", "stop_word", "complete"),
    ),
    Finish.LENGTH: (
        *("length", "max_tokens", "max_token", "max_length", "max_new_tokens", "max_output_tokens"),
        *("max_completion_tokens", "max_predicted_tokens_reached", "model_length", "token_limit"),
        *("context_length_reached", "model_context_window_exceeded", "context_window_exceeded"),
        *("context_length_exceeded", "context_limit"),
    ),
    Finish.TOOL_CALLS: (
        *("tool_calls", "tool_call", "tool_use", "function_call", "function_calls"),
        # Gemini's words for calls of the model's that it could not take.
        *("malformed_function_call", "unexpected_tool_call", "too_many_tool_calls"),
    ),
    Finish.CONTENT_FILTER: (
        *("content_filter", "content_filtered", "safety", "sensitive", "recitation", "blocklist"),
        *("prohibited_content", "spii", "image_safety", "language", "refusal", "guardrail_intervened"),
        *("error_toxic", "moderation", "model_armor", "content_policy_violation"),
    ),
}
_FAILED = (
    *("error", "failed", "failure", "abort", "aborted", "cancel", "cancelled", "canceled", "user_cancel"),
    *("user_stopped", "model_unloaded", "load", "unload", "timeout", "timed_out", "deadline_exceeded"),
    *("network_error", "connection_error", "server_error", "internal_error", "api_error", "error_limit"),
    *("insufficient_system_resource", "overloaded", "engine_overloaded", "disconnect", "disconnected"),
    *(
        "resource_exhausted",
        "rate_limit_exceeded",
        "interrupted",
        "shutdown",
        "rate_limit",
        "insufficient_quota",
        "unavailable",
        "exception",
    ),
)


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


_KNOWN = {_plain(name): finish for finish, names in _WORDS.items() for name in names}
_FAULTS = frozenset(map(_plain, _FAILED))


def finish_word(reason: object) -> str:
    """Return a finish reason as text; some servers send an object with a ``type``."""
    if not reason:
        return ""
    return word(reason.get("type") if isinstance(reason, Mapping) else reason).strip()


def finish_of(reason: str) -> Finish | None:
    """Return what a server's word means, in whatever case and spelling; None for a word that nobody knows."""
    return _KNOWN.get(_bare(reason))


def is_fault(reason: str) -> bool:
    """Say whether a word means that the server gave the answer up: that is no doing of the model's."""
    return _bare(reason) in _FAULTS


def _bare(reason: str) -> str:
    return _plain(_PREFIX.sub("", reason))
