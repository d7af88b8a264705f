"""A merged answer as a Completion: one rule for every dialect."""

from collections.abc import Mapping
from typing import Any

from llmbench.api import Completion, Finish, Timing, Usage
from llmbench.errors import BackendError
from llmbench_plugins.backends.shared.finishes import finish_of, is_fault
from llmbench_plugins.backends.shared.foreign import amount, count, dumps, mapping, section, word
from llmbench_plugins.backends.shared.merged import Merged
from llmbench_plugins.backends.shared.thinking import split_thinking


def completion_of(merged: Merged, *, thinks: bool) -> Completion:
    """Return the completion that a whole answer is.

    Args:
        merged: what came; the server's own ``timings`` are added to what the client measured.
        thinks: whether the model is known to think, so that a closing tag anywhere ends its thinking.

    Raises:
        BackendError: the server gave the answer up, as its finish reason says.
    """
    text, reasoning = merged.text, merged.thought
    if not reasoning:
        split = split_thinking(text, thinks=thinks)
        reasoning, text = split.reasoning, split.answer
    calls = merged.calls.finished()
    body = merged.body()
    finish, unknown = _finish(merged, called=bool(calls))
    return Completion(
        content=text,
        reasoning=reasoning,
        finish=finish,
        finish_word=unknown,
        tool_calls=calls,
        usage=usage_of(body.get("usage")),
        timing=with_server_timings(merged.timing(thinks=thinks), body.get("timings")),
        model=word(body.get("model")),
        provider=word(body.get("provider")),
        mended=merged.changes,
        raw=body,
    )


def usage_of(usage: object) -> Usage:
    """Return the tokens and the cost that the server counted, by whichever names."""
    told = mapping(usage)
    read, made = section(told, "prompt_tokens_details"), section(told, "completion_tokens_details")
    cost = told.get("cost")
    return Usage(
        prompt_tokens=_first_count(told, "prompt_tokens", "input_tokens"),
        completion_tokens=_first_count(told, "completion_tokens", "output_tokens"),
        reasoning_tokens=_first_count({**told, **made}, "reasoning_tokens"),
        cached_tokens=_first_count({**told, **read}, "cached_tokens", "prompt_cache_hit_tokens"),
        cost_usd=amount(cost.get("total_cost") if isinstance(cost, Mapping) else cost),
    )


def with_server_timings(timing: Timing, timings: object) -> Timing:
    """Add the speeds that llama.cpp reports: prefill over the tokens it really computed, and decoding."""
    told = mapping(timings)
    if not told:
        return timing
    return Timing(
        wall_s=timing.wall_s,
        ttft_s=timing.ttft_s,
        first_answer_s=timing.first_answer_s,
        prefill_tokens_per_s=_speed(told, "prompt"),
        decode_tokens_per_s=_speed(told, "predicted"),
    )


def _first_count(told: Mapping[str, Any], *names: str) -> int | None:
    return next((found for name in names if (found := count(told.get(name))) is not None), None)


def _speed(timings: Mapping[str, Any], phase: str) -> float | None:
    """Return tokens per second; a single token is made while the prompt is read, so it says nothing."""
    tokens, milliseconds = count(timings.get(f"{phase}_n")) or 0, amount(timings.get(f"{phase}_ms")) or 0
    if milliseconds <= 0 or tokens < (2 if phase == "predicted" else 1):
        return None
    return amount(timings.get(f"{phase}_per_second")) or 1000 * tokens / milliseconds


def _finish(merged: Merged, *, called: bool) -> tuple[Finish, str]:
    """Return why the answer ended, and the server's word for it where nobody knows that word."""
    said = bool(merged.pieces or called)
    # Some servers leave the reason out, or say "stop" after tool calls.
    finish = finish_of(merged.finish or "stop")
    if is_fault(merged.finish) or (finish is None and not said):
        what = "the answer" if said else "an empty answer"
        raise BackendError(
            f"the server ended {what} with finish reason '{merged.finish}'", raw=dumps(merged.body())
        )
    # 'tool_calls' without any: the server dropped what it could not parse. The agent tells the model.
    if called and finish in (Finish.STOP, None):
        finish = Finish.TOOL_CALLS
    return finish or Finish.STOP, "" if finish_of(merged.finish or "stop") else merged.finish
