"""The runs as a table: what is known of each by column, which columns stand there, and what can be chosen."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from llmbench.history.choice import Choice, named
from llmbench.history.rows import RunRow
from llmbench.records.status import ENDED, read_status
from llmbench.report.apart import rows_apart
from llmbench.report.axes import AXES
from llmbench.report.words import count, inert, money, one_line, percent, seconds, span
from llmbench.score.passk import Interval
from llmbench.serve.runs import RunName

SIZE = 200
"""Runs on a page."""
_LEVELS = {"green": "ok", "amber": "caution", "red": "problem"}
_SETTINGS = "settings"


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the table."""

    name: str
    """In addresses and cookies."""
    title: str
    text: Callable[[RunRow], str]
    sort: str = ""
    """The fact by which runs are sorted; empty where they can't be."""
    is_number: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What the address of the page asks for; empty words ask for all."""

    dataset: str = ""
    model: str = ""
    backend: str = ""
    agent: str = ""
    trust: str = ""
    since: str = ""
    where: Sequence[str] = ()
    q: str = ""
    sort: str = ""

    @property
    def choice(self) -> Choice:
        """The same as the history's filters have it."""
        axes = {name: getattr(self, name) for name in ("dataset", "model", "backend", "agent", "trust")}
        conditions = (f"{name}={value}" for name, value in axes.items() if value)
        return Choice(where=(*conditions, *self.where), since=self.since or None, sort=self.sort or None)

    @property
    def is_filtered(self) -> bool:
        """Whether any run may be left out."""
        return bool(self.q) or self.choice.is_filtered


@dataclass(frozen=True, slots=True)
class Line:
    """A run of the table."""

    row: RunRow
    name: RunName | None
    """None of a run that lies elsewhere: nothing of it can be opened here."""
    settings: str
    """In which it differs from others of the same names."""
    state: str
    """What its command is doing; empty where none is at work."""

    @property
    def can_be_ticked(self) -> bool:
        """Whether a form can bear its name."""
        return self.name is not None and inert(str(self.name)) == str(self.name)

    def text(self, column: Column) -> str:
        """Return the cell of a column, as an inert line."""
        return self.settings if column.name == _SETTINGS else one_line(column.text(self.row))


@dataclass(frozen=True, slots=True)
class Table:
    """A page of the runs that were asked for."""

    lines: Sequence[Line]
    columns: Sequence[Column]
    total: int
    page: int
    pages: int


Configs = Callable[[], Mapping[int, Mapping[str, Any]]]


def asked_for(rows: Sequence[RunRow], configs: Configs, asked: Asked) -> list[RunRow]:
    """Return the runs that are asked for, in their order.

    Raises:
        UsageError: a condition is none that is understood, or is about what no run has.
    """
    found = asked.choice.of(rows, configs)
    return named(found, asked.q) if asked.q else found


def table(
    rows: Sequence[RunRow], configs: Configs, *, columns: Sequence[str], page: int, root: Path, place: str
) -> Table:
    """Return a page of the table.

    Args:
        rows: all that were asked for, in their order.
        configs: gives the runs' configurations.
        columns: their names; none stands for those that tell these runs apart.
        page: from 1; one behind the last is the last.
        root: the folder whose runs can be opened.
        place: the history's name of it.
    """
    known = configs()
    settings = rows_apart(rows, [known.get(row.id, {}) for row in rows])
    shown = _columns(columns) or usual(rows, any(settings))
    pages = max(1, -(-len(rows) // SIZE))
    page = min(page, pages)
    part = slice((page - 1) * SIZE, page * SIZE)
    lines = [
        Line(row, RunName.of(row.folder), inert(differing), _at_work(root / row.folder))
        if row.place == place
        else Line(row, None, inert(differing), "")
        for row, differing in zip(rows[part], settings[part], strict=True)
    ]
    return Table(lines, shown, len(rows), page, pages)


def _at_work(folder: Path) -> str:
    status = read_status(folder)
    return status.state if status is not None and status.state not in ENDED else ""


def values(rows: Sequence[RunRow]) -> dict[str, list[tuple[str, str]]]:
    """Return what runs can be chosen by: of each axis the patterns that filters take, and their words."""
    found = {axis: sorted({str(getattr(row, axis)) for row in rows} - {""}) for axis in AXES}
    return {axis: [(_pattern(value), inert(value)) for value in names] for axis, names in found.items()}


def _pattern(name: str) -> str:
    """Return a pattern that a name fits, with no character that means something else to filters or pages."""
    return "".join(letter if inert(letter) == letter and letter not in "*?[," else "?" for letter in name)


def usual(rows: Sequence[RunRow], differ: bool) -> list[Column]:
    """Return the columns that tell these runs apart, and what came of them."""
    unlike = [axis for axis in AXES if len({getattr(row, axis) for row in rows}) > 1]
    names = {"model", "dataset", *unlike, "pass", "trust", "graded", "speed", "when"}
    names |= {_SETTINGS} if differ else set()
    names |= {"cost"} if any(row.cost_usd for row in rows) else set()
    return [column for column in COLUMNS if column.name in names]


def _columns(names: Sequence[str]) -> list[Column]:
    return [column for column in COLUMNS if column.name in names]


def _score(row: RunRow) -> str:
    if row.pass_at_1 is None:
        return ""
    between = "" if row.low is None or row.high is None else f" [{span(Interval(row.low, row.high))}]"
    return percent(row.pass_at_1) + between


def _graded(row: RunRow) -> str:
    if row.problem:
        return "can't be read"
    lines = f", {'1 line' if row.damaged == 1 else f'{row.damaged} lines'} damaged" if row.damaged else ""
    return f"{row.graded} of {row.planned}{lines}"


def _when(row: RunRow) -> str:
    return f"{datetime.fromtimestamp(row.changed).astimezone():%Y-%m-%d %H:%M}"


def _speed(row: RunRow) -> str:
    found = row.decode_tokens_per_s
    return "" if found is None else f"{found:.{0 if found >= 100 else 1}f}"


def _known(value: float | None, words: Callable[[float], str]) -> str:
    return "" if value is None else words(value)


COLUMNS: Sequence[Column] = (
    Column("model", "model", lambda row: row.model, "model"),
    Column("dataset", "dataset", lambda row: row.dataset, "dataset"),
    Column("backend", "backend", lambda row: row.backend, "backend"),
    Column("agent", "agent", lambda row: row.agent, "agent"),
    Column(_SETTINGS, "differs in", lambda row: ""),
    Column("quantization", "quantization", lambda row: row.quantization, "quantization"),
    Column("preset", "preset", lambda row: row.preset, "preset"),
    Column("pass", "pass@1 [95 %]", _score, "accuracy", is_number=True),
    Column("trust", "trust", lambda row: _LEVELS.get(row.trust, "")),
    Column("graded", "graded", _graded, "graded", is_number=True),
    Column("tries", "tries", lambda row: str(row.tries or ""), "tries", is_number=True),
    Column("samples", "samples", lambda row: str(row.samples or ""), "samples", is_number=True),
    Column("cost", "cost", lambda row: _known(row.cost_usd, money), "cost", is_number=True),
    Column("tokens", "tokens", lambda row: _known(row.tokens, count), "tokens", is_number=True),
    Column("speed", "tokens/s", _speed, "speed", is_number=True),
    Column("time", "time", lambda row: _known(row.wall_s or None, seconds), "time", is_number=True),
    Column("when", "changed", _when, "date"),
    Column("machine", "machine", lambda row: row.machine, "machine"),
    Column("run", "run", lambda row: row.folder, "run"),
)
"""All columns, in the order in which they stand."""
