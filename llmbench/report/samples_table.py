"""A row a sample, for tables and data frames: names, types and units of the columns stand here alone."""

import csv
import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from llmbench.api import Outcome
from llmbench.api.extras import installing
from llmbench.errors import PrerequisiteError
from llmbench.records.record import Record
from llmbench.report.machine import safe_cell
from llmbench.report.read import Run
from llmbench.score.failures import failure_class

SCHEMA = "llmbench.samples/1"
_LANGUAGES = ("cpp", "go", "java", "javascript", "python", "rust", "typescript", "vue")
_AXES = ("model", "backend", "agent", "dataset", "validator")
Value = str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class Column:
    """One column."""

    name: str
    kind: Literal["text", "integer", "number", "boolean"]
    help: str
    value: Callable[[Run, Record], Value]


def _about(key: str) -> Callable[[Run, Record], Value]:
    def value(run: Run, record: Record) -> Value:
        plan = run.manifest.plan
        about = dict(zip(plan.tasks, plan.about, strict=False)).get(record.task, {}).get(key)
        return about if isinstance(about, str) else None

    return value


def _name(axis: str) -> Callable[[Run, Record], Value]:
    return lambda run, record: run.manifest.names.get(axis)


def _language(run: Run, record: Record) -> Value:
    first = record.task.partition("/")[0]
    return first if first in _LANGUAGES else _about("language")(run, record)


def _last(field: str) -> Callable[[Run, Record], Value]:
    return lambda run, record: getattr(record.tries[-1], field) if record.tries else None


def _server(key: str) -> Callable[[Run, Record], Value]:
    def value(run: Run, record: Record) -> Value:
        told = next((one.server.get(key) for one in reversed(run.manifest.sessions) if one.server), None)
        return None if told is None else str(told)

    return value


def _usage(field: str) -> Callable[[Run, Record], Value]:
    return lambda run, record: getattr(record.usage, field)


def _timing(field: str) -> Callable[[Run, Record], Value]:
    return lambda run, record: getattr(record.timing, field)


COLUMNS = (
    Column("run_id", "text", "the hash of what can change a score", lambda run, record: run.manifest.run_id),
    *(Column(axis, "text", f"the {axis}'s name", _name(axis)) for axis in _AXES),
    Column("quantization", "text", "as the server says", _server("quantization")),
    Column("task", "text", "the task's id", lambda run, record: record.task),
    Column("language", "text", "where the task's id says it", _language),
    Column("difficulty", "text", "where the task says it", _about("difficulty")),
    Column("sample", "integer", "from 0", lambda run, record: record.sample),
    Column("outcome", "text", "`passed`, `failed` …", lambda run, record: str(record.outcome)),
    Column(
        "failure",
        "text",
        "why it did not pass, by class",
        lambda run, record: (
            failure_class(record) if record.outcome.graded and record.outcome is not Outcome.PASSED else None
        ),
    ),
    Column("score", "number", "0 to 1, of the last try", lambda run, record: float(record.score)),
    Column("tries", "integer", "how many were made", lambda run, record: len(record.tries)),
    Column(
        "passed_first",
        "boolean",
        "the first try passed; pass@1 is made of these",
        lambda run, record: record.tries[0].outcome is Outcome.PASSED if record.outcome.graded else None,
    ),
    Column("tests_passed", "integer", "of the last try", _last("tests_passed")),
    Column("tests_expected", "integer", "how many the reference passes", _last("tests_expected")),
    Column("generation_s", "number", "seconds of waiting for the model", _timing("generation_s")),
    Column("grading_s", "number", "seconds of grading", _timing("grading_s")),
    Column("ttft_s", "number", "seconds to the first token", _timing("ttft_s")),
    Column("prefill_tokens_per_s", "number", "mean over answers", _timing("prefill_tokens_per_s")),
    Column("decode_tokens_per_s", "number", "mean over answers", _timing("decode_tokens_per_s")),
    Column("completions", "integer", "answers of the model", _usage("completions")),
    Column("prompt_tokens", "integer", "of all answers", _usage("prompt_tokens")),
    Column("completion_tokens", "integer", "likewise, reasoning included", _usage("completion_tokens")),
    Column("reasoning_tokens", "integer", "likewise", _usage("reasoning_tokens")),
    Column("cached_tokens", "integer", "prompt tokens that were not read anew", _usage("cached_tokens")),
    Column("cost_usd", "number", "US dollars", _usage("cost_usd")),
    Column(
        "energy_j",
        "number",
        "joules of all GPUs, shared with samples answered at once",
        lambda run, record: record.machine.energy_j if record.machine else None,
    ),
    Column("finished_at", "text", "ISO 8601, UTC", lambda run, record: record.timing.finished_at or None),
    Column("task_digest", "text", "sha256 of the task", lambda run, record: record.task_digest or None),
    Column(
        "answer_digest",
        "text",
        "equal answers have equal ones",
        lambda run, record: _last("answer_digest")(run, record) or None,
    ),
    Column("reason", "text", "one line on what went wrong", lambda run, record: record.reason or None),
)
"""All of them, in order. Names and meanings stay; later versions add columns at the end."""


def rows(runs: Sequence[Run]) -> Iterator[dict[str, Value]]:
    """Yield a row for each sample that has a record, run by run, in the order of their plans."""
    for run in runs:
        for record in run.planned:
            yield {column.name: column.value(run, record) for column in COLUMNS}


def as_csv(runs: Sequence[Run]) -> str:
    """Return the rows as CSV: unknown is an empty cell, and no text is taken for a formula."""
    text = io.StringIO()
    writer = csv.DictWriter(text, [column.name for column in COLUMNS], lineterminator="\n")
    writer.writeheader()
    writer.writerows({name: _cell(value) for name, value in row.items()} for row in rows(runs))
    return text.getvalue()


def write_parquet(runs: Sequence[Run], output: Path) -> int:
    """Write the rows as Parquet, and return how many there are; texts stay as they are.

    Raises:
        PrerequisiteError: pyarrow is not installed.
    """
    try:
        import pyarrow as arrow
        from pyarrow import parquet
    except ImportError:
        raise PrerequisiteError(
            f"export: --format parquet needs pyarrow; install it: {installing('parquet')}"
        ) from None
    kinds = {
        "text": arrow.string(),
        "integer": arrow.int64(),
        "number": arrow.float64(),
        "boolean": arrow.bool_(),
    }
    fields = [
        arrow.field(column.name, kinds[column.kind], metadata={"help": column.help}) for column in COLUMNS
    ]
    schema = arrow.schema(fields, metadata={"schema": SCHEMA})
    table: Any = arrow.Table.from_pylist(list(rows(runs)), schema=schema)
    with output.open("wb") as file:
        parquet.write_table(table, file, compression="zstd")
    return int(table.num_rows)


def _cell(value: Value) -> Value:
    return str(value).lower() if isinstance(value, bool) else safe_cell(value)
