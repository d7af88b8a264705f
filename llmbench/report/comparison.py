"""Two runs compared, in words: is one better, or can't it be told? For the terminal and Markdown."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from llmbench.console import Console
from llmbench.report.blocks import plain, table
from llmbench.report.facts import against
from llmbench.report.prompts import prompts_line
from llmbench.report.read import Run, reference
from llmbench.report.terminal import COLOURS
from llmbench.report.words import (
    UNKNOWN,
    count,
    energy,
    inert,
    money,
    one_line,
    percent,
    plural,
    points,
    seconds,
    speed,
)
from llmbench.score.comparison import Comparison, Flip, Side
from llmbench.score.passk import Interval
from llmbench.score.trust import Level, worst

_SHOWN = 8
"""Flipped tasks that are listed of each kind."""
_MANY = 100_000
"""More tasks than this are not worth a number."""
_SURE = 0.999
_POWER = "80 % of the time"


@dataclass(frozen=True, slots=True)
class Compared:
    """A comparison, and the runs that it is of."""

    a: Run
    b: Run
    result: Comparison
    decided: bool = False
    """Looks on the way decided which is better: what a test at the end would say does not count then."""


def verdict(result: Comparison, *, decided: bool = False) -> str:
    """Return the answer in a sentence: which is better, or that it can't be told."""
    if decided:
        return f"On the tasks asked, {_lead(result)} had this been planned as one look."
    within = f" within {result.tries} tries" if result.tries > 1 else ""
    if result.better:
        leader, other = ("A", "B") if result.better == "a" else ("B", "A")
        return f"{leader} is better than {other}{within} by {_size(result)}."
    return f"These can't be told apart{within}: {_lead(result)}. {_more_tasks(result)}"


def _lead(result: Comparison) -> str:
    if not result.difference:
        return f"neither leads, {_size(result)}"
    return f"{'A' if result.difference > 0 else 'B'} leads by {_size(result)}"


def _size(result: Comparison) -> str:
    """Return the difference as the leader's, with its interval and p-value."""
    size = f"{abs(100 * result.difference):.1f} points"
    if found := result.interval_95:
        size += f" [{points(_of_leader(result, found))}]"
    return f"{size}, p = {p_value(result.p_adjusted)}" + (" after Holm" if result.family > 1 else "")


def _of_leader(result: Comparison, found: Interval) -> Interval:
    """Return an interval of differences as that of the run which leads."""
    return Interval(-found.high, -found.low) if result.difference < 0 else found


def _more_tasks(result: Comparison) -> str:
    if result.needed is None:
        return "They passed equally many, so no number of tasks would show a difference like this one."
    more = result.needed - result.tasks
    if more > _MANY:
        return f"A difference this small needs more than {count(_MANY)} tasks."
    if more <= 0:
        return "A difference like this one shows on this many tasks most of the time; it did not here."
    tasks = "1 more task" if more == 1 else f"{count(more)} more tasks"
    return f"You need about {tasks} like these to show it ({_POWER})."


def p_value(p: float) -> str:
    """Return a p-value with two digits that mean something."""
    return "< 0.0001" if p < 0.0001 else f"{p:.2g}" if p < 0.1 else f"{p:.2f}"


def _chance(share: float) -> str:
    """Return a probability; nothing that was measured is certain."""
    if share > _SURE:
        return f"over {percent(_SURE)}"
    return f"under {percent(1 - _SURE)}" if share < 1 - _SURE else percent(share)


def rows(result: Comparison) -> Iterator[tuple[str, str]]:
    """Yield what stands below the sentence: how it was found, and what the tasks can show."""
    if result.method == "mcnemar":
        yield "test", f"McNemar mid-p {p_value(result.p)}, exact {p_value(result.p_exact or result.p)}"
    else:
        yield "test", f"sign flips of per-task rates, p {p_value(result.p)}; interval by bootstrap over tasks"
    if result.family > 1:
        yield "together", f"p-values by Holm over all {result.family} comparisons here"
    if text := _tries(result):
        yield "tries", text
    if result.probability is not None:
        yield "A is better", f"with probability {_chance(result.probability)}"
    if result.bounds:
        leader = "B" if result.difference < 0 else "A"
        ends = points(_of_leader(result, result.bounds))
        yield "bounds", f"{leader} by {ends} points, had no limit ended a sample"
    yield "can show", _can_show(result)
    if result.left_out:
        yield "left out", ", ".join(f"{number} {why}" for why, number in result.left_out.items())
    if line := prompts_line(result.prompts, result.a.names, result.b.names):
        yield "prompts", line


def _tries(result: Comparison) -> str:
    """Return which tries count, where both runs allowed several."""
    most = len(result.a.by_try)
    if most < 2:
        return ""
    counted = (
        f"what passed within {result.tries} tries counts" if result.tries > 1 else "the first try counts"
    )
    if result.tries == most:
        return f"{counted}: as many as both runs allowed"
    return f"{counted}; --tries last compares what passed within {most}"


def _can_show(result: Comparison) -> str:
    tasks = plural(result.tasks, "task")
    if result.smallest is None:
        return f"{tasks} where so few differ can't show any difference"
    return f"{tasks} show a difference of {100 * result.smallest:.1f} points {_POWER}"


_FIGURES: Sequence[tuple[str, Callable[[Side], float | None], Callable[[float], str]]] = (
    ("completion tokens", lambda side: side.completion_tokens, count),
    ("generation time", lambda side: side.generation_s or None, seconds),
    ("decode speed", lambda side: side.decode_tokens_per_s, speed),
    ("cost", lambda side: side.cost_usd, money),
    ("energy", lambda side: side.energy_j, lambda joules: energy(joules).partition(" (")[0]),
)


