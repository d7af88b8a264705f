"""Which samples of two runs make a pair, and by which try they count."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from llmbench.api import Outcome
from llmbench.errors import UsageError
from llmbench.records.manifest import Manifest
from llmbench.records.record import Record

Pair = tuple[Record, Record]
Tries = int | Literal["last"]
"""How many tries count; ``last``: as many as both runs allowed."""


@dataclass(frozen=True, slots=True)
class Arm:
    """A run, and those of its records that its score is about."""

    manifest: Manifest
    records: Sequence[Record]


def aligned(a: Arm, b: Arm) -> tuple[list[Pair], dict[str, int]]:
    """Return pairs by task and sample, and how many samples have no partner and why.

    Raises:
        UsageError: they asked different tasks, or have none in common.
    """
    _same_dataset(a.manifest, b.manifest)
    ours, theirs = ({record.key: record for record in arm.records} for arm in (a, b))
    common = [(ours[key], theirs[key]) for key in ours if key in theirs]
    pairs = [(one, other) for one, other in common if one.outcome.graded and other.outcome.graded]
    if not pairs:
        raise UsageError(
            f"compare: {a.manifest.run_id} and {b.manifest.run_id} have no graded sample in common; expected "
            "runs of the same tasks"
        )
    left_out = {
        "only in A": len(ours) - len(common),
        "only in B": len(theirs) - len(common),
        "not graded in one of them": len(common) - len(pairs),
    }
    return pairs, {why: number for why, number in left_out.items() if number}


def _same_dataset(a: Manifest, b: Manifest) -> None:
    one, other = (manifest.names.get("dataset", "?") for manifest in (a, b))
    if one != other:
        raise UsageError(
            f"compare: {a.run_id} asked {one}, {b.run_id} asked {other}; expected runs of one dataset"
        )
    ours, theirs = (dict(zip(manifest.plan.tasks, manifest.plan.digests, strict=True)) for manifest in (a, b))
    changed = [task for task in ours if task in theirs and ours[task] != theirs[task]]
    if changed:
        common = sum(task in theirs for task in ours)
        raise UsageError(
            f"compare: {len(changed)} of {common} common tasks of {a.run_id} and {b.run_id} are not the same "
            f"(first: {changed[0]}): another version, twin or preset of {one}; run one again as the other was"
        )


def tries_counted(a: Manifest, b: Manifest, wanted: Tries) -> int:
    """Return how many tries count of those that both runs allowed.

    Raises:
        UsageError: one of them allowed fewer.
    """
    common = tries_of_both(a, b)
    if wanted == "last":
        return common
    if wanted > common:
        short = min((a, b), key=lambda manifest: manifest.plan.tries)
        raise UsageError(
            f"compare: --tries {wanted}: {short.run_id} allowed {short.plan.tries}; expected a number from 1 "
            f"to {common}, or last"
        )
    return wanted


def tries_of_both(a: Manifest, b: Manifest) -> int:
    """Return how many tries a sample had in both runs."""
    return min(a.plan.tries, b.plan.tries)


def counting(pair: Pair, tries: int) -> Pair:
    """Return a pair with its first tries only."""
    one, other = (replace(record, tries=record.tries[:tries]) for record in pair)
    return one, other


def passed(record: Record) -> bool:
    """Say whether any of its tries passed."""
    return any(done.outcome is Outcome.PASSED for done in record.tries)
