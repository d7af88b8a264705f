"""The table of groups of tasks, such as languages, and their line beside the score."""

from collections.abc import Iterator, Mapping

from llmbench.report.blocks import plain, table
from llmbench.report.words import count, percent, plural, seconds, span
from llmbench.score.groups import Group

_FEW = 20
"""Tasks of a group below which a reader is told what that means."""


def group_rows(groups: Mapping[str, Group]) -> Iterator[tuple[str, str]]:
    """Yield one row of the score table for each group, and what to know of small ones."""
    for name, group in groups.items():
        yield (
            f"· {name}",
            f"{_shares(group)} of {_size(group)}" if group.graded else "none graded",
        )
    if note := small_note(groups):
        yield "", note


def groups_table(groups: Mapping[str, Group]) -> str:
    """Return the table with what to know of small groups, or an empty string where there are no groups."""
    if not groups:
        return ""
    tries = max(len(group.by_try) for group in groups.values())
    shares = ["pass@1", *(f"within {number} tries" for number in range(2, tries + 1))][: max(tries, 1)]
    rows = [
        [
            plain(name),
            str(group.tasks),
            str(group.graded),
            *([percent(share) for share in group.by_try] or [""] * len(shares)),
            span(group.interval_95) if group.interval_95 else "",
            seconds(group.sample_s),
            count(group.completion_tokens),
        ]
        for name, group in groups.items()
    ]
    head = ["", "tasks", "graded", *shares, "95 % of pass@1", "time a sample", "completion tokens"]
    written = table(head, rows, right=range(1, len(head)))
    note = small_note(groups)
    return f"{written}\n\n{note}" if note else written


def small_note(groups: Mapping[str, Group]) -> str:
    """Say that intervals of small groups are wide; an empty string where none is small."""
    few = sum(group.graded > 0 and group.tasks < _FEW for group in groups.values())
    if not few:
        return ""
    have = f"{'each' if few == len(groups) else few} of {plural(len(groups), 'group')}"
    verb = "has" if few == 1 or few == len(groups) else "have"
    return f"{have} {verb} fewer than {_FEW} tasks: the interval is wide, and most differences may be chance"


def _shares(group: Group) -> str:
    first, *later = (percent(share) for share in group.by_try)
    interval = f" [{span(group.interval_95)}]" if group.interval_95 else ""
    return " → ".join([f"{first}{interval}", *later])


def _size(group: Group) -> str:
    tasks = plural(group.tasks, "task")
    return tasks if group.graded == group.tasks else f"{tasks}, {plural(group.graded, 'sample')}"
