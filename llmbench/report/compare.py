"""Several runs in one table, a row each: terminal, Markdown, HTML, CSV and JSON."""

from collections.abc import Iterator, Sequence
from itertools import combinations
from typing import Literal

from rich.box import SIMPLE_HEAD
from rich.table import Table
from rich.text import Text

from llmbench.console import Console
from llmbench.report.apart import apart
from llmbench.report.axes import AXES
from llmbench.report.blocks import plain, table
from llmbench.report.facts import against, bounds_text
from llmbench.report.fit import fitting
from llmbench.report.machine_use import busy_text
from llmbench.report.prompts import prompts_line
from llmbench.report.read import Run, reference
from llmbench.report.terminal import COLOURS
from llmbench.report.tool_use import COLUMNS, tool_columns
from llmbench.report.twins import are_a_pair, gap_text, gaps
from llmbench.report.words import LEVELS, UNKNOWN, energy, inert, megabytes, percent, seconds, span, speed
from llmbench.score.machine import figure, gpu
from llmbench.score.prompts import prompts_of
from llmbench.score.trust import Level, worst

_TITLE = "Runs compared"
_WHICH = "Which of them is better, or whether that can't be told:"
_NUMBERS = (
    "pass@1",
    "95 %",
    "graded",
    "tokens/s",
    "first token",
    "GPU",
    "energy/solved",
    "memory",
    *COLUMNS,
    "wall time",
)
_SETTINGS = "settings"
_NAMED = (*AXES, _SETTINGS)
_MISSABLE = (
    "wall time",
    "memory",
    "first token",
    "tool calls",
    "iterations",
    "GPU",
    "energy/solved",
    "malformed",
    "tokens/s",
    "95 %",
)
"""Left out of a narrow terminal, in this order, and never what tells runs apart; files have them all."""
_MEASURED = ("GPU", "energy/solved", "memory", *COLUMNS)
"""Columns that stand only where something of it was measured."""


def show_runs(runs: Sequence[Run], console: Console) -> None:
    """Print the table."""
    shown = Table(
        title=Text(f"{_TITLE}{_shared(runs)}"),
        title_justify="left",
        box=SIMPLE_HEAD,
        pad_edge=False,
        collapse_padding=True,
    )
    head = _head(runs)
    head = fitting([head, *_rows(runs, head)], console.width, _MISSABLE)
    for name in head:
        justify: Literal["left", "right"] = "right" if name in _NUMBERS else "left"
        # Names may be long; numbers and ids that are broken in two can't be read.
        shown.add_column(Text(name), overflow="fold", justify=justify, no_wrap=name not in _NAMED)
    for run, row in zip(runs, _rows(runs, head), strict=True):
        cells = [Text(inert(cell)) for cell in row]
        cells[head.index("trust")].stylize(COLOURS[worst(run.summary.trust)])
        shown.add_row(*cells)
    console.print(shown)
    for note in _notes(runs):
        console.print(Text(f"Note: {inert(note)}", style="yellow"))
    if command := _pointer(runs):
        console.print(Text(f"{_WHICH} {inert(command)}"), soft_wrap=True)


def compare_markdown(runs: Sequence[Run]) -> str:
    """Return the table, with what has to be known about single runs below it."""
    head = _head(runs)
    right = [place for place, name in enumerate(head) if name in _NUMBERS]
    rows = [[_cell(name, cell) for name, cell in zip(head, row, strict=True)] for row in _rows(runs, head)]
    notes = "\n".join(f"- {plain(note, 400)}" for note in _notes(runs))
    below = f"\n\n{_WHICH} `{command}`\n" if (command := _pointer(runs)) else "\n"
    return f"# {_TITLE}{plain(_shared(runs))}\n\n{table(head, rows, right=right)}\n\n{notes}{below}"


def compare_html(runs: Sequence[Run]) -> str:
    """Return the table as a page of its own, with pictures below it."""
    from llmbench.report.pictures import figures, sweep_pictures
    from llmbench.report.web import page, render

    return page(_TITLE, f"{render(compare_markdown(runs))}\n{figures(sweep_pictures(runs))}")


