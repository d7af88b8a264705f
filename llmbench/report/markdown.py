"""REPORT.md: everything a reader needs to believe a score, or not to."""

from collections.abc import Iterator

import msgspec

from llmbench import __version__
from llmbench.api import Outcome
from llmbench.records.manifest import Session
from llmbench.records.record import Record
from llmbench.report.advice import advise
from llmbench.report.blocks import LONGEST, Block, Fold, Text, fence, join, plain, table
from llmbench.report.facts import belief, by_weight, facts, heading, tests, tokens
from llmbench.report.groups import groups_table
from llmbench.report.read import Run, reference
from llmbench.report.sampler import sampler
from llmbench.report.stored import StoredTry, read_tries
from llmbench.report.tool_use import tools_table
from llmbench.report.words import LEVELS, UNKNOWN, plural, seconds
from llmbench.score.machine import MachineUse
from llmbench.score.summary import Summary

_SHOWN_ANSWERS = 3
_LONG = 400
_MOST_ROWS = 2_000
"""Of the table of samples; those that did not pass come first then, and a file of rows holds them all."""


def markdown(run: Run) -> str:
    """Return REPORT.md."""
    return join([Text(f"# {plain(heading(run))}"), *blocks(run)])


def blocks(run: Run) -> Iterator[Block]:
    """Yield the report's parts, below its title."""
    yield Text(_trust(run.summary))
    yield from score_blocks(run)
    yield Text(f"## Samples\n\n{_samples_table(run)}")
    yield from further_blocks(run)


def score_blocks(run: Run) -> Iterator[Block]:
    """Yield what stands between the question of trust and the samples."""
    yield Text(_score(run.summary))
    if groups := groups_table(run.summary.groups):
        yield Text(f"## By group of tasks\n\n{groups}")
    for fact, groups_by in run.summary.groups_by.items():
        yield Text(f"## By {fact}\n\n{groups_table(groups_by)}")
    yield Text(_next(run))


def further_blocks(run: Run, longest: int = LONGEST) -> Iterator[Block]:
    """Yield what stands below the samples; no answer is longer than ``longest`` characters."""
    if tools := tools_table(run.planned):
        yield Text(f"## Tool calls\n\n{tools}")
    yield from _answers(run, longest)
    if run.summary.machine is not None:
        yield Text(f"## Machine\n\n{_machine(run.summary.machine)}")
    yield Text(f"## Provenance\n\n{_provenance(run)}")
    yield Fold("The composed configuration", fence(_json(run.manifest.config), "json", longest))
    yield Text(f"## Sessions\n\n{_sessions(run)}")
    yield Text(f"Written by llmbench {__version__} from manifest.json and journal.jsonl.")


def _trust(summary: Summary) -> str:
    answer = belief(summary.trust).capitalize()
    return f"## Can this number be believed?\n\n**{answer}.**\n\n{findings_table(summary)}"


def findings_table(summary: Summary) -> str:
    """Return a table of what was checked, the worst first."""
    rows = [
        [f"`{LEVELS[found.level]}`", plain(found.rule), plain(found.text, _LONG)]
        for found in by_weight(summary.trust)
    ]
    return table(["", "rule", "finding"], rows)


def _score(summary: Summary) -> str:
    rows = []
    for fact in facts(summary):
        value = plain(fact.value, _LONG)
        if fact.label == "outcomes":
            value = ", ".join(f"{number} `{name}`" for name, number in summary.outcomes.items())
        mark = "" if fact.tone == "plain" else "**"
        rows.append([fact.label, f"{mark}{value}{mark}"])
    return f"## Score\n\n{table(['', ''], rows)}"


def _next(run: Run) -> str:
    lines = "\n\n".join(f"# {advice.purpose}\n{advice.command}" for advice in advise(run))
    return f"## What to try next\n\n{fence(lines, 'sh')}"


def _samples_table(run: Run) -> str:
    """Return a table of all planned samples, those without a record included."""
    known = {record.key: record for record in run.planned}
    several = run.summary.samples > 1
    keys = run.manifest.plan.planned
    shown = keys if len(keys) <= _MOST_ROWS else sorted(keys, key=lambda key: _has_passed(known.get(key)))
    rows = [_row(key, known.get(key), several=several) for key in shown[:_MOST_ROWS]]
    head = ["task", *(["sample"] if several else []), "outcome", "tries", "tests", "tokens", "time", "reason"]
    found = table(head, rows, right=range(len(head) - 5, len(head) - 1))
    if len(keys) <= _MOST_ROWS:
        return found
    left = plural(len(keys) - _MOST_ROWS, "more sample")
    return f"{found}\n\n… and {left}: `llmbench export {reference(run.folder)} --format csv`"


