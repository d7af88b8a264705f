"""report.html: a run as a place to work, in one page, or in a few where its samples are too much for one."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from llmbench.report.facts import belief, bounds_text, by_weight, heading, no_score
from llmbench.report.markdown import findings_table, further_blocks, score_blocks
from llmbench.report.pictures import figures, run_pictures
from llmbench.report.read import Run, reference
from llmbench.report.sample_bodies import Body, body_of
from llmbench.report.sample_rows import Filters, Row, filters_of, rows_of
from llmbench.report.templates import render as fill
from llmbench.report.web import TONES, render, render_block, script, style
from llmbench.report.words import LEVELS, inert, one_line, percent, plural, span
from llmbench.score.summary import Summary
from llmbench.score.trust import Level, worst

MAIN = "report.html"
FOLDER = "report-samples"
"""Where the pages beside it are."""
_PAGE_BYTES = 1_900_000
"""Of a page: what a phone opens without a pause."""
_BESIDE_BYTES = 1_000_000
_MOST_OTHERS = 2_000
"""Rows of samples that passed, or were not made: more say no more, and a table holds them all."""
_LONGEST = 20_000
"""Characters of a text below the samples."""
_FINDINGS, _FINDING_CHARS = 3, 110
"""How many findings stand above the score, and how long each is."""
_SECTIONS = {
    "score": "Score",
    "what-to-try-next": "Next",
    "pictures": "Pictures",
    "samples": "Samples",
    "provenance": "Provenance",
}
"""Headings that the page leads to, by their ids, in their order."""


@dataclass(frozen=True, slots=True)
class _Sample:
    """One that did not pass, as it stands on a page."""

    row: Row
    html: Markup


@dataclass(frozen=True, slots=True)
class _Work:
    """The rows of a run, and how they are filtered."""

    rows: Sequence[Row]
    found: Filters

    @property
    def failed(self) -> list[Row]:
        return [row for row in self.rows if row.has_body]

    @property
    def others(self) -> list[Row]:
        return [row for row in self.rows if not row.has_body]


@dataclass(frozen=True, slots=True)
class _Parts:
    """What stands around the samples."""

    score: Markup
    further: Markup
    pictures: str

    @classmethod
    def of(cls, run: Run) -> "_Parts":
        score = Markup("\n").join(map(render_block, score_blocks(run)))
        further = Markup("\n").join(map(render_block, further_blocks(run, _LONGEST)))
        return cls(score, further, figures(run_pictures(run)))


def html(run: Run) -> str:
    """Return the run as one page that holds everything."""
    work = _work(run)
    return _main(run, work, _Parts.of(run), _folds(run, work))


def site(run: Run) -> dict[str, str]:
    """Return the pages of a run by name: ``report.html``, and those beside it where it would be too long."""
    work, parts = _work(run), _Parts.of(run)
    samples = _folds(run, work)
    if sum(_size(sample.html) for sample in samples) <= _PAGE_BYTES:
        whole = _main(run, work, parts, samples)
        if _size(whole) <= _PAGE_BYTES:
            return {MAIN: whole}
    cut = {f"{number:04}.html": part for number, part in enumerate(_cut(samples), start=1)}
    links = {sample.row.anchor: name for name, part in cut.items() for sample in part}
    lines = [_sample(work, row, None, f"{FOLDER}/{links[row.anchor]}#{row.anchor}") for row in work.failed]
    beside = {f"{FOLDER}/{name}": _beside(run, work, cut, name) for name in cut}
    return {**beside, MAIN: _main(run, work, parts, lines, pages=len(cut))}


def _work(run: Run) -> _Work:
    rows = rows_of(run)
    return _Work(rows, filters_of(rows))


def _folds(run: Run, work: _Work) -> list[_Sample]:
    name = reference(run.folder)
    return [_sample(work, row, body_of(run.folder, name, row)) for row in work.failed]


def _sample(work: _Work, row: Row, body: Body | None, href: str = "") -> _Sample:
    tone, marks = TONES.get(row.outcome, "other"), work.found.marks(row)
    return _Sample(row, fill("sample.html.j2", row=row, tone=tone, marks=marks, body=body, href=href))


def _main(run: Run, work: _Work, parts: _Parts, samples: Sequence[_Sample], pages: int = 0) -> str:
    others = work.others
    return fill(
        "report.html.j2",
        **_frame(inert(heading(run))),
        pages=pages,
        trust=_trust(run.summary),
        number=_number(run.summary),
        sections=_sections(f"{parts.score}\n{parts.further}", parts.pictures),
        score=parts.score,
        pictures=parts.pictures,
        found=work.found,
        failed=[sample.html for sample in samples],
        others=others[:_MOST_OTHERS],
        left_out=_left_out(run, len(others) - _MOST_OTHERS),
        others_title=_others_title(others),
        tones=TONES,
        further=parts.further,
    )


def _left_out(run: Run, number: int) -> str:
    """Say that not all rows are there; empty where they are."""
    if number <= 0:
        return ""
    return f"{plural(number, 'more sample')}: llmbench export {reference(run.folder)} --format csv"


def _sections(blocks: str, pictures: str) -> list[tuple[str, str]]:
    """Return the headings that the page has."""
    there = {"samples", *(["pictures"] if pictures else []), *re.findall(r'<h2 id="([^"]*)"', blocks)}
    return [(anchor, name) for anchor, name in _SECTIONS.items() if anchor in there]


def _beside(run: Run, work: _Work, cut: Mapping[str, Sequence[_Sample]], name: str) -> str:
    """Return the page of that name."""
    names = list(cut)
    place = names.index(name)
    rows = [sample.row for sample in cut[name]]
    before = sum(len(cut[earlier]) for earlier in names[:place])
    numbers = f"{before + 1}–{before + len(rows)} of {len(work.failed)}"
    return fill(
        "samples_page.html.j2",
        **_frame(f"Samples {numbers} that did not pass"),
        heading=inert(heading(run)),
        before=names[place - 1] if place else "",
        after=names[place + 1] if place + 1 < len(names) else "",
        found=work.found.narrowed(rows),
        rows=[sample.html for sample in cut[name]],
    )


def _frame(title: str) -> dict[str, Any]:
    return {"title": title, "style": style("workplace.css"), **script()}


def _cut(samples: Sequence[_Sample]) -> Iterator[list[_Sample]]:
    """Yield samples a page, by their bytes."""
    part: list[_Sample] = []
    room = _BESIDE_BYTES
    for sample in samples:
        size = _size(sample.html)
        if part and size > room:
            yield part
            part, room = [], _BESIDE_BYTES
        part.append(sample)
        room -= size
    if part:
        yield part


def _size(text: str) -> int:
    return len(text.encode(errors="replace"))


def _others_title(rows: Sequence[Row]) -> str:
    counts: dict[str, int] = {}
    for row in rows:
        counts[row.outcome] = counts.get(row.outcome, 0) + 1
    return ", ".join(f"{outcome}: {number}" for outcome, number in counts.items()).capitalize()


def _trust(summary: Summary) -> dict[str, Any]:
    """Return the question of trust, its answer and the worst findings in a few words."""
    level = worst(summary.trust)
    bad = [finding for finding in by_weight(summary.trust) if finding.level is not Level.GREEN]
    return {
        "tone": TONES[LEVELS[level]],
        "answer": belief(summary.trust).capitalize(),
        "all": _all_checks(len(summary.trust), len(bad)),
        "worst": [
            {
                "tone": TONES[LEVELS[finding.level]],
                "level": LEVELS[finding.level],
                "rule": inert(finding.rule),
                "text": one_line(finding.text, _FINDING_CHARS),
            }
            for finding in bad[:_FINDINGS]
        ],
        "table": render(findings_table(summary)),
    }


def _all_checks(number: int, bad: int) -> str:
    hidden = bad - _FINDINGS
    return f"All {plural(number, 'check')}{f', {hidden} more to mind among them' if hidden > 0 else ''}"


def _number(summary: Summary) -> Markup:
    score, between = summary.score, summary.score.interval_95
    return fill(
        "number.html.j2",
        notice=inert(summary.notice),
        missing=inert(no_score(summary)),
        share=score.pass_at_1,
        said=percent(score.pass_at_1) if score.pass_at_1 is not None else "",
        interval=between,
        span=span(between) if between else "",
        graded=f"{summary.graded} of {plural(summary.planned, 'sample')} graded",
        bounds=bounds_text(score),
    )
