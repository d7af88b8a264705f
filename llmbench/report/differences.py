"""What differed between two runs, for people: only differences, the likeliest cause first."""

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any

import msgspec
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from llmbench.console import Console
from llmbench.report.facts import heading
from llmbench.report.prompts import prompts_line, quoted
from llmbench.report.read import Run
from llmbench.report.words import inert, one_line, plural
from llmbench.score.differences import RENDERED, Difference, changed_tasks, differences
from llmbench.score.prompts import around, parting, prompts_of

_LONGEST = 72
_WORDS = {"changed": "of another version", "only_a": "asked by A only", "only_b": "asked by B only"}


def show_differences(a: Run, b: Run, console: Console) -> None:
    """Print what differed."""
    console.print()
    for letter, run in (("A", a), ("B", b)):
        console.print(Text.assemble((f"{letter}  ", "bold"), inert(heading(run))))
    found, tasks = differences(a.manifest, b.manifest), task_lines(a, b)
    prompts = prompts_of(a.manifest, b.manifest)
    console.print()
    if line := prompts_line(prompts, a.manifest.names, b.manifest.names):
        console.print(Text(f"prompts: {line}"))
        console.print()
    if not found and not tasks:
        console.print(
            Text("Nothing that is recorded differs: what is left is chance (llmbench compare A B).")
        )
        return
    for cause, group in groupby(found, key=lambda difference: difference.cause):
        console.print(Text(cause, style="bold"))
        for difference in group:
            _show(difference, console)
    if tasks:
        console.print(Text("which tasks", style="bold"))
        for line in tasks:
            console.print(Text(f"  {line}"))


def task_lines(a: Run, b: Run) -> list[str]:
    """Return a line for each way in which the runs' tasks differ."""
    return [
        f"{plural(len(tasks), 'task')} {_WORDS[kind]}: {one_line(', '.join(tasks), _LONGEST)}"
        for kind, tasks in changed_tasks(a.manifest, b.manifest).items()
        if tasks
    ]


def _show(difference: Difference, console: Console) -> None:
    console.print(Text(f"  {inert(difference.key)}", style="cyan"))
    shown = Table.grid(padding=(0, 2))
    shown.add_column(style="dim", no_wrap=True)
    shown.add_column(overflow="fold")
    for letter, text in zip("AB", told(difference), strict=True):
        shown.add_row(letter, Text(text))
    console.print(Padding(shown, (0, 0, 0, 4)))


def told(difference: Difference) -> tuple[str, str]:
    """Return both values in few words; of long ones what differs."""
    a, b = difference.a, difference.b
    if isinstance(a, list) and isinstance(b, list):
        a, b = [item for item in a if item not in b], [item for item in b if item not in a]
        return _words(a, difference.a), _words(b, difference.b)
    if difference.key == RENDERED:
        # A space or an end of a line may be all that differs.
        at = parting(a, b)
        return quoted(around(a, at)), quoted(around(b, at))
    if isinstance(a, str) and isinstance(b, str):
        start = _first_difference(a, b)
        return _cut(a, start), _cut(b, start)
    return _value(a), _value(b)


def _words(own: Sequence[Any], every: Any) -> str:
    # The same items in another order leave nothing of their own.
    return _value(own) if own else f"nothing more, of {plural(len(every), 'item')}"


def _first_difference(a: str, b: str) -> int:
    return next(
        (place for place, (one, other) in enumerate(zip(a, b, strict=False)) if one != other),
        min(len(a), len(b)),
    )


def _cut(text: str, start: int) -> str:
    begin = 0 if len(text) <= _LONGEST else max(0, min(start - 20, len(text) - _LONGEST + 1))
    return one_line(("…" if begin else "") + text[begin:], _LONGEST) or "nothing"


def _value(value: Any) -> str:
    if value is None:
        return "not set"
    if isinstance(value, str):
        return one_line(value, _LONGEST)
    return one_line(msgspec.json.encode(value).decode(), _LONGEST)


def as_json(a: Run, b: Run) -> str:
    """Return the differences as JSON."""
    found: Mapping[str, Any] = {
        "schema": "llmbench.differences/1",
        "a": a.manifest.run_id,
        "b": b.manifest.run_id,
        "differences": differences(a.manifest, b.manifest),
        "tasks": changed_tasks(a.manifest, b.manifest),
        "prompts": prompts_of(a.manifest, b.manifest),
    }
    return msgspec.json.format(msgspec.json.encode(found), indent=2).decode()
