"""The rows of the score table: the same words on the terminal, in Markdown and in HTML."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from llmbench.records.record import Record
from llmbench.report.groups import group_rows
from llmbench.report.machine_use import busy_text, machine_rows
from llmbench.report.published import published_rows
from llmbench.report.read import Run
from llmbench.report.repeats import agreement_text
from llmbench.report.tool_use import tool_rows
from llmbench.report.words import (
    LEVELS,
    UNKNOWN,
    count,
    money,
    percent,
    plural,
    ranged,
    seconds,
    span,
    speed,
)
from llmbench.score.summary import Score, Summary
from llmbench.score.trust import Finding, Level


@dataclass(frozen=True, slots=True)
class Fact:
    """A row: what it is, and what was found."""

    label: str
    value: str
    tone: Literal["plain", "main", "notice"] = "plain"
    """``main``: the number that people look for; ``notice``: what the model's profile warns of."""


def heading(run: Run) -> str:
    """Return model, backend, agent, dataset and run id in one line."""
    names = run.manifest.names
    made = " · ".join(names[axis] for axis in ("model", "backend", "agent", "dataset") if axis in names)
    return f"{made} · run {run.manifest.run_id}"


def belief(found: tuple[Finding, ...]) -> str:
    """Answer in words whether the number can be believed."""
    levels = [finding.level for finding in found]
    red, amber = levels.count(Level.RED), levels.count(Level.AMBER)
    cautions = plural(amber, LEVELS[Level.AMBER])
    if red:
        return f"no: {plural(red, LEVELS[Level.RED])}{f', {cautions}' if amber else ''}"
    return f"with care: {cautions}" if amber else "yes, as far as can be checked here"


def against(found: tuple[Finding, ...]) -> str:
    """Say in a few words what speaks against a number, beside which others stand."""
    levels = [finding.level for finding in found]
    counts = ((levels.count(level), LEVELS[level]) for level in (Level.RED, Level.AMBER))
    told = ", ".join(plural(number, name) for number, name in counts if number)
    return f"{told or 'nothing against it'} in its trust report"


def by_weight(found: tuple[Finding, ...]) -> list[Finding]:
    """Return findings, the worst first."""
    order = list(LEVELS)
    return sorted(found, key=lambda finding: order.index(finding.level))


def no_score(summary: Summary) -> str:
    """Return why there is no score, or an empty string where there is one."""
    if summary.score.pass_at_1 is not None:
        return ""
    test = next(finding for finding in summary.trust if finding.rule == "grader self-test")
    if test.level != "green":
        return f"no score: the grader's self-test {_failed(test.what)}"
    return f"no score: none of {plural(summary.planned, 'sample')} was graded"


def _failed(text: str) -> str:
    return text if text == "was not run" else f"failed on this machine ({text})"


def facts(summary: Summary) -> list[Fact]:
    """Return all rows, the score's first."""
    notice = [Fact("", f"Notice: {summary.notice}", tone="notice")] if summary.notice else []
    score = list(_score(summary))
    beside = 1 + any(not fact.label for fact in score)
    return [*score[:beside], *notice, *score[beside:], *_samples(summary), *_model(summary), *_times(summary)]


def _score(summary: Summary) -> Iterator[Fact]:
    if reason := no_score(summary):
        yield Fact("pass@1", reason, tone="main")
        return
    score = summary.score
    yield Fact("pass@1", headline(score), tone="main")
    if bounds := bounds_text(score):
        yield Fact("", bounds)
    for label, value in published_rows(summary.published_figures):
        yield Fact(label, value)
    for number, share in enumerate(score.by_try[1:], start=2):
        yield Fact(f"pass within {number} tries", percent(share))
    for k, share in score.pass_at_k.items():
        few = score.pass_at_k_without.get(k, 0)
        without = f"; without {plural(few, 'task')} of fewer than {k} graded samples" if few else ""
        yield Fact(f"pass@{k}", ranged(share, score.pass_at_k_95.get(k)) + without)
    if agreement := agreement_text(score):
        yield Fact("agreement", agreement)
    if score.composite is not None:
        yield Fact("composite", f"{score.composite:.1f} of 10, the mean over tasks")
    if score.parts:
        parts = ", ".join(f"{name} {percent(share)}" for name, share in score.parts.items())
        yield Fact("pass@1 by part", parts)
    for label, value in group_rows(summary.groups):
        yield Fact(label, value)


def headline(score: Score) -> str:
    """Return pass@1 with its 95 % interval."""
    if score.pass_at_1 is None:
        return UNKNOWN
    return ranged(score.pass_at_1, score.interval_95)


def bounds_text(score: Score) -> str:
    """Say between which numbers the score lies, where a limit ended some samples; else an empty string."""
    if not score.censored or score.bounds is None:
        return ""
    return f"{span(score.bounds)} % if the {score.censored} that a limit ended had failed/passed"


def _samples(summary: Summary) -> Iterator[Fact]:
    even = summary.planned == summary.tasks * summary.samples
    each = f"× {summary.samples}" if even else f"with up to {summary.samples}"
    made = f" ({plural(summary.tasks, 'task')} {each})" if summary.samples > 1 else ""
    yield Fact("graded", f"{summary.graded} of {plural(summary.planned, 'sample')}{made}")
    yield Fact("outcomes", ", ".join(f"{number} {name}" for name, number in summary.outcomes.items()))
    yield from _failures(summary)


def _failures(summary: Summary) -> Iterator[Fact]:
    """Say why samples did not pass, each class with the first that ``llmbench show`` shows."""
    failed = sum(found.count for found in summary.failures.values())
    for place, (name, found) in enumerate(summary.failures.items()):
        first = f"{found.task} --sample {found.sample}" if found.sample else found.task
        share = f"{found.count} ({found.count / failed:.0%})".replace("%", " %")
        yield Fact("" if place else "why not", f"{name} {share}, such as {first}")


def _model(summary: Summary) -> Iterator[Fact]:
    if not summary.completions:
        yield Fact("tokens", "no model was asked")
        return
    parts = {
        "prompt": summary.prompt_tokens,
        "completion": summary.completion_tokens,
        "reasoning": summary.reasoning_tokens,
    }
    yield Fact("tokens", ", ".join(f"{name} {count(number)}" for name, number in parts.items()))
    if summary.cost_usd is not None:
        yield Fact("cost", money(summary.cost_usd))
    yield Fact("decode speed", speed(summary.speed.decode_tokens_per_s))
    yield Fact("prefill speed", speed(summary.speed.prefill_tokens_per_s))
    yield Fact("time to first token", seconds(summary.speed.ttft_s))
    if busy := busy_text(summary.machine):
        yield Fact("", f"Notice: {busy}; compare calm ones only", tone="notice")
    for label, value in tool_rows(summary.tools):
        yield Fact(label, value)
    for label, value in machine_rows(summary.machine):
        yield Fact(label, value)


def _times(summary: Summary) -> Iterator[Fact]:
    if summary.completions:
        yield Fact("generation time", f"{seconds(summary.generation_s)}, all samples together")
    yield Fact("grading time", f"{seconds(summary.grading_s)}, all samples together")
    yield Fact("wall time", seconds(summary.wall_s))


def tests(record: Record) -> str:
    """Return how many tests passed at the last try, of how many the reference runs."""
    if not record.tries or not record.outcome.graded:
        return ""
    last = record.tries[-1]
    return f"{last.tests_passed}/{last.tests_expected or last.tests_run}"


def tokens(record: Record) -> str:
    """Return the completion tokens of all tries."""
    return count(record.usage.completion_tokens) if record.usage.completions else ""
