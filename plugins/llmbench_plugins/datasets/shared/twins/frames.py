"""The sentences of ours around a task, in other words for each twin."""

from collections.abc import Sequence

_PREFACES = (
    "The following task is complete in itself. Solve it as it is written here.",
    "Here is a programming task. What it asks for is all said below.",
    "Please solve the task below. Go by its text alone.",
)


def in_other_words(versions: Sequence[str], number: int) -> str:
    """Return the wording for a twin; the first is that of the original."""
    return versions[1 + (number - 1) % (len(versions) - 1)] if number else versions[0]


def preface(number: int) -> str:
    """Return what stands before the instructions of a twin; nothing before those of an original."""
    sentences = in_other_words(("", *_PREFACES), number)
    return f"{sentences}\n\n" if sentences else ""
