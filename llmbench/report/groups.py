"""The table of groups of tasks, such as languages, and their line beside the score."""

from collections.abc import Iterator, Mapping

from llmbench.report.blocks import plain, table
from llmbench.report.words import count, percent, plural, seconds
from llmbench.score.groups import Group


def group_rows(groups: Mapping[str, Group]) -> Iterator[tuple[str, str]]:
    """Yield one row of the score table for each group."""
    for name, group in groups.items():
        yield (
            f"· {name}",
            f"{_shares(group)} of {plural(group.graded, 'sample')}" if group.graded else "none graded",
        )


def groups_table(groups: Mapping[str, Group]) -> str:
    """Return the table, or an empty string where there are no groups."""
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
            seconds(group.sample_s),
            count(group.completion_tokens),
        ]
        for name, group in groups.items()
    ]
    head = ["", "tasks", "graded", *shares, "time a sample", "completion tokens"]
    return table(head, rows, right=range(1, len(head)))


def _shares(group: Group) -> str:
    return " → ".join(percent(share) for share in group.by_try)
