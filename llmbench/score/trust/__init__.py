"""Trust rules: whether the number can be believed, why not, and what to do. Pure functions of records."""

from collections.abc import Sequence

from llmbench.records.manifest import Manifest
from llmbench.records.record import Record
from llmbench.score.trust.answers import (
    answers_alike,
    asked_again,
    empty_answers,
    ended_early,
    form_of_calls,
    leaked_marks,
    no_code_found,
    truncated_answers,
    unknown_finish,
    unused_code,
)
from llmbench.score.trust.finding import Finding, Level, Rule, found, worst
from llmbench.score.trust.grading import (
    all_alike,
    graded_share,
    grader_self_test,
    infra_errors,
    same_failure,
    shown_tests,
    stopped_early,
    tampering,
    twin_tasks,
    whole_dataset,
)
from llmbench.score.trust.servers import (
    changed_weights,
    known_tasks,
    mixed_context,
    mixed_sampler,
    mixed_servers,
    outside_agent,
    unnamed_model,
    warned,
)

__all__ = [
    "RULES",
    "Finding",
    "Level",
    "Rule",
    "damaged_lines",
    "findings",
    "found",
    "set_apart",
    "twin_tasks",
    "worst",
]

RULES: tuple[Rule, ...] = (
    grader_self_test,
    graded_share,
    whole_dataset,
    stopped_early,
    empty_answers,
    truncated_answers,
    infra_errors,
    unknown_finish,
    no_code_found,
    unused_code,
    answers_alike,
    leaked_marks,
    asked_again,
    ended_early,
    form_of_calls,
    shown_tests,
    tampering,
    mixed_servers,
    changed_weights,
    mixed_context,
    mixed_sampler,
    outside_agent,
    twin_tasks,
    all_alike,
    same_failure,
    warned,
    known_tasks,
    unnamed_model,
)


def findings(manifest: Manifest, planned: Sequence[Record], total: int) -> tuple[Finding, ...]:
    """Apply all rules; ``total`` is how many samples were planned, with a record or not."""
    results = (rule(manifest, planned, total) for rule in RULES)
    return tuple(finding for finding in results if finding is not None)


def damaged_lines(count: int) -> tuple[Finding, ...]:
    """Say that lines of the journal can't be read; nothing where all can."""
    if not count:
        return ()
    text = f"{'1 line' if count == 1 else f'{count} lines'} can't be read and not counted"
    return (found("journal", Level.AMBER, text, "the run's command makes their samples again"),)


def set_apart(count: int) -> tuple[Finding, ...]:
    """Say that samples are stored of tasks that are no part of the run; nothing where there are none."""
    if not count:
        return ()
    stored = "1 stored sample is" if count == 1 else f"{count} stored samples are"
    advice = "the run's command, whatever it selects, counts those that the dataset has"
    return (found("other tasks", Level.AMBER, f"{stored} of other tasks, not counted", advice),)
