"""Published figures in words, beside one's own score."""

from collections.abc import Iterator, Sequence
from typing import get_args

from llmbench.report.words import percent, points, signed
from llmbench.score.published import Beside, Metric

_FULL = ("bf16", "f16", "fp16", "f32", "fp32")
"""What is called full precision: the weights as they are trained and given away."""
_BARE = "pass@1"
"""The metric that needs no name, for it is the score itself."""


def published_rows(found: Sequence[Beside]) -> Iterator[tuple[str, str]]:
    """Yield rows, of each metric the figures that can be compared, or else the one that differs least."""
    for metric in get_args(Metric):
        of_metric = [beside for beside in found if beside.metric == metric]
        comparable = [beside for beside in of_metric if not beside.differs]
        for beside in comparable or of_metric[:1]:
            yield ("published", in_words(beside))


def in_words(beside: Beside) -> str:
    """Return a figure, who says so, and how far one's own is from it, or why that can't be said."""
    metric = "" if beside.metric == _BARE else f"{beside.metric}: "
    precision = beside.conditions.precision
    made = f" at {precision}" if precision else ""
    said = ", ".join([beside.source, beside.date, *(["at second hand"] if beside.second_hand else [])])
    parts = [f"{metric}{percent(beside.share)}{made} ({said})", _held_against(beside)]
    if beside.note:
        parts.append(beside.note)
    if beside.unknown and not beside.differs:
        parts.append(f"not told there: {', '.join(beside.unknown)}")
    return "; ".join(part for part in parts if part)


def _held_against(beside: Beside) -> str:
    if beside.differs:
        hint = f" (preset={beside.preset} comes nearest)" if beside.preset else ""
        return f"not comparable: {', '.join(beside.differs)}{hint}"
    if beside.difference is None:
        return ""
    full = " to the full precision" if (beside.conditions.precision or "").lower() in _FULL else ""
    here = f"here at {beside.quantization}" if beside.quantization else "here"
    return f"{here} {signed(beside.difference)} points{full}{_interval(beside)}"


def _interval(beside: Beside) -> str:
    """Return one's own interval as one of differences, and whether the published figure lies in it."""
    if beside.difference_95 is None:
        return ""
    low, high = beside.difference_95.low, beside.difference_95.high
    inside = "inside" if low <= 0 <= high else "outside"
    return f", 95 % interval {points(beside.difference_95)}, the published figure {inside}"
