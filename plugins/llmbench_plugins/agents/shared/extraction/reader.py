"""A reader says of a piece of text whether it is code of a language, and what it defines.

It counts what it reads: an answer is never worth more work than a fixed multiple of its length.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field

_ELIDED = re.compile(
    r"""^[ \t]* (?:\#|//|--|/\*|<!--) [ \t]*
    (?: \.\.\. | … | (?:unchanged|same\ as\ (?:before|above))
      | \(?(?:the\ )?(?:rest\ of|existing|remaining|other|previous)\b [^\n]{0,40}
        (?:code|file|class|method|function|implementation|unchanged|same) )""",
    re.IGNORECASE | re.MULTILINE | re.VERBOSE,
)
_TODO = re.compile(
    r"""\b(?:todo|unimplemented)!\( | panic\("(?:Please\ )?implement | Remove\ this\ (?:line|statement)
    | Delete\ this\ statement""",
    re.IGNORECASE | re.VERBOSE,
)
_LEAST_CHARS = 400_000
_CHARS_FOR_EACH = 6
_COST = 500
"""What reading anything costs at least, in characters."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parsed:
    """What a text is as code of one language."""

    problem: int | None
    """The line, from 1, at which it is no code any more; None where all of it is."""
    names: frozenset[str] = frozenset()
    """What it defines at its top level, and in the classes there."""
    stub: bool = False
    """It has no body, or leaves out a part and says so."""
    substance: bool = True
    """It does or defines something, unlike a word of prose that happens to parse."""

    loose: bool = False
    """It begins or ends with words that happen to parse, such as a language's name or ``Done``."""

    @property
    def whole(self) -> bool:
        """Whether all of it is code."""
        return self.problem is None and self.substance and not self.loose


_UNREAD = Parsed(problem=1)


@dataclass(slots=True)
class Allowance:
    """How many characters may still be read for one answer."""

    left: int

    def spend(self, chars: int) -> None:
        """Take off what reading so many characters costs."""
        self.left -= chars + _COST

    @classmethod
    def of(cls, answer: str) -> "Allowance":
        """Return what an answer is worth."""
        return cls(_LEAST_CHARS + _CHARS_FOR_EACH * len(answer))


@dataclass(slots=True)
class Reader:
    """Reads texts as one language, each only once."""

    family: str
    look: Callable[[str], Parsed]
    allowance: Allowance
    strict: bool = True
    """It has a parser: that a text is whole says something."""
    _seen: dict[str, Parsed] = field(default_factory=dict)

    def __call__(self, text: str) -> Parsed:
        """Return what a text is; beyond the allowance nothing is code."""
        found = self._seen.get(text)
        if found is None:
            if self.allowance.left < 0:
                return _UNREAD
            self.allowance.spend(len(text))
            found = self._seen[text] = self.look(text) if text.strip() else _UNREAD
        return found


def is_elided(text: str) -> bool:
    """Say whether code leaves something out in so many words, or says that it is not written yet."""
    return bool(_ELIDED.search(text) or _TODO.search(text))
