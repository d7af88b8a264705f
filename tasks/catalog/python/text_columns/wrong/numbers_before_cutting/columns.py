"""Tables of text."""

import re

from display import ALIGNMENTS, cut, pad, width

NUMBER = re.compile(r"(-?[0-9]+)((?:\.[0-9]+)?)")


def table(rows, columns):
    """Return the lines of a table."""
    for align, _ in columns:
        if align not in (*ALIGNMENTS, "number"):
            raise ValueError(f"unknown alignment: {align!r}")
    lines = []
    for row in rows:
        if len(row) > len(columns):
            raise ValueError("a row has more cells than there are columns")
        lines += lines_of(row, len(columns))
    laid_out = [column([line[i] for line in lines], *columns[i]) for i in range(len(columns))]
    return ["  ".join(texts[i] for texts in laid_out).rstrip(" ") for i in range(len(lines))]


def lines_of(row, count):
    """Return the lines of a row, each with a text for each column."""
    cells = [cell.split("\n") for cell in row]
    height = max(map(len, cells), default=1)
    cells += [[]] * (count - len(cells))
    return [[cell[i] if i < len(cell) else "" for cell in cells] for i in range(height)]


def column(texts, align, limit):
    """Return the texts of a column, all as wide."""
    if align == "number":
        texts, align = at_the_point(texts), "right"
    if limit is not None:
        texts = [cut(text, limit) for text in texts]
    wide = max(map(width, texts), default=0)
    return [pad(text, wide, align) for text in texts]


def at_the_point(texts):
    """Return texts with spaces around numbers, so that their points stand one below the other."""
    numbers = [number for number in map(NUMBER.fullmatch, texts) if number]
    before = max((len(number[1]) for number in numbers), default=0)
    after = max((len(number[2]) for number in numbers), default=0)
    return [around(text, before, after) for text in texts]


def around(text, before, after):
    """Return a number with spaces around it, and any other text as it is."""
    number = NUMBER.fullmatch(text)
    return number[1].rjust(before) + number[2].ljust(after) if number else text
