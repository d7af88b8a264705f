"""A decoded answer of an OpenAI-compatible server as a Completion: one rule for every dialect."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from llmbench.api import Completion, Finish, Timing, ToolCall, Usage
from llmbench.errors import ProtocolError

REASONING_KEYS = ("reasoning_content", "reasoning", "thinking")
_FINISH = {
    "stop": Finish.STOP,
    "eos": Finish.STOP,
    "eos_token": Finish.STOP,
    "end_turn": Finish.STOP,
    "stop_sequence": Finish.STOP,
    "length": Finish.LENGTH,
    "max_tokens": Finish.LENGTH,
    "tool_calls": Finish.TOOL_CALLS,
    "tool_use": Finish.TOOL_CALLS,
    "function_call": Finish.TOOL_CALLS,
    "content_filter": Finish.CONTENT_FILTER,
    "safety": Finish.CONTENT_FILTER,
}
_OPENING = re.compile(r"\s*<(think|thinking)>")
_LONE_CLOSING = re.compile(r"</think(?:ing)?>[ \t]*(?:\r?\n|$)")
_ANY_CLOSING = re.compile(r"</think(?:ing)?>")


@dataclass(frozen=True, slots=True)
class Split:
    """Text parted into thinking and answer; ``answer_at`` is where the answer begins in it."""

    reasoning: str
    answer: str
    answer_at: int


def completion_of(body: Mapping[str, Any], timing: Timing, *, thinks: bool) -> Completion:
    """Return the completion that a whole answer holds.

    Args:
        body: the decoded answer; for a stream, its chunks merged into the same shape.
        timing: what the client measured; the server's own ``timings`` are added to it.
        thinks: whether the model is known to think, so that a closing tag anywhere ends its thinking.

    Raises:
        ProtocolError: no choice, or a finish reason nobody knows.
    """
    choice = _first_choice(body)
    message = choice.get("message") or {}
    text, thought = parts_of(message.get("content"))
    reasoning = reasoning_of(message) or thought
    if not reasoning:
        split = split_thinking(text, thinks=thinks)
        reasoning, text = split.reasoning, split.answer
    calls = tool_calls_of(message.get("tool_calls") or ())
    return Completion(
        content=text,
        reasoning=reasoning,
        finish=_finish(choice.get("finish_reason"), calls, body),
        tool_calls=calls,
        usage=usage_of(body.get("usage")),
        timing=with_server_timings(timing, body.get("timings")),
        model=str(body.get("model") or ""),
        provider=str(body.get("provider") or ""),
        raw=body,
    )


def parts_of(content: object) -> tuple[str, str]:
    """Return text and thinking of a message's content, which is a string, null or a list of parts."""
    if isinstance(content, str):
        return content, ""
    parts = [part for part in content if isinstance(part, Mapping)] if isinstance(content, list) else []
    text = "".join(str(part.get("text") or "") for part in parts)
    return text, "".join(parts_of(part.get("thinking"))[0] for part in parts)


def reasoning_of(message: Mapping[str, Any]) -> str:
    """Return the reasoning that a message or delta carries in a field of its own."""
    for key in REASONING_KEYS:
        value = message.get(key)
        if value and isinstance(value, str):
            return value
    details = message.get("reasoning_details")
    if not isinstance(details, list):
        return ""
    return "".join(str(part.get("text") or "") for part in details if isinstance(part, Mapping))


def split_thinking(text: str, *, thinks: bool) -> Split:
    """Part inline thinking from the answer: ``<think>`` tags, also unclosed, also a closing one alone.

    Where the model is not known to think, a closing tag alone counts only at the end of a line, so that code
    which speaks of the tag is left whole.
    """
    opening = _OPENING.match(text)
    begins = opening.end() if opening else 0
    closing = (_ANY_CLOSING if opening or thinks else _LONE_CLOSING).search(text, begins)
    if closing is None:
        return Split(text[begins:].strip(), "", len(text)) if opening else Split("", text, 0)
    answer = text[closing.end() :].lstrip()
    return Split(text[begins : closing.start()].strip(), answer, len(text) - len(answer))


