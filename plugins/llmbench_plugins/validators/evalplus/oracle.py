"""Whether a value is right, where being equal to the reference's is not the whole question.

The rules are EvalPlus's; where we differ, docs/reference/evalplus.md says why. All values here are exact
built-in types, so no operator runs anybody else's code.
"""

import math
from collections.abc import Sequence
from typing import Any, Literal

from llmbench_plugins.validators.evalplus.inputs import Grading

View = Literal["value", "set", "presence"]
"""What of a returned value counts: all of it, its elements, or whether it is there."""

_RTOL = 1e-7
_FLOAT_ATOL = 1e-6
_SETS = frozenset(
    {
        "similar_elements",
        "find_char_long",
        "common_in_nested_lists",
        "extract_singly",
        "larg_nnum",
        "intersection_array",
        "find_dissimilar",
        "Diff",
    }
)
_PRESENCE = frozenset({"check_str", "text_match_three", "text_starta_endb"})
_SPECIAL = frozenset({"are_equivalent", "sum_div", "surface_Area", "digit_distance_nums"})


def view_of(grading: Grading) -> View:
    """Return what counts of the values of a problem."""
    if grading.suite != "mbpp":
        return "value"
    if grading.rules in _SETS:
        return "set"
    return "presence" if grading.rules in _PRESENCE else "value"


def has_oracle(grading: Grading) -> bool:
    """Say whether values that differ from the reference's may be right."""
    if grading.suite == "humaneval":
        return grading.rules == "find_zero"
    return grading.rules in _SPECIAL


def tolerances(grading: Grading, floats: Sequence[bool]) -> list[float]:
    """Return the absolute tolerance of each case.

    Once a float has been expected, floats of that half (base or plus) may differ a little from there on.
    """
    found: list[float] = []
    current = grading.atol
    for case, is_float in enumerate(floats):
        if case == grading.base:
            current = grading.atol
        if current == 0 and is_float:
            current = _FLOAT_ATOL
        found.append(current)
    return found


def is_right(grading: Grading, arguments: Sequence[Any], value: Any, expected: Any, atol: float) -> bool:
    """Say whether ``value`` passes a case, given that it is not just equal."""
    if has_oracle(grading):
        try:
            if _ORACLES[grading.rules](arguments, value, atol):
                return True
        except (TypeError, ValueError, OverflowError, ZeroDivisionError):
            return False
        if grading.rules == "find_zero":
            return False
    return atol != 0 and type(value) is type(expected) and is_close(value, expected, atol)


def is_close(value: Any, expected: Any, atol: float) -> bool:
    """Say whether numbers, or lists and tuples of them of one shape, differ by no more than allowed."""
    if isinstance(expected, list | tuple):
        return (
            isinstance(value, list | tuple)
            and len(value) == len(expected)
            and all(is_close(one, other, atol) for one, other in zip(value, expected, strict=True))
        )
    numbers = (bool, int, float, complex)
    if type(value) not in numbers or type(expected) not in numbers:
        return False
    try:
        return bool(value == expected or abs(value - expected) <= atol + _RTOL * abs(expected) < math.inf)
    except OverflowError:
        return False


def _is_root(arguments: Sequence[Any], value: Any, atol: float) -> bool:
    terms = (factor * math.pow(value, power) for power, factor in enumerate(arguments[0]))
    return bool(abs(sum(terms)) <= atol)


def _is_truth(arguments: Sequence[Any], value: Any, atol: float) -> bool:
    return type(value) in (bool, int, float) and value in (0, 1)


def _is_nothing(arguments: Sequence[Any], value: Any, atol: float) -> bool:
    return bool(value == 0)


def _is_pyramid(arguments: Sequence[Any], value: Any, atol: float) -> bool:
    """Read "height" as that of the pyramid, where the reference reads it as that of its faces."""
    edge, height = arguments
    whole = edge**2 + 2 * edge * math.hypot(edge / 2, height)
    return bool(abs(value - round(whole)) <= atol)


def _is_digit_distance(arguments: Sequence[Any], value: Any, atol: float) -> bool:
    """Compare digit by digit from the right, where the reference takes the difference's digits."""
    one, other = map(str, arguments)
    width = max(len(one), len(other))
    pairs = zip(one.zfill(width), other.zfill(width), strict=True)
    return bool(value == sum(abs(int(left) - int(right)) for left, right in pairs))


_ORACLES = {
    "find_zero": _is_root,
    "are_equivalent": _is_truth,
    "sum_div": _is_nothing,
    "surface_Area": _is_pyramid,
    "digit_distance_nums": _is_digit_distance,
}
