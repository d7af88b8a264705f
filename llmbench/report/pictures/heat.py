"""The matrix of a sweep as a heat map."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from llmbench.report.pictures.intervals import DOUBT
from llmbench.report.pictures.labels import fitting_labels, inert_label, text_width
from llmbench.report.pictures.picture import WIDTH, Picture, draw
from llmbench.report.words import percent

LEVELS = 5
"""Shades, a fifth of the scale each; the number in a cell is the other sign."""

_CELL_HEIGHT = 34
_NARROWEST, _BROADEST = 64, 170
_ROW_NAMES, _COLUMN_NAMES = 170.0, 220.0
_SLANT = 0.7072
"""Sine of the angle at which names stand that are too long for their column."""
_LEGEND = 44


@dataclass(frozen=True, slots=True)
class Cell:
    """One run of a matrix."""

    share: float | None
    """None where it has no score."""
    doubted: bool = False


Matrix = Mapping[tuple[str, str], Cell]
"""Cells by row and column, in their order."""


@dataclass(frozen=True, slots=True)
class _Square:
    x: float
    y: float
    level: str
    text: str
    words: str


def heat_picture(matrix: Matrix, title: str) -> Picture | None:
    """Return the picture; None where it has one row or column only, or is mostly empty."""
    rows = list(dict.fromkeys(row for row, _ in matrix))
    columns = list(dict.fromkeys(column for _, column in matrix))
    if min(len(rows), len(columns)) < 2 or 2 * len(matrix) < len(rows) * len(columns):
        return None
    across, down = [[inert_label(name) for name in names] for names in (columns, rows)]
    left = min(max(map(text_width, down)) + 12, _ROW_NAMES)
    cell = min(max((WIDTH - left) / len(columns), _NARROWEST), _BROADEST)
    is_slanted = max(map(text_width, across)) > cell - 8
    names = fitting_labels(across, _COLUMN_NAMES if is_slanted else cell)
    top = 16 + _SLANT * max(map(text_width, names)) if is_slanted else 28
    beyond = _SLANT * (text_width(names[-1]) + 12) - cell / 2 if is_slanted else 0
    bottom = round(top) + len(rows) * _CELL_HEIGHT
    return draw(
        "heat.svg.j2",
        title=title,
        alternative=_words(matrix, rows, columns),
        width=max(WIDTH, left + len(columns) * cell + max(0, beyond)),
        height=bottom + _LEGEND + (18 if _doubt(matrix) else 0),
        is_slanted=is_slanted,
        columns=[
            (round(left + (place + 0.5) * cell, 1), round(top) - 9, name) for place, name in enumerate(names)
        ],
        rows=[
            (round(top) + (place + 0.5) * _CELL_HEIGHT + 2.5, name)
            for place, name in enumerate(fitting_labels(down, left - 8))
        ],
        squares=_squares(matrix, rows, columns, round(left, 1), round(top), round(cell, 1)),
        size=(round(cell, 1) - 3, _CELL_HEIGHT - 3),
        legend=[
            (level * 84, level, f"{level * 20}–{(level + 1) * 20}{' %' if level == LEVELS - 1 else ''}")
            for level in range(LEVELS)
        ],
        bottom=bottom,
        doubt=f"{DOUBT} its trust report has a problem" if _doubt(matrix) else "",
    )


def _doubt(matrix: Matrix) -> bool:
    return any(cell.doubted for cell in matrix.values())


def _squares(
    matrix: Matrix, rows: Sequence[str], columns: Sequence[str], left: float, top: float, width: float
) -> list[_Square]:
    squares = []
    for down, row in enumerate(rows):
        for across, column in enumerate(columns):
            cell = matrix.get((row, column))
            level = "none" if cell is None or cell.share is None else str(level_of(cell.share))
            squares.append(
                _Square(
                    x=round(left + across * width, 1),
                    y=top + down * _CELL_HEIGHT,
                    level=level,
                    text=_text(cell),
                    words=_said(row, column, cell),
                )
            )
    return squares


def level_of(share: float) -> int:
    """Return the shade of a share, from 0."""
    return min(int(share * LEVELS), LEVELS - 1)


def _text(cell: Cell | None) -> str:
    if cell is None:
        return "–"
    if cell.share is None:
        return "no score"
    return f"{100 * cell.share:.1f}{f' {DOUBT}' if cell.doubted else ''}"


def _words(matrix: Matrix, rows: Sequence[str], columns: Sequence[str]) -> str:
    cells = (_said(row, column, matrix.get((row, column))) for row in rows for column in columns)
    return "; ".join(cells) + "."


def _said(row: str, column: str, cell: Cell | None) -> str:
    name = f"{inert_label(row)}, {inert_label(column)}"
    if cell is None or cell.share is None:
        return f"{name}: {'no run' if cell is None else 'no score'}"
    doubt = ", its trust report has a problem" if cell.doubted else ""
    return f"{name}: {percent(cell.share)}{doubt}"
