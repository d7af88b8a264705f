"""The report on a terminal. Everything foreign is put in as plain text: no markup, no escape sequence."""

from rich.padding import Padding
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from llmbench.console import Console
from llmbench.records.bundle import bundle_of
from llmbench.report.advice import advise
from llmbench.report.facts import belief, by_weight, facts, heading
from llmbench.report.read import Run, reference, relative
from llmbench.report.words import LEVELS, inert, one_line, plural
from llmbench.score.summary import Summary
from llmbench.score.trust import Level, worst

COLOURS = {Level.RED: "red", Level.AMBER: "yellow", Level.GREEN: "green"}
_OUTCOMES = {"passed": "green", "failed": "red", "tampered": "red", "infra_error": "magenta"}
_TONES = {"plain": "", "main": "bold", "notice": "yellow"}
_LONGEST = 400


def show_run(run: Run, console: Console, *, held: int | None = None) -> None:
    """Print the report of one run, or of what a command selected of the ``held`` tasks that it holds."""
    console.print()
    console.print(Rule(Text(inert(heading(run)), style="bold"), align="left", style="dim"))
    asked = len(run.manifest.plan.tasks)
    if held is not None and asked < held:
        told = f"Of {plural(asked, 'task')} alone, as selected; the run holds {held}: "
        _line(console, (told, "yellow"), (f"llmbench report {reference(run.folder)}", "cyan"))
    _show_trust(run.summary, console)
    _show_score(run.summary, console)
    _show_paths(run, console)


def _show_trust(summary: Summary, console: Console) -> None:
    colour = COLOURS[worst(summary.trust)]
    console.print(
        Text.assemble(("Can this number be believed? ", "bold"), (belief(summary.trust).capitalize(), colour))
    )
    table = _grid(3)
    for finding in by_weight(summary.trust):
        level = Text.assemble(("● ", COLOURS[finding.level]), LEVELS[finding.level])
        table.add_row(level, Text(finding.rule), Text(one_line(finding.text, _LONGEST)))
    console.print(Padding(table, (0, 0, 1, 2)))


def _show_score(summary: Summary, console: Console) -> None:
    console.print(Text("Score", style="bold"))
    table = _grid(2)
    for fact in facts(summary):
        value = _outcomes(summary) if fact.label == "outcomes" else Text(one_line(fact.value, _LONGEST))
        value.stylize(_TONES[fact.tone])
        table.add_row(Text(fact.label, style="bold" if fact.tone == "main" else "dim"), value)
    console.print(Padding(table, (0, 0, 1, 2)))


def outcome_style(name: str) -> str:
    """Return the colour of an outcome."""
    return _OUTCOMES.get(name, "yellow")


def _outcomes(summary: Summary) -> Text:
    parts = [(f"{number} {name}", outcome_style(name)) for name, number in summary.outcomes.items()]
    return Text(", ").join(Text(text, style=style) for text, style in parts)


def _show_paths(run: Run, console: Console) -> None:
    if not bundle_of(run.folder):
        _line(console, ("Report: ", "bold"), relative(run.folder / "REPORT.md"))
        _line(console, ("        ", ""), relative(run.folder / "report.html"))
        console.print()
    console.print(Text("What to try next", style="bold"))
    for advice in advise(run):
        _line(console, ("  ", ""), (inert(advice.command), "cyan"))
        _line(console, ("      ", ""), (advice.purpose, "dim"))


def _line(console: Console, *parts: str | tuple[str, str]) -> None:
    # Never wrapped by us: a path or a command has to survive being copied.
    console.print(Text.assemble(*parts), soft_wrap=True)


def _grid(columns: int) -> Table:
    table = Table.grid(padding=(0, 2))
    for _ in range(columns - 1):
        table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    return table
