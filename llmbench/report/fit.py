"""Tables on narrow terminals: whole columns are left out, rather than numbers broken in two."""

from collections.abc import Sequence

_BETWEEN = 2
"""Spaces from one column to the next."""


def fitting(rows: Sequence[Sequence[str]], width: int, missable: Sequence[str]) -> list[str]:
    """Return the names of the columns that fit; the first row holds the names.

    Args:
        rows: the head, and what stands below it.
        width: characters of the terminal.
        missable: columns that may be left out, in this order.
    """
    widths = {column[0]: max(map(len, column)) + _BETWEEN for column in zip(*rows, strict=True)}
    for name in missable:
        if sum(widths.values()) <= width:
            break
        widths.pop(name, None)
    return list(widths)