def figures(result: Comparison) -> list[tuple[str, str, str]]:
    """Return what both took for the samples that both have, in total and for a task; known figures only."""
    found = [("pass@1", percent(result.a.pass_at_1), percent(result.b.pass_at_1))]
    later = zip(result.a.by_try[1:], result.b.by_try[1:], strict=True)
    for number, shares in enumerate(later, start=2):
        found.append((f"pass within {number} tries", percent(shares[0]), percent(shares[1])))
    for name, amount, words in _FIGURES:
        values = [amount(result.a), amount(result.b)]
        if any(value is not None for value in values):
            one, other = (_amount(value, words, name, result.tasks) for value in values)
            found.append((name, one, other))
    return found


def _amount(value: float | None, words: Callable[[float], str], name: str, tasks: int) -> str:
    if value is None:
        return UNKNOWN
    return words(value) if name == "decode speed" else f"{words(value)} ({words(value / tasks)} a task)"


def cells(result: Comparison) -> list[list[str]]:
    """Return the four counts as a table of two by two, with its head."""
    counts = result.counts
    if result.method == "rates":
        return [
            ["tasks", "A better", "B better", "alike, some passed", "alike, none passed"],
            ["", *map(str, (counts.only_a, counts.only_b, counts.both, counts.neither))],
        ]
    return [
        ["", "B passed", "B did not"],
        ["A passed", str(counts.both), str(counts.only_a)],
        ["A did not", str(counts.only_b), str(counts.neither)],
    ]


def flipped(compared: Compared) -> list[tuple[str, list[Flip]]]:
    """Return the samples that only one of the runs passed."""
    flips = compared.result.flips
    return [
        ("only A passed", [flip for flip in flips if flip.a == "passed"]),
        ("only B passed", [flip for flip in flips if flip.b == "passed"]),
    ]


def show_comparison(compared: Compared, console: Console) -> None:
    """Print the comparison."""
    result = compared.result
    console.print()
    for letter, run in (("A", compared.a), ("B", compared.b)):
        console.print(Text.assemble((f"{letter}  ", "bold"), inert(_named(run))))
        if worst(run.summary.trust) is not Level.GREEN:
            console.print(Text(f"   {against(run.summary.trust)}", COLOURS[worst(run.summary.trust)]))
    console.print()
    console.print(Text(verdict(result, decided=compared.decided), style="bold"))
    console.print()
    _grid(cells(result), console)
    _grid([[label, value] for label, value in rows(result)], console)
    _grid([["", "A", "B"], *map(list, figures(result))], console)
    for label, flips in flipped(compared):
        if flips:
            console.print(Text(f"{label} ({len(flips)}): {_listed(flips)}"))
    if result.flips:
        console.print()
        console.print(Text("Read both answers", style="bold"))
        for command in commands(compared):
            console.print(Text(f"  {inert(command)}", style="cyan"), soft_wrap=True)
        console.print(Text("See what else was not the same", style="bold"))
        told = f"llmbench diff {reference(compared.a.folder)} {reference(compared.b.folder)}"
        console.print(Text(f"  {inert(told)}", style="cyan"), soft_wrap=True)


def commands(compared: Compared) -> list[str]:
    """Return the commands that show both answers to the first sample which only one run passed."""
    flip = compared.result.flips[0]
    several = f" --sample {flip.sample}" if flip.sample else ""
    return [f"llmbench show {reference(run.folder)} {flip.task}{several}" for run in (compared.a, compared.b)]


def _named(run: Run) -> str:
    names = run.manifest.names
    made = " · ".join(names[axis] for axis in ("model", "backend", "agent") if axis in names)
    return f"{made} · run {run.manifest.run_id}"


def _listed(flips: Sequence[Flip]) -> str:
    names = [one_line(flip.task + (f" #{flip.sample}" if flip.sample else "")) for flip in flips[:_SHOWN]]
    more = f" and {len(flips) - _SHOWN} more (--json has all)" if len(flips) > _SHOWN else ""
    return ", ".join(names) + more


def _grid(lines: Sequence[Sequence[str]], console: Console) -> None:
    shown = Table.grid(padding=(0, 3))
    for place in range(len(lines[0])):
        shown.add_column(style="dim" if not place else "", overflow="fold")
    for line in lines:
        shown.add_row(*(Text(cell) for cell in line))
    console.print(Padding(shown, (0, 0, 1, 2)))


def comparison_markdown(compared: Sequence[Compared]) -> str:
    """Return the comparisons as Markdown."""
    return "\n".join(_markdown(one) for one in compared)


def _markdown(compared: Compared) -> str:
    result = compared.result
    parts = [
        f"# {plain(_named(compared.a))} against {plain(_named(compared.b))}",
        f"**{verdict(result, decided=compared.decided)}**",
        *(
            f"- {letter}: {plain(against(run.summary.trust))}"
            for letter, run in (("A", compared.a), ("B", compared.b))
        ),
        table(cells(result)[0], cells(result)[1:]),
        table(["", ""], [[label, plain(value, 400)] for label, value in rows(result)]),
        table(["", "A", "B"], figures(result)),
        *(
            f"{label} ({len(flips)}): {plain(_listed(flips), 800)}"
            for label, flips in flipped(compared)
            if flips
        ),
    ]
    return "\n\n".join(parts) + "\n"
