"""How well a model called tools: what an agent noted of each try, added up. Pure functions of records."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median

import msgspec

from llmbench.api import Outcome
from llmbench.records.record import Record

NOTES = "tools"
"""The key of ``Attempt.notes`` under which an agent counts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """What an agent notes of one try; other keys are for readers of the journal."""

    protocol: str = ""
    fell_back: str = ""
    """Why the server's own form of calls was given up."""
    ended: str = ""
    iterations: int = 0
    calls: int = 0
    """Calls that were tried, malformed ones included."""
    useful: int = 0
    """Calls that succeeded and were no repetition."""
    malformed: int = 0
    failed: int = 0
    errors: int = 0
    """Errors that the model was told: malformed and failed calls, and answers without a call."""
    corrected: int = 0
    """Errors after which the same tool was called with success."""
    completion_tokens: int | None = None
    by_kind: Mapping[str, int] = field(default_factory=dict)
    by_name: Mapping[str, int] = field(default_factory=dict)
    mistakes: Mapping[str, int] = field(default_factory=dict)
    failures: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolUse:
    """How a run's model called tools, all tries of all planned samples together."""

    samples: int
    """With such counts."""
    protocols: Mapping[str, int]
    """Tries by the form of calls in which they ended."""
    fell_back: int
    """Samples in which the server's own form of calls was given up for plain text."""
    ended: Mapping[str, int]
    """Tries by what ended them."""
    iterations: int
    """Answers of the model in conversations with tools."""
    iterations_to_success: float | None
    """Median over samples that passed."""
    calls: int
    useful: int
    malformed: int
    failed: int
    errors: int
    corrected: int
    efficiency: float | None
    """``useful / calls``: the share of calls that succeeded and were no repetition; None without a call."""
    self_corrected: float | None
    """``corrected / errors``: the share of errors that were corrected; None without an error."""
    tokens_per_iteration: float | None
    """Mean completion tokens of an answer, thinking included."""
    by_kind: Mapping[str, int]
    by_name: Mapping[str, int]
    mistakes: Mapping[str, int]
    """Malformed calls by kind, and answers of which nothing could be done."""
    failures: Mapping[str, int]
    """Well-formed calls without success, by what they brought."""
    mended: Mapping[str, int] = field(default_factory=dict)
    """Faults of the server that the client repaired, by kind: no mistakes of the model's."""


def counts_of(record: Record) -> list[Counts]:
    """Return what was counted in each try of a sample; nothing where its agent calls no tools."""
    noted = (done.notes.get(NOTES) for done in record.tries)
    return [counts for notes in noted if (counts := _counts(notes)) is not None]


def _counts(notes: object) -> Counts | None:
    # The notes are an agent's own, of whichever distribution: what does not fit is not ours to count.
    if not isinstance(notes, Mapping):
        return None
    try:
        return msgspec.convert(notes, Counts)
    except msgspec.ValidationError:
        return None


def tool_use(planned: Sequence[Record]) -> ToolUse | None:
    """Add up; None where no try has counts."""
    by_record = [(record, counts) for record in planned if (counts := counts_of(record))]
    if not by_record:
        return None
    tries = [counts for _, many in by_record for counts in many]
    calls, errors = sum(one.calls for one in tries), sum(one.errors for one in tries)
    useful, corrected = sum(one.useful for one in tries), sum(one.corrected for one in tries)
    iterations = sum(one.iterations for one in tries)
    passed = [
        sum(one.iterations for one in many) for record, many in by_record if record.outcome is Outcome.PASSED
    ]
    tokens = [one.completion_tokens for one in tries]
    known = [number for number in tokens if number is not None]
    return ToolUse(
        samples=len(by_record),
        protocols=dict(Counter(one.protocol for one in tries)),
        fell_back=sum(any(one.fell_back for one in many) for _, many in by_record),
        ended=dict(Counter(one.ended for one in tries).most_common()),
        iterations=iterations,
        iterations_to_success=float(median(passed)) if passed else None,
        calls=calls,
        useful=useful,
        malformed=sum(one.malformed for one in tries),
        failed=sum(one.failed for one in tries),
        errors=errors,
        corrected=corrected,
        efficiency=useful / calls if calls else None,
        self_corrected=corrected / errors if errors else None,
        tokens_per_iteration=(sum(known) / iterations if iterations and len(known) == len(tokens) else None),
        by_kind=_added(one.by_kind for one in tries),
        by_name=_added(one.by_name for one in tries),
        mistakes=_added(one.mistakes for one in tries),
        failures=_added(one.failures for one in tries),
        mended=_added(record.mended for record, _ in by_record),
    )


def _added(parts: Iterable[Mapping[str, int]]) -> dict[str, int]:
    total: Counter[str] = Counter()
    for part in parts:
        total.update(part)
    return dict(total.most_common())
