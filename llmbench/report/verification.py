"""What a verification found, for people and for programs."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from llmbench import __version__
from llmbench.console import Console
from llmbench.records.manifest import Session, machine
from llmbench.records.record import Record
from llmbench.report.read import Run, reference
from llmbench.report.words import inert, one_line, percent, plural
from llmbench.score.summary import score_of
from llmbench.score.verification import Checked, Verification

_SHOWN = 20


def show_verification(run: Run, found: Verification, altered: Sequence[str], console: Console) -> None:
    """Print how many verdicts hold, those that do not, and what may be why."""
    head = f"{reference(run.folder)}: {run.folder.parent.name}/{run.folder.name}"
    console.print(Text(inert(head), style="bold"), soft_wrap=True)
    console.print(Padding(_table(found), (1, 0, 1, 2)))
    for line in _said(run, found, altered):
        console.print(Text(inert(line)), soft_wrap=True)


def verification_json(run: Run, found: Verification, altered: Sequence[str]) -> str:
    """Return the same as JSON."""
    claimed, here = _scores(run, found)
    data = {
        "schema": "llmbench.verification/1",
        "run": f"{run.folder.parent.name}/{run.folder.name}",
        "run_id": run.manifest.run_id,
        "sandbox": found.sandbox,
        "planned": len(run.manifest.plan.planned),
        "counts": dict(Counter(one.state for one in found.checked)),
        "pass_at_1_claimed": claimed,
        "pass_at_1_here": here,
        "differs": [_as_data(one) for one in found.checked if one.state == "differs"],
        "unchecked": [_as_data(one) for one in found.checked if one.state == "unchecked"],
        "environment": dict(_environment(run, found)),
        "altered": list(altered),
    }
    return msgspec.json.format(msgspec.json.encode(data), indent=2).decode()


def _as_data(one: Checked) -> dict[str, Any]:
    return {
        "task": one.claimed.task,
        "sample": one.claimed.sample,
        "claimed": str(one.claimed.outcome),
        "here": str(one.here.outcome) if one.here else None,
        "why": one.why,
    }


def _table(found: Verification) -> Table:
    table = Table(box=None, pad_edge=False)
    table.add_column("claimed")
    for name in ("samples", "agree", "differ", "not checked"):
        table.add_column(name, justify="right")
    for outcome in dict.fromkeys(sorted(str(one.claimed.outcome) for one in found.checked)):
        states = Counter(one.state for one in found.checked if one.claimed.outcome == outcome)
        row = (states.total(), states["agrees"], states["differs"], states["unchecked"])
        table.add_row(outcome, *map(str, row))
    return table


def _said(run: Run, found: Verification, altered: Sequence[str]) -> Iterator[str]:
    claimed, here = _scores(run, found)
    if claimed is not None and here is not None:
        yield f"pass@1 of the samples that were graded here: {percent(claimed)} claimed, {percent(here)} here"
    if missing := len(run.manifest.plan.planned) - len(found.checked):
        yield f"{plural(missing, 'sample')} of the plan {'has' if missing == 1 else 'have'} no record"
    yield from _listed(run, found)
    yield from _why_not(found)
    if found.differing:
        yield from _explained(run, found, altered)
    yield ""
    yield _verdict(found)


def _verdict(found: Verification) -> str:
    states = Counter(one.state for one in found.checked)
    graded = states["agrees"] + states["differs"]
    left = f"; {plural(states['unchecked'], 'sample')} not checked" if states["unchecked"] else ""
    if not graded:
        return f"Nothing could be graded here{left}"
    if not states["differs"]:
        return f"All {plural(graded, 'verdict')} agree{left}" if graded > 1 else f"The verdict agrees{left}"
    return f"{states['differs']} of {plural(graded, 'verdict')} differ{left}"


def _listed(run: Run, found: Verification) -> Iterator[str]:
    for one in found.differing[:_SHOWN]:
        yield ""
        yield f"{one.claimed.task} sample {one.claimed.sample}: {one_line(one.why, 300)}"
        sample = f" --sample {one.claimed.sample}" if one.claimed.sample else ""
        yield f"    llmbench show {reference(run.folder)} {one.claimed.task}{sample}"
    if (more := len(found.differing) - _SHOWN) > 0:
        yield f"and {more} more (--json names all)"


def _why_not(found: Verification) -> Iterator[str]:
    reasons = Counter(one.why for one in found.checked if one.state == "unchecked")
    for reason, count in reasons.most_common():
        yield f"not checked: {plural(count, 'sample')}: {one_line(reason)}"


def _explained(run: Run, found: Verification, altered: Sequence[str]) -> Iterator[str]:
    """Yield what may explain another verdict, apart from a claim that is wrong."""
    differing = {f"{one.claimed.task}#{one.claimed.sample}" for one in found.differing}
    if named := sorted(differing & set(altered)):
        yield f"In {', '.join(named)} a path of the maker's machine was replaced when it was packed"
    if any("timeout" in one.why for one in found.differing):
        yield "A timeout depends on how quick and how busy a machine is: grade again with graders=1"
    changes = [f"{name} {then} then, {here} here" for name, (then, here) in _environment(run, found)]
    if changes:
        yield f"Not the same: {'; '.join(changes)}"


def _environment(run: Run, found: Verification) -> Iterator[tuple[str, tuple[str, str]]]:
    """Yield what was another where the run was graded."""
    session = next((one for one in reversed(run.manifest.sessions) if one.sandbox), None)
    if session is None:
        return
    for name, here in _facts(Session(started="", sandbox=found.sandbox, machine=machine())).items():
        then = _facts(session).get(name)
        if then is not None and then != here:
            yield name, (then, here)


def _facts(session: Session) -> Mapping[str, str]:
    keys = ("system", "architecture", "cores", "memory_mb", "python")
    told = {key: str(session.machine[key]) for key in keys if key in session.machine}
    return {"llmbench": session.llmbench or __version__, "sandbox": session.sandbox, **told}


def _scores(run: Run, found: Verification) -> tuple[float | None, float | None]:
    """Return pass@1 as claimed and as found, over the samples that were graded here."""
    pairs: list[tuple[Record, Record]] = [(one.claimed, one.here) for one in found.checked if one.here]
    samples, tries = run.manifest.plan.samples, run.manifest.plan.tries
    claimed, here = ([pair[side] for pair in pairs] for side in (0, 1))
    return score_of(claimed, samples, tries).pass_at_1, score_of(here, samples, tries).pass_at_1