def tool_calls_of(calls: Sequence[Any]) -> tuple[ToolCall, ...]:
    """Return tool calls with decoded arguments; one that the model got wrong says so in ``problem``."""
    return tuple(_tool_call(call, number) for number, call in enumerate(calls))


def usage_of(usage: object) -> Usage:
    """Return the tokens and the cost that the server counted."""
    if not isinstance(usage, Mapping):
        return Usage()
    prompt = usage.get("prompt_tokens_details") or {}
    completion = usage.get("completion_tokens_details") or {}
    return Usage(
        prompt_tokens=usage.get("prompt_tokens"),
        completion_tokens=usage.get("completion_tokens"),
        reasoning_tokens=completion.get("reasoning_tokens"),
        cached_tokens=prompt.get("cached_tokens"),
        cost_usd=usage.get("cost"),
    )


def with_server_timings(timing: Timing, timings: object) -> Timing:
    """Add the speeds that llama.cpp reports: prefill over the tokens it really computed, and decoding."""
    if not isinstance(timings, Mapping):
        return timing
    return Timing(
        wall_s=timing.wall_s,
        ttft_s=timing.ttft_s,
        first_answer_s=timing.first_answer_s,
        prefill_tokens_per_s=_speed(timings, "prompt"),
        decode_tokens_per_s=_speed(timings, "predicted"),
    )


def _speed(timings: Mapping[str, Any], phase: str) -> float | None:
    """Return tokens per second; a single token is made while the prompt is read, so it says nothing."""
    tokens, milliseconds = timings.get(f"{phase}_n") or 0, timings.get(f"{phase}_ms") or 0
    if milliseconds <= 0 or tokens < (2 if phase == "predicted" else 1):
        return None
    return float(timings.get(f"{phase}_per_second") or 1000 * tokens / milliseconds)


def _first_choice(body: Mapping[str, Any]) -> Mapping[str, Any]:
    choices = body.get("choices")
    if not isinstance(choices, list) or not choices or not isinstance(choices[0], Mapping):
        raise ProtocolError("the server's answer holds no choice", raw=_raw(body))
    first: Mapping[str, Any] = choices[0]
    return first


def _finish(reason: object, calls: tuple[ToolCall, ...], body: Mapping[str, Any]) -> Finish:
    # Some servers leave the reason out, or say "stop" after tool calls.
    finish = _FINISH.get(str(reason or "stop"))
    if finish is None:
        raise ProtocolError(f"unknown finish reason {reason!r}; known: {', '.join(_FINISH)}", raw=_raw(body))
    # 'tool_calls' without any: the server dropped what it could not parse. The agent tells the model.
    return Finish.TOOL_CALLS if calls and finish is Finish.STOP else finish


def _tool_call(call: Any, number: int) -> ToolCall:
    told = call if isinstance(call, Mapping) else {}
    function = told.get("function")
    function = function if isinstance(function, Mapping) else {}
    name, written = str(function.get("name") or ""), function.get("arguments")
    raw = written if isinstance(written, str) else msgspec.json.encode(written or {}).decode()
    arguments, problem = _arguments(raw)
    return ToolCall(
        id=str(told.get("id") or f"call_{number}"),
        name=name,
        arguments=arguments,
        raw=raw,
        problem=problem if name else "the call has no name",
    )


def _arguments(raw: str) -> tuple[dict[str, Any], str]:
    """Return decoded arguments, and what is wrong with them."""
    try:
        arguments = msgspec.json.decode(raw) if raw.strip() else {}
    except msgspec.DecodeError as error:
        return {}, f"the arguments are no JSON: {error}"
    if not isinstance(arguments, dict):
        return {}, "the arguments are no JSON object"
    return arguments, ""


def _raw(body: Mapping[str, Any]) -> str:
    return msgspec.json.encode(body).decode()
