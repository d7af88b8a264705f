"""How a model called tools, in words: rows of the score table, and a table of samples."""

from collections.abc import Iterator, Mapping, Sequence

from llmbench.records.record import Record
from llmbench.report.blocks import plain, table
from llmbench.report.words import UNKNOWN, count, percent, plural
from llmbench.score.tools import ToolUse, counts_of

COLUMNS = ("tool calls", "malformed", "iterations")
"""Of a table of runs; the last is the median to success."""
_NAMED = 8


def tool_rows(use: ToolUse | None) -> Iterator[tuple[str, str]]:
    """Yield labels and values; nothing where no tools were called."""
    if use is None:
        return
    yield "tool calls", f"{count(use.calls)}{_in_brackets(use.by_name)}"
    yield "malformed calls", f"{_share(use.malformed, use.calls)}{_in_brackets(use.mistakes)}"
    yield "failed calls", f"{_share(use.failed, use.calls)}{_in_brackets(use.failures)}"
    if use.mended:
        yield (
            "mended for the server",
            f"{sum(use.mended.values())}{_in_brackets(use.mended)}, not counted as malformed",
        )
    if use.self_corrected is not None:
        yield "self-corrected", f"{use.corrected} of {plural(use.errors, 'error')}"
    if use.efficiency is not None:
        yield "tool efficiency", f"{percent(use.efficiency)} of calls succeeded and were no repetition"
    yield "iterations", _iterations(use)
    tokens = use.tokens_per_iteration
    yield "tokens an answer", UNKNOWN if tokens is None else f"{tokens:.0f} on average"
    yield "form of calls", _protocols(use)


def tool_columns(use: ToolUse | None) -> dict[str, str]:
    """Return what a table of runs says of it, by the names of its columns; empty if unknown."""
    values = dict.fromkeys(COLUMNS, "")
    if use is None:
        return values
    success = use.iterations_to_success
    values["tool calls"] = count(use.calls)
    values["malformed"] = percent(use.malformed / use.calls) if use.calls else "–"
    values["iterations"] = "–" if success is None else f"{success:g}"
    return values


def tools_table(planned: Sequence[Record]) -> str:
    """Return a table of samples; an empty string where no tools were called."""
    rows = [_row(record) for record in planned if counts_of(record)]
    head = ["task", "sample", "outcome", "iterations", "calls", "malformed", "failed", "corrected"]
    return table([*head, "form", "ended", "tools in order"], rows, right=range(3, 8)) if rows else ""


def _row(record: Record) -> list[str]:
    tries = counts_of(record)
    order = [name for done in record.tries for name in _order(done.notes)]
    return [
        plain(record.task),
        str(record.sample),
        f"`{record.outcome}`",
        str(sum(one.iterations for one in tries)),
        str(sum(one.calls for one in tries)),
        str(sum(one.malformed for one in tries)),
        str(sum(one.failed for one in tries)),
        f"{sum(one.corrected for one in tries)}/{sum(one.errors for one in tries)}",
        plain(", ".join(dict.fromkeys(one.protocol for one in tries))),
        plain(", ".join(one.ended for one in tries)),
        plain(" ".join(_together(order)), 200),
    ]


def _order(notes: Mapping[str, object]) -> list[str]:
    counted = notes.get("tools")
    order = counted.get("order") if isinstance(counted, Mapping) else None
    return [str(name) for name in order] if isinstance(order, list) else []


def _together(names: Sequence[str]) -> Iterator[str]:
    """Yield names, those in a row as one: ``read×3``."""
    at = 0
    while at < len(names):
        end = at
        while end < len(names) and names[end] == names[at]:
            end += 1
        yield names[at] if end - at == 1 else f"{names[at]}×{end - at}"
        at = end


def _in_brackets(counts: Mapping[str, int]) -> str:
    named = [f"{number} {name}" for name, number in list(counts.items())[:_NAMED]]
    more = [f"{len(counts) - _NAMED} more kinds"] if len(counts) > _NAMED else []
    return f" ({', '.join([*named, *more])})" if named else ""


def _share(part: int, whole: int) -> str:
    return f"{part} of {whole}, {percent(part / whole)}" if whole else "0"


def _iterations(use: ToolUse) -> str:
    success = use.iterations_to_success
    middle = f"{success:g} to success (median); " if success is not None else ""
    ended = ", ".join(f"{number} {name}" for name, number in use.ended.items())
    return f"{middle}{count(use.iterations)} in all; ended: {ended}"


def _protocols(use: ToolUse) -> str:
    forms = ", ".join(f"{name} {number}" for name, number in use.protocols.items())
    fell = f"; {plural(use.fell_back, 'sample')} fell back to plain text" if use.fell_back else ""
    return f"tries by form: {forms}{fell}"
