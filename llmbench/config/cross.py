"""The matrix as a table of two sides: models and backends downwards, everything else across."""

from collections.abc import Mapping, Sequence
from typing import Any

from llmbench.config.cells import Cell
from llmbench.report.words import LEVELS, percent
from llmbench.score.trust import Level

_DOWN = ("model", "backend")
_BETWEEN = " · "


def cross(cells: Sequence[Cell], keys: Sequence[str]) -> list[list[str]] | None:
    """Return pass@1 with a head and a row for each model and backend; None where only one side was swept.

    A cell without a score shows what became of it; one whose trust report has a problem says so.
    """
    down = [key for key in keys if key.partition(".")[0] in _DOWN]
    across = [key for key in keys if key not in down]
    if not down or not across:
        return None
    found = {(_label(cell, down), _label(cell, across)): _shown(cell) for cell in cells}
    columns = list(dict.fromkeys(column for _, column in found))
    rows = list(dict.fromkeys(row for row, _ in found))
    head = [f"{_BETWEEN.join(down)} \\ {_BETWEEN.join(across)}", *columns]
    return [head, *([row, *(found.get((row, column), "") for column in columns)] for row in rows)]


def _label(cell: Cell, keys: Sequence[str]) -> str:
    return _BETWEEN.join(cell.overrides.get(key, "") for key in keys)


def _shown(cell: Cell) -> str:
    score = cell.summary["score"]["pass_at_1"] if cell.summary else None
    if score is None:
        return cell.status
    problem = LEVELS[Level.RED]
    mark = f" ({problem})" if trust_word(cell.summary) == problem else ""
    return f"{percent(score)}{mark}"


def trust_word(summary: Mapping[str, Any]) -> str:
    """Return what a cell's trust report says in a word; an empty string where there is none."""
    levels = {Level(finding["level"]) for finding in summary.get("trust", ())}
    return LEVELS[max(levels, key=list(Level).index)] if levels else ""
