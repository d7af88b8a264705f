"""The matrix that closes a sweep: on the terminal, as Markdown, as a page with pictures, and as JSON."""

import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.table import Table
from rich.text import Text

from llmbench.config.cells import Cell
from llmbench.config.cross import cross, trust_word
from llmbench.config.measures import COLUMNS, SHORT, busy_note, known_columns, measures_of
from llmbench.config.servers import prompt_lines
from llmbench.console import Console
from llmbench.errors import LlmbenchError
from llmbench.report import blocks
from llmbench.report.blocks import plain
from llmbench.report.fit import fitting
from llmbench.report.read import Run, read_run
from llmbench.report.words import one_line, percent, span
from llmbench.score.passk import Interval

_LONGEST = 400
_NUMBERS = frozenset({"pass@1", "95 % interval", "all tries", "graded", *COLUMNS})
_STYLES = {"done": "green", "failed": "red", "impossible": "yellow", "interrupted": "yellow"}


def write_matrix(cells: Sequence[Cell], folder: Path, keys: Sequence[str]) -> None:
    """Write MATRIX.md, matrix.html and matrix.json into the sweep's folder."""
    head, rows = _table(cells, keys, known_columns(cells))
    notes, rows = _notes_below(rows)
    crossed = cross(cells, keys)
    below = f"\n## pass@1\n\n{_markdown(crossed[0], crossed[1:])}" if crossed else ""
    busy = f"\n{note}.\n" if (note := busy_note(cells)) else ""
    prompts = prompt_lines(cells)
    if prompts:
        below += "\n## Prompts\n\n" + "".join(f"- {plain(line, _LONGEST)}\n" for line in prompts)
    told = "".join(f"\n({number}) {plain(note, _LONGEST)}\n" for number, note in enumerate(notes, start=1))
    text = f"# Sweep {folder.name}\n\n{_markdown(head, rows)}{told}{busy}{below}"
    (folder / "MATRIX.md").write_text(text, encoding="utf-8")
    (folder / "matrix.html").write_text(_page(f"Sweep {folder.name}", text, cells), encoding="utf-8")
    data = {"schema": "llmbench.matrix/1", "keys": list(keys), "cells": [_json(cell) for cell in cells]}
    data |= {"prompts": prompts} if prompts else {}
    (folder / "matrix.json").write_text(json.dumps(data, indent=2) + "\n", encoding="utf-8")


def _page(title: str, markdown: str, cells: Sequence[Cell]) -> str:
    """Return the tables with pictures of the runs below them."""
    # No other use of a matrix should wait for templates.
    from llmbench.report.pictures import figures, sweep_pictures
    from llmbench.report.web import page, render

    return page(title, f"{render(markdown)}\n{figures(sweep_pictures(_runs(cells)))}")


def _runs(cells: Sequence[Cell]) -> list[Run]:
    """Return the runs of all cells that have one, as far as they can be read, each once."""
    runs = []
    for folder in dict.fromkeys(cell.folder for cell in cells if cell.folder and cell.summary):
        with suppress(LlmbenchError):
            runs.append(read_run(Path(folder)))
    return runs


def show_matrix(cells: Sequence[Cell], folder: Path, keys: Sequence[str], console: Console) -> None:
    """Print the matrix; notes stand below it, so that the rows fit a narrow terminal."""
    beside = [name for name in known_columns(cells) if name in SHORT]
    head, rows = _table(cells, keys, beside)
    # The notes stand below the table: their column holds numbers only.
    kept = fitting([[*row[:-1], "note"] for row in (head, *rows)], console.width, _missable(cells))
    places = [place for place, name in enumerate(head) if name in kept]
    head, *rows = [[row[place] for place in places] for row in (head, *rows)]
    notes, rows = _notes_below(rows)
    shown = len(head) if notes else len(head) - 1
    table = Table(title="Sweep", title_justify="left", box=SIMPLE_HEAD, pad_edge=False, collapse_padding=True)
    for name in head[:shown]:
        table.add_column(name, overflow="fold", no_wrap=name not in keys)
    for cell, row in zip(cells, rows, strict=True):
        table.add_row(*row[:shown], style=_STYLES.get(cell.status, ""))
    console.print(table)
    if crossed := cross(cells, keys):
        _show_crossed(crossed, console)
    for number, note in enumerate(notes, start=1):
        console.print(f"({number}) {one_line(note)}", highlight=False, soft_wrap=True)
    for line in prompt_lines(cells):
        console.print(
            one_line(line[:1].upper() + line[1:], _LONGEST), highlight=False, markup=False, soft_wrap=True
        )
    if busy := busy_note(cells):
        console.print(busy, style="yellow", highlight=False, soft_wrap=True)
    console.print(f"Matrix: {folder / 'MATRIX.md'}", soft_wrap=True)
    console.print(f"        {folder / 'matrix.html'}", soft_wrap=True)


