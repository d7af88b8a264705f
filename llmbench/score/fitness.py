"""From attempts to rates, and from rates to advice: which protocol a model should call tools in."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from llmbench.records.fitness import INFRA, OK, Fitness, FitnessAttempt
from llmbench.score.passk import Interval, wilson

NATIVE, TEXT = "native", "text"
NOT_MALFORMED = frozenset({OK, "changed", "wrong_call", "no_call", "needless_call", "cut_off", "overflow"})
"""Kinds that say something else than that a call could not be read."""
_USABLE = 0.5
_FEW = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """How many of ``n`` attempts did ``count``."""

    count: int
    n: int

    @property
    def share(self) -> float | None:
        """The proportion; None without any attempt."""
        return self.count / self.n if self.n else None

    @property
    def interval(self) -> Interval | None:
        """Wilson's 95 % interval."""
        return wilson(self.count / self.n, self.n) if self.n else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One probe in one protocol, or all of them together."""

    protocol: str
    probe: str
    """Empty for all together."""
    right: Rate
    malformed: Rate
    kinds: dict[str, int]
    """What was wrong, by kind, the most frequent first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Advice:
    """What to do, in an override and in a sentence."""

    override: str
    reason: str
    sure: bool
    """The difference is larger than chance."""


def rows(fitness: Fitness) -> list[Row]:
    """Return a row for each probe and protocol that was tried, and one for each protocol."""
    counted = [attempt for attempt in fitness.attempts if attempt.kind != INFRA]
    protocols = list(dict.fromkeys(attempt.protocol for attempt in counted))
    probes = list(dict.fromkeys(attempt.probe for attempt in counted))
    found = [
        _row(protocol, probe, [a for a in counted if (a.protocol, a.probe) == (protocol, probe)])
        for probe in probes
        for protocol in protocols
    ]
    totals = [_row(protocol, "", [a for a in counted if a.protocol == protocol]) for protocol in protocols]
    return [row for row in (*found, *totals) if row.right.n]


def total(fitness: Fitness, protocol: str) -> Row | None:
    """Return all probes of a protocol together; None where it was not tried."""
    return next((row for row in rows(fitness) if not row.probe and row.protocol == protocol), None)


def advise(fitness: Fitness) -> Advice | None:
    """Return which protocol to use; None where nothing was measured."""
    native, text = total(fitness, NATIVE), total(fitness, TEXT)
    found = [row for row in (native, text) if row]
    if not found:
        return None
    best = max(found, key=lambda row: (row.right.share or 0.0, row.protocol == NATIVE))
    if (best.right.share or 0.0) < _USABLE:
        said = "; ".join(f"{_of(row)}" for row in found)
        reason = f"right in fewer than half of the attempts: {said}"
        return Advice(override="agent=prompt", reason=reason, sure=_all_below(found))
    if native is None or text is None:
        other = TEXT if text is None else NATIVE
        why = fitness.not_possible.get(other, "it was not tried")
        return _advice(fitness, best, f"{_of(best)}; {other} is not possible: {why}", sure=True)
    apart = _apart(native.right, text.right)
    if not apart:
        reason = f"no difference beyond chance ({_of(native)}, {_of(text)}); native costs fewer tokens"
        usable = native if (native.right.share or 0.0) >= _USABLE else best
        return _advice(fitness, usable, reason, sure=False)
    return _advice(fitness, best, f"{_of(native)}, {_of(text)}", sure=True)


def _advice(fitness: Fitness, row: Row, reason: str, *, sure: bool) -> Advice:
    few = "" if row.right.n >= _FEW else f"; only {row.right.n} attempts: repeat it with more"
    override = f"agent={fitness.agent} agent.protocol={row.protocol}"
    return Advice(override=override, reason=reason + few, sure=sure and not few)


def _row(protocol: str, probe: str, attempts: Sequence[FitnessAttempt]) -> Row:
    kinds = Counter(attempt.kind for attempt in attempts)
    right = kinds.pop(OK, 0)
    malformed = sum(number for kind, number in kinds.items() if kind not in NOT_MALFORMED)
    return Row(
        protocol=protocol,
        probe=probe,
        right=Rate(count=right, n=len(attempts)),
        malformed=Rate(count=malformed, n=len(attempts)),
        kinds=dict(kinds.most_common()),
    )


def _of(row: Row) -> str:
    return f"{row.protocol} right in {row.right.count} of {row.right.n}"


def _all_below(found: Sequence[Row]) -> bool:
    intervals = [row.right.interval for row in found]
    return all(interval is not None and interval.high < _USABLE for interval in intervals)


def _apart(one: Rate, other: Rate) -> bool:
    """Say whether two rates differ by more than chance: their intervals do not meet."""
    first, second = one.interval, other.interval
    if first is None or second is None:
        return False
    return first.high < second.low or second.high < first.low
