"""A conversation on a terminal, as Markdown and as JSON. Everything foreign is inert in all three."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from rich.rule import Rule
from rich.text import Text

from llmbench.console import Console
from llmbench.report.blocks import LONGEST, fence, plain
from llmbench.report.terminal import outcome_style
from llmbench.report.transcript import Entry
from llmbench.report.words import inert, one_line

_LONGEST = 20_000
"""Characters of one entry on a terminal; the sample's folder has the rest."""
_STYLES = {"answer": "bold cyan", "call": "cyan", "result": "blue", "error": "red", "feedback": "yellow"}
_DIM = ("reasoning", "system", "program", "note")


def show_entries(entries: Sequence[Entry], console: Console) -> None:
    """Print a conversation: what was thought and what programs printed is dimmed, answers stand out."""
    shown = 0
    for entry in entries:
        if entry.number > shown:
            shown = entry.number
            console.print(Rule(Text(f"try {shown}", style="bold"), style="dim"))
        _show(entry, console)


def as_markdown(title: str, entries: Sequence[Entry], most: int = LONGEST) -> str:
    """Return a conversation as Markdown, in which no text of it can be more than text.

    Args:
        title: of the whole.
        entries: in their order.
        most: characters of one text.
    """
    parts, shown = [f"# {plain(title)}"], 0
    for entry in entries:
        if entry.number > shown:
            shown = entry.number
            parts.append(f"## Try {shown}")
        facts = f" · {plain(entry.facts)}" if entry.facts else ""
        parts.append(f"### {plain(entry.title)}{facts}")
        if entry.text:
            parts.append(fence(entry.text, entry.language, most))
    return "\n\n".join(parts) + "\n"


def as_json(head: dict[str, Any], entries: Sequence[Entry]) -> str:
    """Return a conversation for machines; unlike in the other forms, texts are as they were written."""
    events = [
        {"try" if key == "number" else key: value for key, value in asdict(entry).items() if value != ""}
        for entry in entries
    ]
    return json.dumps({**head, "entries": events}, indent=2, default=str)


def _show(entry: Entry, console: Console) -> None:
    style = outcome_style(entry.title) if entry.kind == "verdict" else _STYLES.get(entry.kind, "default")
    heading = Text.assemble((one_line(entry.title), style), (f"  {one_line(entry.facts)}", "dim"))
    console.print(Rule(heading if entry.facts else Text(one_line(entry.title), style=style), align="left"))
    text = inert(_cut(entry.text)).rstrip("\n")
    if not text:
        return
    if not console.is_terminal:
        # What goes into a pipe or a file is neither wrapped nor padded.
        console.file.write(f"{text}\n")
    elif entry.kind in _DIM:
        console.print(Text(text, style="dim"))
    elif entry.language != "text":
        from rich.syntax import Syntax

        console.print(Syntax(text, entry.language, theme="ansi_dark", word_wrap=True))
    else:
        console.print(Text(text))


def _cut(text: str) -> str:
    if len(text) <= _LONGEST:
        return text
    left_out = len(text) - _LONGEST
    return (
        f"{text[:_LONGEST]}\n[… {left_out} characters more: --format json has them, and the sample's folder]"
    )
