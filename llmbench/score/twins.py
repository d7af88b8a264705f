"""Originals against their twins: the same tasks with other names. Pure functions of what two runs hold.

A model that solves a task because it has seen its answer loses more by other names than one that works it
out. Both runs ask the same model the same way, so their tasks are compared in pairs.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Any

from llmbench.api import Outcome
from llmbench.records.manifest import Manifest
from llmbench.records.record import Record
from llmbench.score.paired import Pairs, tango
from llmbench.score.passk import Interval
from llmbench.score.rates import bootstrap_95
from llmbench.score.trust.finding import Finding, Level, fine, found

_SAME = ("model", "sampling", "agent", "tools", "validator", "samples", "tries", "retry_budget", "limits")
"""Sections of the configuration that runs must share to be an original and its twin."""
_PLACES = ("twin", "path", "url")
"""Options of a dataset that may differ: a twin's own, and where its data lies."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """By how much originals are solved more often than their twins."""

    original_run: str
    twin_run: str
    twin: int
    """The number of the twin."""
    tasks: int
    """That were graded in both runs, and differ."""
    alike: int
    """Tasks that are the same in both, because nothing in them can be renamed: no part of the gap."""
    original_pass_at_1: float
    twin_pass_at_1: float
    gap: float
    """Of the originals minus that of the twins."""
    interval_95: Interval


def twin_of(manifest: Manifest) -> int:
    """Return the number of the twin that a run asks; 0 for originals."""
    number = manifest.settings("dataset").get("twin", 0)
    return number if isinstance(number, int) else 0


def are_twins(original: Manifest, twin: Manifest) -> bool:
    """Say whether one run asks the originals, and the other their twins in the same way."""
    if twin_of(original) or not twin_of(twin):
        return False
    axes = ("model", "backend")
    same_names = all(original.names.get(axis) == twin.names.get(axis) for axis in axes)
    return same_names and _way(original) == _way(twin)


def _way(manifest: Manifest) -> Mapping[str, Any]:
    way: dict[str, Any] = {key: manifest.config.get(key) for key in _SAME}
    dataset = {key: value for key, value in manifest.settings("dataset").items() if key not in _PLACES}
    return way | {"dataset": dataset}


def twin_gap(
    original: Manifest, records: Sequence[Record], twin: Manifest, twin_records: Sequence[Record]
) -> Gap | None:
    """Compare two runs, of which ``are_twins`` is true; None where they share no graded task that differs.

    Args:
        original: the run of the originals.
        records: those that its score is about.
        twin: the run of the twins.
        twin_records: those that its score is about.
    """
    rates, twin_rates = _rates(records), _rates(twin_records)
    digests = dict(zip(original.plan.tasks, original.plan.digests, strict=True))
    twin_digests = dict(zip(twin.plan.tasks, twin.plan.digests, strict=True))
    shared = [task for task in rates if task in twin_rates]
    pairs = [(rates[task], twin_rates[task]) for task in shared if digests[task] != twin_digests[task]]
    if not pairs:
        return None
    first, second = (fmean(each) for each in zip(*pairs, strict=True))
    return Gap(
        original_run=original.run_id,
        twin_run=twin.run_id,
        twin=twin_of(twin),
        tasks=len(pairs),
        alike=len(shared) - len(pairs),
        original_pass_at_1=first,
        twin_pass_at_1=second,
        gap=first - second,
        interval_95=difference_interval(pairs),
    )


def _rates(records: Sequence[Record]) -> dict[str, float]:
    """Return by task how often its graded samples pass at their first try."""
    found: dict[str, list[bool]] = {}
    for record in records:
        if record.outcome.graded and record.tries:
            found.setdefault(record.task, []).append(record.tries[0].outcome is Outcome.PASSED)
    return {task: fmean(passed) for task, passed in found.items()}


def difference_interval(pairs: Sequence[tuple[float, float]]) -> Interval:
    """Return a 95 % interval for the mean difference of rates that are paired by task.

    With one sample a task, Tango's; with several, the bootstrap over tasks. Without two tasks it is (-1, 1).
    """
    if all(rate in (0.0, 1.0) for pair in pairs for rate in pair):
        cells = [sum(pair == cell for pair in pairs) for cell in ((1, 1), (1, 0), (0, 1), (0, 0))]
        return tango(Pairs(*cells))
    return bootstrap_95([first - second for first, second in pairs]) or Interval(-1.0, 1.0)


def gap_finding(gap: Gap) -> Finding:
    """Return what a gap says about the score of the originals."""
    shares = f"originals {100 * gap.original_pass_at_1:.1f} %, twins {100 * gap.twin_pass_at_1:.1f} %"
    low, high = 100 * gap.interval_95.low, 100 * gap.interval_95.high
    measured = f"{shares}, gap {100 * gap.gap:+.1f} points [{low:+.1f} to {high:+.1f}], 95 % interval"
    if gap.interval_95.low > 0:
        text = f"{measured}: some answers may have been learnt by heart"
        return found("twins", Level.AMBER, text, "go by the twins")
    if gap.interval_95.high < 0:
        return fine("twins", f"{measured}: the twins are solved more often")
    return fine("twins", f"{measured}: no sign of answers learnt by heart")
