"""What to try next: a few commands that fit what this run showed."""

import shlex
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice

from llmbench.api import Outcome
from llmbench.records.bundle import bundle_of
from llmbench.records.record import Record
from llmbench.report.read import Run, reference
from llmbench.report.words import plural

_MOST = 3
_STORED = "replay"
"""The backend of answers that are there already: no other tries and samples can be asked for."""


@dataclass(frozen=True, slots=True)
class Advice:
    """A command, and what it is good for."""

    command: str
    purpose: str


def advise(run: Run) -> list[Advice]:
    """Return at most three commands, the most useful first."""
    return list(islice(_all(run), _MOST))


def same_command(run: Run, *changes: str) -> str:
    """Return the run's command line with some keys set otherwise."""
    changed = {change.partition("=")[0] for change in changes}
    kept = [word for word in _typed(run) if word.partition("=")[0].lstrip("+") not in changed]
    return shlex.join(["llmbench", *kept, *changes])


def _typed(run: Run) -> list[str]:
    """Return the run's overrides as people type them: the configuration adds ``++`` by itself."""
    return [word.removeprefix("++") for word in run.manifest.overrides]


def _all(run: Run) -> Iterator[Advice]:
    if bundle_of(run.folder):
        yield Advice(shlex.join(["llmbench", "verify", reference(run.folder)]), "do its verdicts hold here?")
        yield from map(partial(_show, run), filter(None, [_first_failed(run.planned)]))
        return
    test = run.manifest.self_test
    if test is None or not test.passed:
        yield Advice(shlex.join(["llmbench", "doctor", *_typed(run)]), "what is missing here")
    if left := run.summary.planned - run.summary.graded:
        yield Advice(same_command(run), f"resume: {plural(left, 'sample')} without a grade")
    if failed := _first_failed(run.planned):
        yield _show(run, failed)
    if run.manifest.notice:
        yield Advice("llmbench list models", "choose a model whose score means something")
    if run.manifest.names.get("backend") != _STORED:
        yield from _more_room(run)
        yield from _more_tries(run, failed is not None)
        yield from _more_samples(run)
    yield from _another_look(run)


def _first_failed(planned: Sequence[Record]) -> Record | None:
    graded = (record for record in planned if record.outcome.graded)
    return next((record for record in graded if record.outcome is not Outcome.PASSED), None)


def _show(run: Run, record: Record) -> Advice:
    sample = ["--sample", str(record.sample)] if record.sample else []
    words = ["llmbench", "show", reference(run.folder), record.task, *sample]
    return Advice(shlex.join(words), f"see the first that did not pass ({record.outcome})")


def _more_room(run: Run) -> Iterator[Advice]:
    cut = sum(record.outcome is Outcome.BUDGET_EXHAUSTED for record in run.planned)
    reasoning = run.manifest.settings("model", "reasoning")
    key = "think_tokens" if reasoning.get("enabled") and reasoning.get("think_tokens") else "answer_tokens"
    if cut and isinstance(reasoning.get(key), int):
        command = same_command(run, f"model.reasoning.{key}={2 * reasoning[key]}")
        yield Advice(command, f"more room for the {cut} that ran out of tokens")


def _more_tries(run: Run, any_failed: bool) -> Iterator[Advice]:
    if any_failed and run.manifest.plan.tries == 1 and _asks(run):
        yield Advice(same_command(run, "tries=2"), "a second try, told what the tests said")


def _more_samples(run: Run) -> Iterator[Advice]:
    if _asks(run):
        samples = 3 if run.manifest.plan.samples == 1 else 2 * run.manifest.plan.samples
        yield Advice(same_command(run, f"samples={samples}"), "a narrower interval, and pass@k")


def _asks(run: Run) -> bool:
    """Say whether the same command could ask a model more; stored answers are all that there is."""
    return bool(run.summary.completions) and run.manifest.settings("backend").get("name") != "replay"


def _ask_a_model(run: Run) -> Advice:
    """Return what asks a model; where words are about one that nobody chose, that would be refused."""
    keys = {word.partition("=")[0].lstrip("+") for word in _typed(run)}
    is_about_another = any(
        key.startswith("model.") or key in ("backend.url", "backend.server") for key in keys
    )
    if is_about_another and "model" not in keys:
        return Advice("llmbench list models", "choose a model (model=…) to ask it the same tasks")
    return Advice(same_command(run, "agent=prompt"), "ask a model the same tasks")


def _another_look(run: Run) -> Iterator[Advice]:
    if not run.summary.completions:
        yield _ask_a_model(run)
    if run.planned and _first_failed(run.planned) is None:
        words = ["llmbench", "show", reference(run.folder), run.planned[0].task]
        yield Advice(shlex.join(words), "see the first sample")
