"""The marks of fences in an answer, and what else ends a passage: tokens of the chat template."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from llmbench_plugins.agents.shared.extraction.labels import Label, read_label
from llmbench_plugins.agents.shared.extraction.naming import Names

INVISIBLE = "\ufeff\u200b\u200c\u200d\u2060"
"""Characters without width: markup where they stand around marks and names, and part of code inside it."""

_RUN = re.compile(r"`{3,}|~{3,}")
_LEAD = re.compile(rf"[\s>{INVISIBLE}]*(?:(?:[-*+•]|\d{{1,3}}[.)])[ \t]+)?[\s>{INVISIBLE}]*")
_COMMENTED = re.compile(r"\s*(?://|#|\*|--|;|%)")
_LONGEST_LEAD = 120
_MARKS_A_LINE = 8

END_TOKEN = re.compile(
    r"</s>|<eos>|<end_of_turn>|<\|(?:im_end|eot_id|eom_id|endoftext|end|end_of_text|return|call|im_start|assistant|user|"
    r"observation|endofassistant|eot|END_OF_TURN_TOKEN)\|>|<｜end▁of▁sentence｜>|<｜User｜>|\[/?INST\]|<\|file_sep\|>"
)
_FINAL = re.compile(
    r"</(?:think|thinking|thought|thoughts|reasoning|reflection|scratchpad|analysis|seed:think)>|◁/think▷|\[/THINK\]"
    r"|<\|end_of_thought\|>|<\|begin_of_solution\|>|<\|channel\|>final(?: [^<\n]*)?<\|message\|>|<channel\|>",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Mark:
    """Three backticks or tildes, or more of them."""

    start: int
    end: int
    line_start: int
    line_end: int
    lead: str
    """What stands before it on its line."""
    alone: bool
    """Nothing but indentation, a quote's or a list item's sign stands before it."""
    label: Label

    def fits(self, opener: "Mark", text: str) -> bool:
        """Say whether it could close ``opener`` as far as its own form goes."""
        return text[self.start] == text[opener.start] and not _COMMENTED.match(self.lead)


def normalised(content: str) -> str:
    """Return an answer with plain line ends, without a byte order mark and the template's last tokens."""
    text = content.lstrip(INVISIBLE)
    if "\r" in text and text.count("\r\n") == text.count("\n"):
        text = text.replace("\r\n", "\n") if "\n" in text else text.replace("\r", "\n")
    while found := _last_token(text):
        text = text[: found.start()]
    return text


def boundaries(text: str) -> list[int]:
    """Return where reasoning or a turn ends: no passage that does not parse goes beyond."""
    return sorted(found.start() for pattern in (END_TOKEN, _FINAL) for found in pattern.finditer(text))


def final_start(text: str) -> int:
    """Return where the last sign stands that reasoning is over; 0 where there is none."""
    return max((found.end() for found in _FINAL.finditer(text)), default=0)


def marks_in(text: str, names: Names) -> Iterator[Mark]:
    """Yield all marks; of a line with many, the first ones."""
    at = 0
    for line in text.split("\n"):
        end = at + len(line)
        found = _RUN.search(text, at, end)
        for _ in range(_MARKS_A_LINE):
            if found is None:
                break
            yield _mark(text, found, at, end, names)
            found = _RUN.search(text, found.end(), end)
        at = end + 1


def _mark(text: str, found: re.Match[str], line_start: int, line_end: int, names: Names) -> Mark:
    lead = text[max(line_start, found.start() - _LONGEST_LEAD) : found.start()]
    whole = found.start() - line_start <= _LONGEST_LEAD
    return Mark(
        start=found.start(),
        end=found.end(),
        line_start=line_start,
        line_end=line_end,
        lead=lead,
        alone=whole and bool(_LEAD.fullmatch(lead)),
        label=read_label(text[found.end() : line_end][:400].strip(INVISIBLE), names),
    )


def _last_token(text: str) -> re.Match[str] | None:
    tail = len(text.rstrip())
    # The longest token has fewer characters than this.
    return next((m for m in END_TOKEN.finditer(text, max(0, tail - 40)) if m.end() == tail), None)
