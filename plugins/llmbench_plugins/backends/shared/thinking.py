"""Thinking that stands in the answer's text, in tags, parted from the answer."""

import re
from dataclasses import dataclass

_OPENING = re.compile(r"\s*<(think|thinking)>")
_LONE_CLOSING = re.compile(r"</think(?:ing)?>[ \t]*(?:\r?\n|$)")
_ANY_CLOSING = re.compile(r"</think(?:ing)?>")


@dataclass(frozen=True, slots=True)
class Split:
    """Text parted into thinking and answer; ``answer_at`` is where the answer begins in it."""

    reasoning: str
    answer: str
    answer_at: int


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
