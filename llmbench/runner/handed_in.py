"""What plugins hand in, looked at where it comes in: what is wrong is named, and ends that sample alone."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, TypeVar

import msgspec

from llmbench.api import Attempt, Completion, Finish, Outcome, Timing, Usage, Verdict
from llmbench.errors import RecordError
from llmbench.records.lines import UNWRITABLE, misfit, whole_text

T = TypeVar("T")


def completion_from(value: Any, by: str) -> Completion:
    """Return what a backend's ``complete`` returned.

    Raises:
        RecordError: it is no completion, or its figures are none.
    """
    completion = _instance(value, Completion, f"{by}: complete()")
    _typed(completion.usage, Usage, f"{by}: completion.usage")
    _typed(completion.timing, Timing, f"{by}: completion.timing")
    if isinstance(completion.finish, Finish):
        return completion
    return replace(completion, finish=_word(Finish, completion.finish, f"{by}: completion.finish"))


def attempt_from(value: Any, by: str) -> Attempt:
    """Return what an agent's ``solve`` or ``revise`` returned.

    Raises:
        RecordError: it is no attempt.
    """
    attempt = _instance(value, Attempt, f"{by}: solve()")
    _instance(attempt.notes, dict, f"{by}: attempt.notes")
    if attempt.cut_short is None or isinstance(attempt.cut_short, Outcome):
        return attempt
    return replace(attempt, cut_short=_word(Outcome, attempt.cut_short, f"{by}: attempt.cut_short"))


def verdict_from(value: Any, by: str) -> Verdict:
    """Return what a validator's ``grade`` returned.

    Raises:
        RecordError: it is no verdict.
    """
    verdict = _instance(value, Verdict, f"{by}: grade()")
    if isinstance(verdict.outcome, Outcome):
        return verdict
    return replace(verdict, outcome=_word(Outcome, verdict.outcome, f"{by}: verdict.outcome"))


def facts_from(facts: Mapping[str, Any], by: str, warn: Callable[[str], None]) -> dict[str, Any]:
    """Return what a plugin says of itself for the manifest, without what can't be written there."""
    kept: dict[str, Any] = {}
    for name, value in dict(facts).items():
        try:
            data = msgspec.json.encode({name: value})
            kept |= msgspec.json.decode(data)
        except UNWRITABLE as error:
            warn(
                f"{by}: describe(): '{whole_text(name)}' can't be kept ({whole_text(error)}) and is left out"
            )
    return kept


def _typed(value: Any, kind: type[T], what: str) -> T:
    """Check the fields of what is reckoned with before it is written."""
    _instance(value, kind, what)
    try:
        return msgspec.convert(msgspec.to_builtins(value), kind)
    except UNWRITABLE as error:
        raise RecordError(f"{what}.{misfit(value, error)}") from None


def _instance(value: Any, kind: type[T], what: str) -> T:
    if not isinstance(value, kind):
        raise RecordError(f"{what}: expected {kind.__name__}, got {type(value).__name__}")
    return value


def _word(kind: type[T], value: Any, what: str) -> T:
    try:
        return kind(value)  # type: ignore[call-arg]  # an enumeration is called with a value
    except ValueError:
        raise RecordError(f"{what}: expected one of {', '.join(map(str, kind))}, got {value!r}") from None  # type: ignore[call-overload]