def _notes_below(rows: Sequence[Sequence[str]]) -> tuple[list[str], list[list[str]]]:
    """Return each note of the last column once, and the rows with its number in its place."""
    notes = list(dict.fromkeys(row[-1] for row in rows if row[-1]))
    marks = {note: f"({number})" for number, note in enumerate(notes, start=1)}
    return notes, [[*row[:-1], marks.get(row[-1], "")] for row in rows]


def _missable(cells: Sequence[Cell]) -> Sequence[str]:
    """Return the columns that a narrow terminal leaves out, in this order."""
    all_done = all(cell.status == "done" for cell in cells)
    return (*SHORT[:-1], "status", *SHORT[-1:]) if all_done else SHORT


def _show_crossed(crossed: Sequence[Sequence[str]], console: Console) -> None:
    table = Table(
        title="pass@1", title_justify="left", box=SIMPLE_HEAD, pad_edge=False, collapse_padding=True
    )
    for place, name in enumerate(crossed[0]):
        table.add_column(Text(name), overflow="fold", justify="right" if place else "left")
    for row in crossed[1:]:
        table.add_row(*map(Text, row))
    console.print(table)


def _markdown(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    right = [place for place, name in enumerate(head) if name in _NUMBERS]
    written = [[plain(cell, _LONGEST) for cell in row] for row in rows]
    return f"{blocks.table([_escaped(name) for name in head], written, right)}\n"


def _table(
    cells: Sequence[Cell], keys: Sequence[str], beside: Sequence[str]
) -> tuple[list[str], list[list[str]]]:
    # pass@1 is about first tries: where more are allowed, what they gain has a column of its own.
    tries = max((len(_by_try(cell)) for cell in cells), default=0)
    last = ["all tries"] if tries > 1 else []
    head = [*keys, "status", "trust", "pass@1", "95 % interval", *last, "graded", *beside, "run", "note"]
    return head, [
        [*(cell.overrides.get(key, "") for key in keys), *_result(cell, beside, with_tries=bool(last))]
        for cell in cells
    ]


def _result(cell: Cell, beside: Sequence[str], *, with_tries: bool) -> list[str]:
    notice = str(cell.summary.get("notice") or "")
    last = [percent(share) for share in _by_try(cell)[-1:]] or [""]
    *score, graded = _score(cell.summary)
    run = Path(cell.folder).name[-10:]
    found = measures_of(cell.summary)
    measured = [found[name] for name in beside]
    said = (cell.reason or notice).partition("\n")[0]
    after = last if with_tries else ()
    return [cell.status, trust_word(cell.summary), *score, *after, graded, *measured, run, said]


def _by_try(cell: Cell) -> Sequence[float]:
    return cell.summary["score"]["by_try"] if cell.summary else ()


def _score(summary: Mapping[str, Any]) -> list[str]:
    if not summary:
        return ["", "", ""]
    score = summary["score"]
    interval = score["interval_95"]
    return [
        "" if score["pass_at_1"] is None else percent(score["pass_at_1"]),
        "" if interval is None else span(Interval(**interval)),
        f"{summary['graded']} of {summary['planned']}",
    ]


def _json(cell: Cell) -> dict[str, Any]:
    return {key: value for key, value in asdict(cell).items() if key != "pid"}


def _escaped(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
