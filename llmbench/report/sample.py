"""One sample on a terminal: what was asked, answered, submitted and judged."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.rule import Rule
from rich.text import Text

from llmbench.console import Console
from llmbench.records.record import Record
from llmbench.records.samples import sample_folder
from llmbench.report.facts import tests, tokens
from llmbench.report.read import relative
from llmbench.report.stored import StoredTry
from llmbench.report.terminal import outcome_style
from llmbench.report.words import inert, one_line, seconds

PARTS = ("prompt", "answer", "diff", "tests")


@dataclass(frozen=True, slots=True)
class _Piece:
    title: str
    text: str
    language: str = "text"


def show_try(stored: StoredTry, parts: Sequence[str], console: Console) -> None:
    """Print parts of a try."""
    pieces = [piece for part in parts for piece in _pieces(stored, part)]
    for piece in pieces:
        _show(piece, console, titled=len(pieces) > 1)


def show_head(
    folder: Path, key: tuple[str, int], record: Record | None, number: int, console: Console
) -> None:
    """Print what became of a sample."""
    title = Text(inert(f"{key[0]} · sample {key[1]} · "), style="bold")
    outcome = str(record.outcome) if record else "not finished"
    title.append(outcome, style=outcome_style(outcome))
    console.print(Rule(title, align="left", style="dim"))
    for line in _head(record, number) if record else ():
        console.print(Text(inert(line)))
    console.print(Text(relative(sample_folder(folder, *key)), style="dim"), soft_wrap=True)


def _head(record: Record, number: int) -> Iterator[str]:
    if record.reason:
        yield one_line(record.reason, 1000)
    made = (
        f"try {number} of {len(record.tries)} (--try N for another)" if len(record.tries) > 1 else "one try"
    )
    spent = seconds(record.timing.generation_s + record.timing.grading_s)
    counted = {"tests passed": tests(record), "completion tokens": tokens(record)}
    yield ", ".join([made, *(f"{name} {value}" for name, value in counted.items() if value), spent])
    yield from (f"{path}: {why}" for path, why in _chosen(record, number))


def _chosen(record: Record, number: int) -> Iterator[tuple[str, str]]:
    """Yield the files that were taken from a try's answer, and which passage each was and why."""
    noted = next((done.notes.get("chosen") for done in record.tries if done.number == number), None)
    for path, why in noted.items() if isinstance(noted, Mapping) else ():
        yield one_line(str(path), 200), one_line(str(why), 300)


def _pieces(stored: StoredTry, part: str) -> Iterator[_Piece]:
    if part == "prompt":
        yield _Piece("prompt", stored.prompt, "markdown")
    elif part == "answer":
        if stored.reasoning:
            yield _Piece("reasoning", stored.reasoning)
        yield _Piece("answer", stored.response, "markdown")
    elif part == "diff":
        yield _Piece("submitted changes", stored.patch, "diff")
    else:
        yield _Piece("test output", stored.stdout)
        if stored.stderr:
            yield _Piece("test errors", stored.stderr)


def _show(piece: _Piece, console: Console, *, titled: bool) -> None:
    text = inert(piece.text).rstrip("\n")
    if titled:
        console.print(Rule(Text(inert(piece.title)), align="left", style="dim"))
    if not console.is_terminal:
        # What goes into a pipe or a file is neither wrapped nor padded.
        console.file.write(f"{text or '(none)'}\n")
    elif text:
        from rich.syntax import Syntax

        console.print(Syntax(text, piece.language, theme="ansi_dark", word_wrap=True))
    else:
        console.print(Text("(none)", style="dim"))
