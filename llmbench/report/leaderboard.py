"""The best run of each model, as tables for a terminal, in Markdown and for programs."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any, Literal

from rich.box import SIMPLE_HEAD
from rich.table import Table
from rich.text import Text

from llmbench.console import Console
from llmbench.history.leaders import Conditions, Leader, LeaderTable, Reference
from llmbench.history.rows import RunRow
from llmbench.report.blocks import plain, table
from llmbench.report.fit import fitting
from llmbench.report.words import LEVELS, count, inert, money, one_line, percent, plural, seconds, span
from llmbench.score.passk import Interval

Cells = Mapping[str, str]

_COLOURS = {"red": "red", "amber": "yellow", "green": "green"}
_RIGHT = ("pass@1", "95 %", "in all tries", "graded", "cost", "tokens", "time", "tokens/s", "runs")
_MISSABLE = (
    "runs",
    "server",
    "quantization",
    "tokens/s",
    "agent",
    "backend",
    "machine",
    "tokens",
    "time",
    "cost",
)
"""Left out of a narrow terminal, in this order; Markdown and JSON have them."""
_ALWAYS = ("model", "trust", "pass@1", "95 %", "graded", "cost", "tokens", "time", "machine", "run")
"""Columns that stand there even where all cells are empty: that something is not known is worth knowing."""
_UNKNOWN = "–"
_APART = (
    "Each table holds the best run of each model among runs of the very same tasks, tries, preset and view "
    "of the tests; scores of different tables can't be compared."
)


def show_leaderboard(tables: Sequence[LeaderTable], console: Console) -> None:
    """Print the tables."""
    for found in tables:
        console.print()
        console.print(Text(inert(title(found)), style="bold"))
        console.print(_shown(found, console.width))
        for note in notes(found):
            console.print(Text(f"Note: {inert(note)}", style="yellow"))
    if len(tables) > 1:
        console.print(Text(_APART, style="dim"))


def leaderboard_markdown(tables: Sequence[LeaderTable]) -> str:
    """Return the tables, and what has to be known about them."""
    parts = ["# Leaderboard"]
    for found in tables:
        rows = list(_rows(found))
        head = _head(rows)
        right = [place for place, name in enumerate(head) if name in _RIGHT]
        cells = [[plain(row.get(name, "")) for name in head] for row in rows]
        parts += [f"## {plain(title(found), 400)}", table(head, cells, right=right)]
        parts += ["\n".join(f"- {plain(note, 400)}" for note in notes(found))]
    return "\n\n".join(filter(None, [*parts, _APART])) + "\n"


def leaderboard_json(tables: Sequence[LeaderTable]) -> str:
    """Return the tables as a list; null is what is not known."""
    return json.dumps([_data(found) for found in tables], indent=2, ensure_ascii=False) + "\n"


def title(found: LeaderTable) -> str:
    """Say what the runs of a table have in common."""
    said = found.conditions
    parts = [
        one_line(said.dataset, 80) or "an unknown dataset",
        _asked(found),
        plural(said.tries, "try", "tries"),
        *([f"preset {said.preset}"] if said.preset != "none" else []),
        *(["tests shown to the model"] if said.tests_shown else []),
        f"digest {said.sha256[:8] or 'unknown'}",
    ]
    return " · ".join(parts)


def _asked(found: LeaderTable) -> str:
    if found.is_whole:
        return f"all {plural(found.tasks, 'task')}"
    return plural(found.tasks, "task") if found.whole is None else f"{found.tasks} of {found.whole} tasks"


def _shown(found: LeaderTable, width: int) -> Table:
    rows = list(_rows(found))
    head = _head(rows)
    head = fitting([head, *([row.get(name, "") for name in head] for row in rows)], width, _MISSABLE)
    shown = Table(box=SIMPLE_HEAD, pad_edge=False, collapse_padding=True)
    for name in head:
        justify: Literal["left", "right"] = "right" if name in _RIGHT else "left"
        shown.add_column(Text(name), overflow="fold", justify=justify, no_wrap=name not in ("model", "run"))
    levels = [leader.row.trust for leader in found.leaders]
    for place, row in enumerate(rows):
        cells = [Text(inert(row.get(name, ""))) for name in head]
        if place < len(levels):
            cells[head.index("trust")].stylize(_COLOURS[levels[place]])
            shown.add_row(*cells)
        else:
            shown.add_row(*cells, style="dim italic")
    return shown


def _rows(found: LeaderTable) -> Iterator[Cells]:
    """Yield a row a model, and below them what others published."""
    for leader in found.leaders:
        yield _leader(leader, found.conditions)
    for reference in found.references:
        yield _reference(reference)


def _leader(leader: Leader, conditions: Conditions) -> Cells:
    row = leader.row
    return {
        "model": row.model,
        "trust": LEVELS[row.trust],
        "pass@1": percent(row.pass_at_1 or 0.0),
        "95 %": "" if row.low is None or row.high is None else span(Interval(row.low, row.high)),
        "in all tries": _known(row.pass_within, percent) if conditions.tries > 1 else "",
        "graded": f"{row.graded} of {row.planned}",
        "cost": _known(row.cost_usd, money),
        "tokens": _known(row.tokens, count),
        "time": seconds(row.wall_s),
        "tokens/s": "" if row.decode_tokens_per_s is None else f"{row.decode_tokens_per_s:.1f}",
        "agent": row.agent,
        "backend": row.backend,
        "quantization": row.quantization,
        "server": row.server,
        "machine": row.machine or _UNKNOWN,
        "runs": str(leader.runs),
        "run": reference_of(row),
    }


def reference_of(row: RunRow) -> str:
    """Return the word that names a run: its id, and where it is if it is not among ours."""
    word = row.run_id or row.folder
    return f"{row.place}/{row.folder}" if row.place and not row.run_id else word


def _known(value: Any, told: Callable[[Any], str]) -> str:
    return _UNKNOWN if value is None else told(value)


def notes(found: LeaderTable) -> Iterator[str]:
    """Yield what has to be known about single scores."""
    for row in (leader.row for leader in found.leaders):
        # The rule about the model says no more than its notice, which follows.
        rules = ", ".join(rule for rule in row.reasons.split(", ") if rule != "model")
        against = f"against this number: {rules}" if rules and row.trust == "red" else ""
        if told := "; ".join(filter(None, (against, row.notice))):
            yield f"{row.model}: {told}"
    for reference in found.references:
        if reference.differs:
            published = f"published {percent(reference.pass_at_1)} of {reference.model}"
            yield f"{published}, not comparable: {reference.differs}"


def _reference(reference: Reference) -> Cells:
    how = "published, not comparable" if reference.differs else "published"
    said = f"{how}: {reference.source} ({reference.date})"
    return {"model": reference.model, "pass@1": percent(reference.pass_at_1), "trust": "", "run": said}


def _head(rows: Sequence[Cells]) -> list[str]:
    return [name for name in rows[0] if name in _ALWAYS or any(row.get(name) for row in rows)]


def _data(found: LeaderTable) -> dict[str, Any]:
    said = found.conditions
    return {
        "dataset": said.dataset,
        "dataset_sha256": said.sha256,
        "tasks": found.tasks,
        "whole": found.whole,
        "tests_shown": said.tests_shown,
        "tries": said.tries,
        "preset": said.preset,
        "leaders": [{**row_data(leader.row), "runs": leader.runs} for leader in found.leaders],
        "published": [asdict(reference) for reference in found.references],
    }


def row_data(row: RunRow) -> dict[str, Any]:
    """Return a run for programs, without what only the history needs."""
    data = asdict(row) | {"tests_shown": bool(row.tests_shown)}
    return {name: value for name, value in data.items() if name not in ("id", "stamp")}