def _has_passed(record: Record | None) -> bool:
    return record is not None and record.outcome is Outcome.PASSED


def _row(key: tuple[str, int], record: Record | None, *, several: bool) -> list[str]:
    name = [plain(key[0]), *([str(key[1])] if several else [])]
    if record is None:
        return [*name, "`not run`", "", "", "", "", ""]
    return [
        *name,
        f"`{record.outcome}`",
        str(len(record.tries)),
        tests(record),
        tokens(record),
        seconds(record.timing.generation_s + record.timing.grading_s),
        plain(record.reason),
    ]


def _answers(run: Run, longest: int) -> Iterator[Block]:
    shown = [record for record in run.planned if record.outcome is not Outcome.SKIPPED][:_SHOWN_ANSWERS]
    if not shown:
        return
    yield Text(
        "## What was really asked and answered\n\nThe first samples of the run, in full. If a prompt looks "
        "odd or an answer is cut off, the score says little about the model."
    )
    for record in shown:
        yield Text(f"### {plain(record.task)}: `{record.outcome}`")
        tries = read_tries(run.folder, record.task, record.sample)
        yield from _first_try(tries[0], longest) if tries else [Text("Nothing was stored of this sample.")]


def _first_try(stored: StoredTry, longest: int) -> Iterator[Block]:
    if not stored.prompt:
        yield Text("No model was asked.")
    else:
        yield Fold("Prompt", fence(stored.prompt, "markdown", longest), is_open=True)
        if stored.reasoning:
            yield Fold("Reasoning", fence(stored.reasoning, "text", longest))
        answer = fence(stored.response, "markdown", longest) if stored.response else "The answer is empty."
        yield Text(answer)
    if stored.patch and not stored.response:
        yield Fold("Submitted changes", fence(stored.patch, "diff", longest))


def _machine(use: MachineUse) -> str:
    """Return every figure that was read, and why others are missing."""
    parts = []
    if use.readings:
        rows = [
            [plain(name), f"{use.mean[name]:g}" if name in use.mean else "", f"{peak:g}"]
            for name, peak in sorted(use.peak.items())
        ]
        told = f"{use.readings} readings in {seconds(use.seconds)}; means: while the model answered."
        parts = [told, table(["figure", "mean", "peak"], rows, right=(1, 2))]
    missing = [[plain(name), plain(reason, _LONG)] for name, reason in use.not_measured.items()]
    if missing:
        parts.append(table(["not measured", "why"], missing))
    return "\n\n".join(parts) or "Nothing was measured."


def _provenance(run: Run) -> str:
    manifest = run.manifest
    last = manifest.sessions[-1] if manifest.sessions else Session(started="")
    rows = {"run id": manifest.run_id, "dataset": _flat(manifest.dataset), "sandbox": last.sandbox}
    # The server's own sampler stands in the one that was in effect, where nobody takes it for that.
    rows |= {f"server: {key}": _flat(value) for key, value in last.server.items() if key != "sampler"}
    rows |= {"sampler": sampler(manifest, last), "seed": _flat(manifest.config.get("seed"))}
    rows |= {f"from: {key}": where for key, where in manifest.origins.items()}
    rows |= {
        f"plugin: {axis}": f"{manifest.names.get(axis)} ({by})" for axis, by in manifest.providers.items()
    }
    rows |= {f"machine: {key}": _flat(value) for key, value in last.machine.items()}
    rows |= {"llmbench": last.llmbench}
    filled = ((name, value or UNKNOWN) for name, value in rows.items())
    return table(["", ""], [[plain(name), plain(value, _LONG)] for name, value in filled])


def _sessions(run: Run) -> str:
    rows = [
        [
            plain(session.started),
            plain(session.ended or "killed"),
            "yes" if session.interrupted else "no",
            "; ".join(plain(warning, _LONG) for warning in session.warnings) or "none",
        ]
        for session in run.manifest.sessions
    ]
    return table(["started", "ended", "interrupted", "warnings"], rows)


def _flat(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{key} {_flat(item)}" for key, item in value.items() if item is not None)
    return value if isinstance(value, str) else _json(value) if value is not None else ""


def _json(value: object) -> str:
    encoded = msgspec.json.encode(value)
    return (msgspec.json.format(encoded, indent=2) if isinstance(value, dict) else encoded).decode()