def _head(runs: Sequence[Run]) -> list[str]:
    """Return the columns: first what tells the runs apart, of the axes only those in which they differ."""
    measured = {
        name
        for name in _MEASURED
        if any((_machine(run) | tool_columns(run.summary.tools))[name] for run in runs)
    }
    numbers = [name for name in _NUMBERS if name not in _MEASURED or name in measured]
    differing = [axis for axis in AXES if len(_choices(runs, axis)) > 1]
    settings = [_SETTINGS] if any(_settings(runs)) else []
    return [*differing, *settings, "run", "trust", *numbers]


def _settings(runs: Sequence[Run]) -> list[str]:
    return apart([run.manifest.names for run in runs], [run.manifest.config for run in runs])


def _choices(runs: Sequence[Run], axis: str) -> list[str]:
    return list(dict.fromkeys(run.manifest.names.get(axis, "?") for run in runs))


def _shared(runs: Sequence[Run]) -> str:
    """Return what all runs have in common, for the title."""
    choices = [_choices(runs, axis) for axis in AXES]
    shared = [inert(found[0]) for found in choices if len(found) == 1]
    return f": {' · '.join(shared)}" if shared else ""


def _rows(runs: Sequence[Run], head: Sequence[str]) -> list[list[str]]:
    return [_row(run, head, settings) for run, settings in zip(runs, _settings(runs), strict=True)]


def _row(run: Run, head: Sequence[str], settings: str) -> list[str]:
    summary, score = run.summary, run.summary.score
    known = {
        "run": summary.run_id,
        _SETTINGS: settings,
        "trust": LEVELS[worst(summary.trust)],
        "pass@1": "no score" if score.pass_at_1 is None else percent(score.pass_at_1),
        "95 %": span(score.interval_95) if score.interval_95 else "",
        "graded": f"{summary.graded}/{summary.planned}",
        "tokens/s": speed(summary.speed.decode_tokens_per_s).removesuffix(" tokens/s"),
        "first token": seconds(summary.speed.ttft_s),
        "wall time": seconds(summary.wall_s),
        **{name: text or UNKNOWN for name, text in _machine(run).items()},
        **tool_columns(summary.tools),
    }
    return [known.get(name) or run.manifest.names.get(name, "") for name in head]


def _machine(run: Run) -> dict[str, str]:
    """Return what the machine did, in few words; empty ones where it was not measured."""
    use = run.summary.machine
    busy, memory = gpu(use, "utilization_percent").mean, figure(use, "process.memory_mb").peak
    each = use.energy_per_solved_j if use else None
    return {
        "GPU": "" if busy is None else f"{busy:.0f} %",
        "energy/solved": "" if each is None else energy(each).partition(" (")[0],
        "memory": "" if memory is None else megabytes(memory),
    }


def _cell(name: str, text: str) -> str:
    return f"`{text}`" if name == "trust" else plain(text)


def _notes(runs: Sequence[Run]) -> list[str]:
    notes = []
    digests = {str(run.manifest.dataset.get("sha256")) for run in runs}
    if len(digests) > 1 and not all(are_a_pair(runs[0], run) for run in runs[1:]):
        notes.append("these runs asked different tasks: their scores can't be compared as they stand")
    shown = [run.summary.run_id for run in runs if run.manifest.tests_shown]
    if 0 < len(shown) < len(runs):
        notes.append(f"the model saw the tests in {', '.join(shown)} and in no other run")
    notes += [gap_text(gap) for gap in gaps(runs)]
    notes += _prompts(runs)
    for run in runs:
        summary = run.summary
        parts = [against(summary.trust) if worst(summary.trust) is not Level.GREEN else ""]
        parts += [bounds_text(summary.score), summary.notice]
        if text := "; ".join(filter(None, parts)):
            notes.append(f"{summary.run_id}: {text}")
        if busy := busy_text(summary.machine):
            notes.append(f"{summary.run_id}: {busy}")
    return notes


def _prompts(runs: Sequence[Run]) -> Iterator[str]:
    """Yield whether servers that have the same weights got the same prompts."""
    for a, b in combinations((run.manifest for run in runs), 2):
        if line := prompts_line(prompts_of(a, b), a.names, b.names):
            yield f"prompts of {a.run_id} and {b.run_id}: {line}"


def _pointer(runs: Sequence[Run]) -> str:
    """Return the command that says which of two runs is better; empty where it would refuse them."""
    if len(runs) != 2 or len(_choices(runs, "dataset")) > 1:
        return ""
    return f"llmbench compare {' '.join(reference(run.folder) for run in runs)}"
