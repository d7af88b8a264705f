"""Reports that programs read: JSON and CSV. Unknown is null, or an empty cell."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence

import msgspec

from llmbench.report.read import Run
from llmbench.report.words import one_line
from llmbench.score.machine import of_gpu
from llmbench.score.tools import Counts, ToolUse, counts_of
from llmbench.score.trust import worst

Cell = str | int | float | None
Row = dict[str, Cell]


def as_json(runs: Sequence[Run]) -> str:
    """Return the summary of one run, or a list of several."""
    summaries = [run.summary for run in runs]
    encoded = msgspec.json.encode(summaries[0] if len(summaries) == 1 else summaries)
    return msgspec.json.format(encoded, indent=2).decode() + "\n"


def as_csv(runs: Sequence[Run]) -> str:
    """Return a row a sample of one run, or a row a run of several."""
    return _csv(_samples(runs[0]) if len(runs) == 1 else map(_run, runs))


def _csv(rows: Iterable[Row]) -> str:
    listed = list(rows)
    text = io.StringIO()
    writer = csv.DictWriter(text, list(listed[0]) if listed else [], lineterminator="\n")
    writer.writeheader()
    writer.writerows({name: safe_cell(value) for name, value in row.items()} for row in listed)
    return text.getvalue()


def safe_cell(value: Cell) -> Cell:
    """Return what may stand in a cell: text as one inert line that no spreadsheet takes for a formula."""
    if not isinstance(value, str):
        return value
    line = one_line(value, 1000)
    # A spreadsheet takes such a beginning for a formula, and a reason may quote what a model wrote.
    return f"'{line}" if line.startswith(("=", "+", "-", "@")) else line


def _samples(run: Run) -> Iterable[Row]:
    for record in run.planned:
        last = record.tries[-1] if record.tries else None
        yield {
            "task": record.task,
            "sample": record.sample,
            "outcome": str(record.outcome),
            "score": record.score,
            "tries": len(record.tries),
            "tests_passed": last.tests_passed if last else None,
            "tests_expected": last.tests_expected if last else None,
            "prompt_tokens": record.usage.prompt_tokens,
            "completion_tokens": record.usage.completion_tokens,
            "reasoning_tokens": record.usage.reasoning_tokens,
            "ttft_s": record.timing.ttft_s,
            "prefill_tokens_per_s": record.timing.prefill_tokens_per_s,
            "decode_tokens_per_s": record.timing.decode_tokens_per_s,
            **_tools(counts_of(record)),
            **_machine(record.machine.mean if record.machine else {}, "mean"),
            "energy_j": record.machine.energy_j if record.machine else None,
            "generation_s": record.timing.generation_s,
            "grading_s": record.timing.grading_s,
            "reason": record.reason,
        }


def _run(run: Run) -> Row:
    summary, score, names = run.summary, run.summary.score, run.manifest.names
    interval, bounds, use = score.interval_95, score.bounds, summary.machine
    return {
        "run_id": summary.run_id,
        **{axis: names.get(axis) for axis in ("model", "backend", "agent", "dataset")},
        "trust": str(worst(summary.trust)),
        "planned": summary.planned,
        "graded": summary.graded,
        "pass_at_1": score.pass_at_1,
        "interval_low": interval.low if interval else None,
        "interval_high": interval.high if interval else None,
        "bounds_low": bounds.low if bounds else None,
        "bounds_high": bounds.high if bounds else None,
        "prompt_tokens": summary.prompt_tokens,
        "completion_tokens": summary.completion_tokens,
        "reasoning_tokens": summary.reasoning_tokens,
        "cost_usd": summary.cost_usd,
        "decode_tokens_per_s": summary.speed.decode_tokens_per_s,
        "prefill_tokens_per_s": summary.speed.prefill_tokens_per_s,
        "ttft_s": summary.speed.ttft_s,
        **_tool_use(summary.tools),
        **_machine(use.mean if use else {}, "mean"),
        **_machine(use.peak if use else {}, "peak"),
        "energy_j": use.energy_j if use else None,
        "energy_per_solved_j": use.energy_per_solved_j if use else None,
        "wall_s": summary.wall_s,
        "notice": summary.notice,
    }


def _tools(tries: Sequence[Counts]) -> Row:
    """Return what a sample's agent counted of tools; nothing where it has none."""
    names = ("iterations", "calls", "useful", "malformed", "failed", "errors", "corrected")
    sums: Row = {
        f"tool_{name}": sum(getattr(one, name) for one in tries) if tries else None for name in names
    }
    last = tries[-1] if tries else None
    return {
        **sums,
        "tool_protocol": last.protocol if last else None,
        "tool_ended": last.ended if last else None,
    }


def _tool_use(use: ToolUse | None) -> Row:
    names = ("calls", "malformed", "failed", "efficiency", "self_corrected", "iterations_to_success")
    return {f"tool_{name}": getattr(use, name) if use else None for name in (*names, "fell_back")}


def _machine(figures: Mapping[str, float], kind: str) -> Row:
    """Return what the machine did; of several GPUs, what they did together."""
    gpu = {
        f"gpu_{name}_{kind}": of_gpu(figures, name)
        for name in ("utilization_percent", "memory_mb", "power_w")
    }
    server = {
        f"server_{name}_{kind}": figures.get(f"process.{name}") for name in ("memory_mb", "cpu_percent")
    }
    return {**gpu, **server}
