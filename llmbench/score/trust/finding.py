"""What a rule finds, how much it weighs, and what to do about it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from llmbench.records.manifest import Manifest
from llmbench.records.record import Record

ENOUGH = 10
"""Fewer samples than this may well be alike by chance."""
ANEW = "delete the run's folder and give its command again, for a score of one kind"
"""What to do about a run that is made of parts that do not fit each other."""
_LONGEST = 160


class Level(StrEnum):
    """How much a finding weighs."""

    GREEN = "green"
    AMBER = "amber"
    RED = "red"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """The result of one rule."""

    rule: str
    level: Level
    text: str
    """What was found and what to do about it, in one line."""
    advice: str = ""
    """The end of the text: what to do. There is always one, unless all is well."""

    @property
    def what(self) -> str:
        """The text without its advice."""
        return self.text.removesuffix(self.advice).removesuffix("; ") if self.advice else self.text


Rule = Callable[[Manifest, Sequence[Record], int], Finding | None]


def fine(rule: str, text: str) -> Finding:
    """Return what a rule says where all is well."""
    return Finding(rule=rule, level=Level.GREEN, text=text)


def found(rule: str, level: Level, what: str, advice: str) -> Finding:
    """Return what a rule found, and what to do about it; no advice where all is well."""
    if level is Level.GREEN:
        return fine(rule, what)
    return Finding(rule=rule, level=level, text=f"{what}; {advice}", advice=advice)


def counted(rule: str, count: int, total: int, advice: str) -> Finding | None:
    """Return how many of the samples have a fault; None where there are no samples."""
    if not total:
        return None
    return found(rule, level_of(count, total), f"{count} of {total}" if count else "none", advice)


def level_of(count: int, total: int) -> Level:
    """Return the level of a count: green at 0, amber up to a tenth, red above."""
    return Level.GREEN if not count else Level.AMBER if count <= 0.1 * total else Level.RED


def worst(findings: Sequence[Finding]) -> Level:
    """Return the level of the weightiest finding."""
    levels = {finding.level for finding in findings}
    return next((level for level in (Level.RED, Level.AMBER) if level in levels), Level.GREEN)


def short(text: str) -> str:
    """Return the beginning of a long reason, so that the advice after it is still read."""
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
