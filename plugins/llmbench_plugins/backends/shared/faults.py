"""Faults that OpenAI-compatible servers report, in all the shapes they come in, as our errors."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from llmbench.errors import BackendError, ContextOverflowError, ProtocolError

BUSY = frozenset({429, 502, 503, 504, 529})
"""Statuses after which the same request may succeed a little later."""

_OVERFLOW_KINDS = frozenset({"exceed_context_size_error", "context_length_exceeded"})
_OVERFLOW = re.compile(
    r"maximum context length|context (?:size|length|window)[^.]*exceed"
    r"|exceed[^.]*context (?:size|length|window)",
    re.IGNORECASE,
)
_UNREADABLE = re.compile(
    r"failed to parse input|does not match the expected .* format|error parsing tool call", re.IGNORECASE
)
_NO_TOOLS = re.compile(
    r"does not support tools|tools? (?:param|choice) requires|support tool use", re.IGNORECASE
)
"""How servers (Ollama, llama.cpp, vLLM, OpenRouter) say that they can't take tools as they stand."""
_SHOWN_CHARACTERS = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """An error as the server told it."""

    status: int
    message: str
    kinds: frozenset[str] = frozenset()
    """Its type, its code, and the finer type that some routers add."""
    raw: str = ""

    @property
    def busy(self) -> bool:
        """Whether asking again later may help."""
        return self.status in BUSY


class BusyError(BackendError):
    """The server can't answer now; ``retry_after_s`` is how long it asked us to wait."""

    def __init__(self, message: str, *, raw: str, status: int, retry_after_s: float | None = None) -> None:
        super().__init__(message, raw=raw)
        self.status = status
        self.retry_after_s = retry_after_s


class BrokenOffError(ProtocolError):
    """The connection ended in the middle of an answer."""


class RefusedError(BackendError):
    """The server refused this very request (4xx); ``status`` says how."""

    def __init__(self, message: str, *, raw: str, status: int) -> None:
        super().__init__(message, raw=raw)
        self.status = status


def fault_in(body: object) -> Fault | None:
    """Return the fault that a decoded body of HTTP 200 or an event of a stream reports, or None."""
    if not isinstance(body, Mapping):
        return None
    error = body.get("error")
    choices = body.get("choices") or [{}]
    if not error and isinstance(choices, list) and isinstance(choices[0], Mapping):
        error = choices[0].get("error")
        if not error and choices[0].get("finish_reason") == "error":
            error = "the server ended the answer with finish reason 'error'"
    return _fault(200, error, _text(body)) if error else None


def fault_of(status: int, body: bytes) -> Fault:
    """Return the fault of a response whose status is not 200."""
    raw = body.decode("utf-8", errors="replace")
    try:
        decoded = msgspec.json.decode(body)
    except msgspec.DecodeError:
        return Fault(status=status, message=raw.strip(), raw=raw)
    error = decoded.get("error", decoded) if isinstance(decoded, Mapping) else decoded
    return _fault(status, error, raw)


def error_of(fault: Fault, *, url: str, retry_after_s: float | None = None) -> BackendError:
    """Return the error that a fault means: overflow, unreadable answer, busy, refused, or broken."""
    message = fault.message if len(fault.message) <= _SHOWN_CHARACTERS else f"{fault.message[:500]}…"
    text = f"{url} answered {fault.status}: {message or 'nothing more'}"
    if fault.kinds & _OVERFLOW_KINDS or _OVERFLOW.search(fault.message):
        return ContextOverflowError(text, raw=fault.raw)
    if _UNREADABLE.search(fault.message) or _NO_TOOLS.search(fault.message):
        return ProtocolError(text, raw=fault.raw)
    if fault.busy:
        return BusyError(text, raw=fault.raw, status=fault.status, retry_after_s=retry_after_s)
    if 400 <= fault.status < 500:
        return RefusedError(text, raw=fault.raw, status=fault.status)
    return BackendError(text, raw=fault.raw)


def _fault(status: int, error: Any, raw: str) -> Fault:
    if not isinstance(error, Mapping):
        return Fault(status=status, message=_text(error), raw=raw)
    metadata = error.get("metadata")
    finer = metadata.get("error_type") if isinstance(metadata, Mapping) else None
    code = error.get("code")
    sizes = [f"{key}={error[key]}" for key in ("n_prompt_tokens", "n_ctx") if key in error]
    message = _text(error.get("message") or error.get("detail") or error)
    return Fault(
        status=code if status == 200 and isinstance(code, int) else status,
        message=f"{message} ({', '.join(sizes)})" if sizes else message,
        kinds=frozenset(str(kind) for kind in (error.get("type"), code, finer) if kind),
        raw=raw,
    )


def _text(value: object) -> str:
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()
