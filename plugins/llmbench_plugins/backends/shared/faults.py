"""Faults that OpenAI-compatible servers report, in all the shapes they come in, as our errors."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from llmbench.errors import BackendError, ContextOverflowError, ProtocolError
from llmbench_plugins.backends.shared.foreign import NotJson, count, dumps, entries, loads, mapping, word
from llmbench_plugins.backends.shared.overflow import is_overflow

BUSY = frozenset({408, 429, 502, 503, 504, 520, 521, 522, 523, 524, 529})
"""Statuses after which the same request may succeed a little later."""

_STATUSES = {"rate_limit": 429, "too_many_requests": 429, "resource_exhausted": 429, "overloaded": 503}
"""What kinds mean where no status is told."""
_UNREADABLE = re.compile(
    r"failed to parse input|does not match the expected .* format|error parsing tool call", re.IGNORECASE
)
_NO_TOOLS = re.compile(
    r"does not support tools|tools? (?:param|choice) requires|support tool use", re.IGNORECASE
)
"""How servers (Ollama, llama.cpp, vLLM, OpenRouter) say that they can't take tools as they stand."""
_AGAIN = re.compile(r"try again|retry your request|temporar|sorry about that|overloaded", re.IGNORECASE)
"""How a server that failed (500) says that the same request may succeed."""
_SHOWN_CHARACTERS = 500
_ERRORS = ("error", "errors")
_WORDS = ("detail", "message", "msg", "error_message", "error_msg", "errorMessage", "Message")
"""Keys under which servers say what went wrong, in a body that holds no answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """An error as the server told it."""

    status: int
    message: str
    kinds: frozenset[str] = frozenset()
    """Its type, its code, and the finer type that some routers add."""
    fields: frozenset[str] = frozenset()
    """Names of what was wrong in our request, where the server says."""
    raw: str = ""

    @property
    def busy(self) -> bool:
        """Whether asking again later may help."""
        # Anthropic's api_error is a failure of its own machines; its clients ask again.
        again = "api_error" in self.kinds or _AGAIN.search(self.message) is not None
        return self.status in BUSY or (self.status == 500 and again)


class BusyError(BackendError):
    """The server can't answer now; ``retry_after_s`` is how long it asked us to wait."""

    def __init__(self, message: str, *, raw: str, status: int, retry_after_s: float | None = None) -> None:
        super().__init__(message, raw=raw)
        self.status = status
        self.retry_after_s = retry_after_s


class BrokenOffError(ProtocolError):
    """The connection ended in the middle of an answer."""


class LostError(BackendError):
    """The connection was lost before anything of an answer came: the same request may be sent again."""


class UnreadableError(ProtocolError):
    """The server could not parse what the model wrote."""

    def judged(self, *, with_tools: bool) -> BackendError:
        """Return whose fault it is: of both together where tools are in play, else the server's own."""
        return (ProtocolError if with_tools else BackendError)(str(self), raw=self.raw)


class RefusedError(BackendError):
    """The server refused this very request (4xx); ``fault`` says how and why, ``cure`` what helps."""

    def __init__(self, message: str, *, raw: str, fault: Fault, cure: str = "") -> None:
        super().__init__(f"{message}; {cure}" if cure else message, raw=raw)
        self.fault = fault
        self.cure = cure

    @property
    def status(self) -> int:
        """The status, as the server told it."""
        return self.fault.status


def fault_in(body: Mapping[str, Any], *, name: str = "") -> Fault | None:
    """Return the fault that a body of status 200 or an event of a stream reports, or None.

    ``name`` is the event's: one that is called ``error`` is one, whatever it holds.
    """
    choices = entries(body.get("choices"))
    if len(choices) == 1 and "error" not in body and "error" not in choices[0] and not name:
        return None
    inner = next((told for choice in choices if (told := choice.get("error"))), None)
    error = next((body[key] for key in _ERRORS if body.get(key)), None) or inner
    if error:
        return _fault(200, error, dumps(body))
    if name == "error":
        return _fault(200, body, dumps(body))
    if choices or "usage" in body:
        return None
    # MiniMax counts its failures from 1000, beside the choices that are not there.
    base = mapping(body.get("base_resp"))
    if count(base.get("status_code")):
        return _fault(200, {"message": base.get("status_msg"), "code": base["status_code"]}, dumps(body))
    is_error = body.get("object") == "error" or body.get("type") == "error" or body.get("status") == "error"
    if is_error or any(isinstance(body.get(key), str | list) and body[key] for key in _WORDS):
        return _fault(200, body, dumps(body))
    return None


