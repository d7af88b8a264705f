"""Whether a verdict holds: what was claimed of a sample against what was found. Pure functions of records."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from llmbench.api import Outcome
from llmbench.records.record import Record, TryRecord

_SAME_SCORE = 1e-6
OF_GRADING = (Outcome.PASSED, Outcome.FAILED, Outcome.TAMPERED)
"""Outcomes that only a graded answer can have."""
State = Literal["agrees", "differs", "unchecked"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """A sample: what was claimed of it, and what was found here."""

    claimed: Record
    here: Record | None
    """None where nothing was graded."""
    state: State
    why: str = ""
    """What differs, or why nothing could be said."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """What came of it."""

    sandbox: str
    checked: Sequence[Checked]
    """In the order of the records."""

    @property
    def differing(self) -> list[Checked]:
        """The samples of which a verdict does not hold."""
        return [one for one in self.checked if one.state == "differs"]


def inconsistent(record: Record) -> list[tuple[State, str]]:
    """Return what a record says against itself."""
    last = record.tries[-1]
    if record.outcome is last.outcome and abs(record.score - last.score) <= _SAME_SCORE:
        return []
    said = f"{record.outcome} ({record.score:g}) and of its last try {last.outcome} ({last.score:g})"
    return [("differs", f"the record says {said}")]


def difference(claimed: TryRecord, here: TryRecord) -> str:
    """Return in what the verdict on a try does not hold; an empty text where it does."""
    reason = f": {here.reason}" if here.reason else ""
    where = f"try {claimed.number}: " if claimed.number > 1 else ""
    if claimed.outcome is not here.outcome:
        return f"{where}{claimed.outcome} is claimed, here it {_became(here.outcome)}{reason}"
    if abs(claimed.score - here.score) > _SAME_SCORE:
        return f"{where}{claimed.outcome} with a score of {claimed.score:g}, here of {here.score:g}{reason}"
    for name in ("parts", "composite"):
        then, now = _noted(claimed, name), _noted(here, name)
        if then is not None and then != now:
            return f"{where}{claimed.outcome} with {name} {then}, here {now}{reason}"
    return ""


def _became(outcome: Outcome) -> str:
    return str(outcome) if outcome in (Outcome.PASSED, Outcome.FAILED) else f"is {outcome}"


def _noted(done: TryRecord, name: str) -> Any:
    value = done.details.get(name)
    return round(value, 6) if isinstance(value, float) else value


def worst(whys: Sequence[tuple[State, str]]) -> tuple[State, str]:
    """Return what counts of several tries: one that differs, else one that could not be checked."""
    order: tuple[State, ...] = ("differs", "unchecked", "agrees")
    return min(whys, key=lambda one: order.index(one[0]))
