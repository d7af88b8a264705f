"""A measurement of calls as a table and a sentence, for people and for machines."""

from typing import Any

from rich.table import Table
from rich.text import Text

from llmbench.console import Console
from llmbench.records.fitness import INFRA, Fitness
from llmbench.report.words import one_line, percent, plural, span
from llmbench.score.fitness import Advice, Rate, Row, advise, rows


def show_fitness(fitness: Fitness, stopped: str, console: Console) -> None:
    """Print the rates by probe and protocol, and what to do."""
    server = " ".join(str(fitness.server[key]) for key in ("server", "build") if fitness.server.get(key))
    head = f"{fitness.model} on {fitness.backend}{f' ({server})' if server else ''}"
    console.print(Text(one_line(head), style="bold"))
    console.print(_table(fitness))
    for protocol, reason in fitness.not_possible.items():
        console.print(Text(one_line(f"{protocol}: not possible here: {reason}", 500), style="yellow"))
    for line in _shortfalls(fitness, stopped):
        console.print(Text(line, style="yellow"))
    advice = advise(fitness)
    if advice is not None:
        sure = "" if advice.sure else " (not sure)"
        console.print(Text.assemble((f"\nUse {advice.override}", "bold green"), f"{sure}: {advice.reason}"))


def fitness_data(fitness: Fitness, stopped: str, path: str) -> dict[str, Any]:
    """Return what the table says, for machines; the file has every attempt."""
    advice = advise(fitness)
    return {
        "schema": "llmbench.fitness-summary/1",
        "model": fitness.model,
        "backend": fitness.backend,
        "server": fitness.server,
        "rows": [_row_data(row) for row in rows(fitness)],
        "not_possible": fitness.not_possible,
        "planned": fitness.planned,
        "tried": len(fitness.attempts),
        "stopped": stopped or None,
        "advice": _advice_data(advice) if advice else None,
        "file": path,
    }


def _table(fitness: Fitness) -> Table:
    table = Table(box=None, padding=(0, 2), pad_edge=False)
    for heading in ("probe", "protocol", "right", "95 %", "malformed", "what was wrong"):
        table.add_column(heading, no_wrap=heading != "what was wrong")
    last = None
    for row in rows(fitness):
        name = row.probe or "together"
        style = "" if row.probe else "bold"
        table.add_row(*map(Text, _cells(row, "" if name == last else name)), style=style)
        last = name
    return table


def _cells(row: Row, name: str) -> list[str]:
    wrong = ", ".join(f"{number} {kind}" for kind, number in row.kinds.items())
    interval = row.right.interval
    return [
        name,
        row.protocol,
        f"{row.right.count} of {row.right.n}",
        span(interval) if interval else "",
        percent(row.malformed.share or 0.0),
        one_line(wrong),
    ]


def _shortfalls(fitness: Fitness, stopped: str) -> list[str]:
    broken = sum(attempt.kind == INFRA for attempt in fitness.attempts)
    left = fitness.planned - len(fitness.attempts)
    return [
        *([f"not counted: {plural(broken, 'attempt')} in which the server failed"] if broken else []),
        *([f"not tried: {left} of {fitness.planned}, because {one_line(stopped, 300)}"] if left else []),
    ]


def _row_data(row: Row) -> dict[str, Any]:
    return {
        "protocol": row.protocol,
        "probe": row.probe or None,
        "right": _rate_data(row.right),
        "malformed": _rate_data(row.malformed),
        "kinds": row.kinds,
    }


def _rate_data(rate: Rate) -> dict[str, Any]:
    interval = rate.interval
    return {
        "count": rate.count,
        "n": rate.n,
        "share": rate.share,
        "low": interval.low if interval else None,
        "high": interval.high if interval else None,
    }


def _advice_data(advice: Advice) -> dict[str, Any]:
    return {"override": advice.override, "reason": advice.reason, "sure": advice.sure}