def fault_said(text: str) -> Fault:
    """Return the fault that words mean which stand where JSON should: those of a proxy, or of the server."""
    return Fault(status=200, message=text.strip(), raw=text)


def fault_of(status: int, body: bytes) -> Fault:
    """Return the fault of a response whose status is not 200."""
    raw = body.decode("utf-8", errors="replace")
    try:
        decoded = loads(body)
    except NotJson:
        return Fault(status=status, message=_without_tags(raw), raw=raw)
    told = mapping(decoded)
    error = next((told[key] for key in _ERRORS if told.get(key)), told or decoded)
    return _fault(status, error, raw)


def error_of(fault: Fault, *, url: str, retry_after_s: float | None = None) -> BackendError:
    """Return the error that a fault means: overflow, unreadable answer, busy, refused, or broken."""
    message = fault.message if len(fault.message) <= _SHOWN_CHARACTERS else f"{fault.message[:500]}…"
    text = f"{url} answered {fault.status}: {' '.join(message.split()) or 'nothing more'}"
    if is_overflow(fault.message, fault.kinds):
        return ContextOverflowError(text, raw=fault.raw)
    if _UNREADABLE.search(fault.message):
        return UnreadableError(text, raw=fault.raw)
    if _NO_TOOLS.search(fault.message):
        return ProtocolError(text, raw=fault.raw)
    if fault.busy:
        return BusyError(text, raw=fault.raw, status=fault.status, retry_after_s=retry_after_s)
    if 400 <= fault.status < 500:
        return RefusedError(text, raw=fault.raw, fault=fault)
    return BackendError(text, raw=fault.raw)


def _fault(status: int, error: Any, raw: str) -> Fault:
    told = mapping(error)
    if not told:
        return Fault(status=status, message=_text(error), raw=raw)
    code = told.get("code", told.get("status_code"))
    kinds = frozenset(
        kind
        for key in (
            told.get("type"),
            code,
            told.get("status"),
            mapping(told.get("metadata")).get("error_type"),
        )
        if (kind := word(key))
    )
    sizes = [f"{key}={told[key]}" for key in ("n_prompt_tokens", "n_ctx") if key in told]
    message = next((_text(told[key]) for key in _WORDS if told.get(key)), "") or _text(told)
    return Fault(
        status=_status(code, kinds) if status == 200 else status,
        message=f"{message} ({', '.join(sizes)})" if sizes else message,
        kinds=kinds,
        fields=frozenset(_fields(told)),
        raw=raw,
    )


def _status(code: object, kinds: frozenset[str]) -> int:
    """Return the status that a fault would have had, if it had not come with 200."""
    number = count(code)
    if number is not None and 400 <= number < 600:
        return number
    meant = (status for name, status in _STATUSES.items() if any(name in kind.lower() for kind in kinds))
    return next(meant, 200)


def _fields(told: Mapping[str, Any]) -> Iterator[str]:
    """Yield the names of fields that an error is about: OpenAI's ``param``, FastAPI's ``loc``."""
    if param := word(told.get("param")):
        yield param.partition(".")[0].partition("[")[0]
    for item in entries(told.get("detail")):
        where = item.get("loc")
        yield from (str(part) for part in where if part != "body") if isinstance(where, list) else ()


def _text(value: object) -> str:
    if isinstance(value, str):
        return value
    said = [str(item["msg"]) + _where(item) for item in entries(value) if item.get("msg")]
    return "; ".join(said) if said else dumps(value)


def _where(item: Mapping[str, Any]) -> str:
    where = item.get("loc")
    return f" ({'.'.join(str(part) for part in where)})" if isinstance(where, list) else ""


def _without_tags(text: str) -> str:
    """Return what a page of a proxy says, without its markup."""
    if not text.lstrip().startswith("<"):
        return text.strip()
    plain = re.sub(r"<(script|style)\b.*?</\1>|<[^>]*>", " ", text, flags=re.IGNORECASE | re.DOTALL)
    return " ".join(plain.split())
