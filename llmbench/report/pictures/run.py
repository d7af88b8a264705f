"""The pictures of one run: groups of tasks with their intervals, and what samples took."""

from collections.abc import Iterator, Mapping

from llmbench.api import Outcome
from llmbench.report.pictures.distribution import Amount, distribution_picture
from llmbench.report.pictures.intervals import Row, interval_picture
from llmbench.report.pictures.picture import Picture
from llmbench.report.pictures.units import SECONDS, TOKENS
from llmbench.report.read import Run
from llmbench.score.groups import Group


def run_pictures(run: Run) -> tuple[Picture, ...]:
    """Return the pictures of a run, as far as there is something to show."""
    spreads = (_tokens(run), _seconds(run))
    return (*_groups(run), *(picture for picture in spreads if picture is not None))


def _groups(run: Run) -> Iterator[Picture]:
    kinds = {"group of tasks": run.summary.groups, **run.summary.groups_by}
    for kind, groups in kinds.items():
        if len(groups) > 1:
            yield interval_picture(_rows(groups), f"pass@1 by {kind}, with 95 % intervals")


def _rows(groups: Mapping[str, Group]) -> list[Row]:
    return [
        Row(
            name=name,
            share=group.by_try[0] if group.by_try else None,
            interval=group.interval_95,
            samples=group.graded,
        )
        for name, group in groups.items()
    ]


def _tokens(run: Run) -> Picture | None:
    amounts = [
        Amount(record.usage.completion_tokens, record.outcome is Outcome.PASSED)
        for record in run.planned
        if record.outcome.graded and record.usage.completions and record.usage.completion_tokens is not None
    ]
    return distribution_picture(amounts, "Completion tokens of the samples", "tokens", TOKENS)


def _seconds(run: Run) -> Picture | None:
    amounts = [
        Amount(record.timing.generation_s + record.timing.grading_s, record.outcome is Outcome.PASSED)
        for record in run.planned
        if record.outcome.graded
    ]
    return distribution_picture(amounts, "Time of the samples, asking and grading", "time", SECONDS)
