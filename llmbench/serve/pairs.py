"""The samples that two runs graded both, and which of the two passed them."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from llmbench.api import Outcome
from llmbench.records.record import Record
from llmbench.score.failures import failure_class
from llmbench.score.pairing import Arm, Pair, aligned, counting, tries_counted

Quadrant = Literal["both", "only_a", "only_b", "neither"]
_QUADRANTS: dict[tuple[bool, bool], Quadrant] = {
    (True, True): "both",
    (True, False): "only_a",
    (False, True): "only_b",
    (False, False): "neither",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class PairLine:
    """A sample of both runs; an outcome is that of the last try that counts."""

    task: str
    sample: int
    quadrant: Quadrant
    a: str
    b: str
    a_failure: str
    b_failure: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """Samples that both passed, only one of them, or neither."""

    both: int
    only_a: int
    only_b: int
    neither: int


def pair_lines(a: Arm, b: Arm, tries: int) -> list[PairLine]:
    """Return a line for each sample that both runs graded.

    Raises:
        UsageError: they asked different tasks, have none in common, or one allowed fewer tries.
    """
    counted = tries_counted(a.manifest, b.manifest, tries)
    pairs, _ = aligned(a, b)
    return [_line(counting(pair, counted)) for pair in pairs]


def counts_of(lines: Sequence[PairLine]) -> Counts:
    """Count pairs by who passed."""
    found = Counter(line.quadrant for line in lines)
    return Counts(
        both=found["both"], only_a=found["only_a"], only_b=found["only_b"], neither=found["neither"]
    )


def _line(pair: Pair) -> PairLine:
    a, b = pair
    return PairLine(
        task=a.task,
        sample=a.sample,
        quadrant=_QUADRANTS[_passed(a), _passed(b)],
        a=str(_outcome(a)),
        b=str(_outcome(b)),
        a_failure=_failure(a),
        b_failure=_failure(b),
    )


def _passed(record: Record) -> bool:
    return any(done.outcome is Outcome.PASSED for done in record.tries)


def _outcome(record: Record) -> Outcome:
    return Outcome.PASSED if _passed(record) else record.tries[-1].outcome


def _failure(record: Record) -> str:
    return "" if _passed(record) else failure_class(record)
