"""The page of a run: whether its number can be believed, the number, why samples failed, and all of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse
from markupsafe import Markup

from llmbench.records.status import ENDED, read_status
from llmbench.report.advice import advise
from llmbench.report.facts import belief, bounds_text, by_weight, facts, heading, no_score
from llmbench.report.markdown import further_blocks
from llmbench.report.pictures import figures, run_pictures
from llmbench.report.sample_rows import Facet, Row
from llmbench.report.web import TONES, render_block
from llmbench.report.words import LEVELS, one_line, percent, span
from llmbench.score.summary import Summary
from llmbench.score.trust import Finding, Level, worst
from llmbench.serve.opened import Opened
from llmbench.serve.pages.page import page as filled
from llmbench.serve.parts import RunsPart, WantedPart
from llmbench.serve.public import public
from llmbench.serve.runs import RunName
from llmbench.serve.sample_view import artifact
from llmbench.serve.samples import SIZE, UNSOLVED, Wanted, fitting, samples_page

router = APIRouter(include_in_schema=False)

PageNumber = Annotated[int, Query(ge=1, le=1_000_000)]
_LONGEST = 20_000
"""Characters of an answer below the samples."""
_FINDINGS = 3
"""How many findings stand above the score."""
_FILES = ("REPORT.md", "report.html", "summary.json", "journal.jsonl", "monitors.jsonl")


@dataclass(frozen=True, slots=True)
class Chip:
    """A filter of the samples."""

    value: str
    count: int
    query: str
    is_chosen: bool


@router.get("/runs/{dataset}/{name}")
def run(
    request: Request, runs: RunsPart, wanted: WantedPart, dataset: str, name: str, page: PageNumber = 1
) -> HTMLResponse:
    """Show a run."""
    found = RunName(dataset, name)
    opened = runs.opened(found)
    read = public(opened.run)
    status = read_status(read.folder)
    return filled(
        request,
        "run.html.j2",
        here="runs",
        title=one_line(heading(read)),
        run=found,
        names=read.manifest.names,
        run_id=read.manifest.run_id,
        state=status.state if status else "",
        is_working=status is not None and status.state not in ENDED,
        reason=one_line(status.reason, 300) if status else "",
        notice=one_line(read.summary.notice, 400),
        damage=[one_line(sentence, 300) for sentence in read.damage],
        trust=_trust(read.summary),
        score=_score(read.summary),
        facts=[(fact.label, one_line(fact.value, 400)) for fact in facts(read.summary)],
        advice=advise(read),
        pictures=figures(run_pictures(read)),
        further=Markup("\n").join(map(render_block, further_blocks(read, _LONGEST))),
        files=[(file, artifact(found, file)) for file in _FILES if (read.folder / file).is_file()],
        **listing(opened, wanted, page),
    )


def listing(opened: Opened, wanted: Wanted, page: int, selected: Row | None = None) -> dict[str, Any]:
    """Return what a list of samples shows, beside the page's own values."""
    found = fitting(opened.rows, wanted)
    kept = {"sample": selected.key[1]} if selected and selected.key[1] else {}
    page = min(page, max(1, -(-len(found) // SIZE)))
    return {
        "wanted": wanted,
        "listed": samples_page(found, page),
        "every": len(opened.rows),
        "facets": [(facet.title, _chips(facet, wanted, opened.rows, kept)) for facet in opened.found.facets],
        "selected": selected.key if selected else None,
    }


def _chips(facet: Facet, wanted: Wanted, rows: Sequence[Row], kept: dict[str, int]) -> list[Chip]:
    choices = [(choice.value, choice.count) for choice in facet.choices]
    if facet.name == "outcome":
        unsolved = len(fitting(rows, Wanted(outcome=UNSOLVED)))
        choices = [(UNSOLVED, unsolved), *choices] if unsolved else choices
    chosen = getattr(wanted, facet.name)

    def query(value: str) -> str:
        asked: dict[str, str | int] = {facet.name: "" if value == chosen else value}
        return wanted.query(**asked, **kept)

    return [Chip(value, count, query(value), value == chosen) for value, count in choices]


def _trust(summary: Summary) -> dict[str, Any]:
    findings = by_weight(summary.trust)
    bad = [finding for finding in findings if finding.level is not Level.GREEN]
    return {
        "tone": TONES[LEVELS[worst(summary.trust)]],
        "answer": belief(summary.trust),
        "worst": [_finding(finding, 160) for finding in bad[:_FINDINGS]],
        "hidden": max(0, len(bad) - _FINDINGS),
        "all": [_finding(finding, 600) for finding in findings],
    }


def _finding(finding: Finding, longest: int) -> tuple[str, str, str]:
    return LEVELS[finding.level], one_line(finding.rule), one_line(finding.text, longest)


def _score(summary: Summary) -> dict[str, Any]:
    score = summary.score
    between = score.interval_95
    return {
        "missing": one_line(no_score(summary), 300),
        "share": score.pass_at_1,
        "said": percent(score.pass_at_1) if score.pass_at_1 is not None else "",
        "interval": between,
        "span": span(between) if between else "",
        "bounds": bounds_text(score),
        "graded": summary.graded,
        "planned": summary.planned,
    }
