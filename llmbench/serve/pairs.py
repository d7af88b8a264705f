"""The samples that two runs graded both, in lines."""

from dataclasses import dataclass

from llmbench.api import Outcome
from llmbench.records.record import Record
from llmbench.score.failures import failure_class
from llmbench.score.pairing import Arm, Tries, passed
from llmbench.score.quadrants import Quadrant, held


@dataclass(frozen=True, slots=True, kw_only=True)
class PairLine:
    """A sample of both runs; an outcome is that of the last try that counts."""

    task: str
    sample: int
    quadrant: Quadrant
    """Among which of the four counts it is; where tasks have several samples, those count tasks."""
    a: str
    b: str
    a_failure: str
    b_failure: str


def pair_lines(a: Arm, b: Arm, tries: Tries) -> list[PairLine]:
    """Return a line for each sample that both runs graded.

    Raises:
        UsageError: they asked different tasks, have none in common, or one allowed fewer tries.
    """
    return [
        PairLine(
            task=one.a.task,
            sample=one.a.sample,
            quadrant=one.quadrant,
            a=str(_outcome(one.a)),
            b=str(_outcome(one.b)),
            a_failure=_failure(one.a),
            b_failure=_failure(one.b),
        )
        for one in held(a, b, tries=tries)
        if one.quadrant is not None
    ]


def _outcome(record: Record) -> Outcome:
    return Outcome.PASSED if passed(record) else record.tries[-1].outcome


def _failure(record: Record) -> str:
    return "" if passed(record) else failure_class(record)
