"""The names that jest gives to the rows of a table of cases, where they can be told without running it."""

import re
from typing import TYPE_CHECKING

from llmbench_plugins.validators.native.altered.syntax import text_of

if TYPE_CHECKING:
    from tree_sitter import Node

_MARK = re.compile(r"%([a-zA-Z#%$])|\$(\w+(?:\.\w+)*)")
_TEXTS = "sdifpjo"


def row_names(pattern: str | None, rows: list["Node"]) -> list[str]:
    """Return a name for each row; none at all where one of them can't be told."""
    if pattern is None or not rows:
        return []
    names = [_name(pattern, _cells(row), number) for number, row in enumerate(rows)]
    found = [name for name in names if name is not None]
    return found if len(found) == len(rows) == len(set(found)) else []


def naming_cells(pattern: str | None, row: "Node") -> list["Node"]:
    """Return the cells of a row that are in its name."""
    marks = [found[1] for found in _MARK.finditer(pattern or "") if found[1] and found[1] in _TEXTS]
    return _cells(row)[: len(marks)]


def _cells(row: "Node") -> list["Node"]:
    return [one for one in row.named_children if one.type != "comment"] if row.type == "array" else [row]


def _name(pattern: str, cells: list["Node"], number: int) -> str | None:
    said, at, waiting = [], 0, list(cells)
    for found in _MARK.finditer(pattern):
        said.append(pattern[at : found.start()])
        at = found.end()
        if found[1] == "%":
            said.append("%")
        elif found[1] == "#":
            said.append(str(number))
        elif not waiting or (shown := _shown(found[1], waiting.pop(0))) is None:
            return None
        else:
            said.append(shown)
    return "".join([*said, pattern[at:]])


def _shown(mark: str | None, cell: "Node") -> str | None:
    """Return how a string or a number is written in a name."""
    text = text_of(cell)
    if cell.type == "string" and "\\" not in text and mark and mark in "spj":
        return text[1:-1] if mark == "s" else f'"{text[1:-1]}"'
    if cell.type in ("number", "unary_expression") and re.fullmatch(r"-?(?:0|[1-9]\d{0,14})", text):
        return text if mark and mark in _TEXTS else None
    return text if cell.type in ("true", "false", "null") and mark and mark in "spj" else None
