"""The samples of a run as lines without texts, filtered and in pages: what lists show and the API tells."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any
from urllib.parse import urlencode

from llmbench.report.sample_rows import NOT_RUN, Row
from llmbench.report.web import TONES

SIZE = 200
"""Samples on a page."""
UNSOLVED = "unsolved"
"""Asks for every outcome but ``passed``, as far as a sample was run."""
_NEVER_UNSOLVED = ("passed", "skipped", NOT_RUN)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which samples are asked for; what is empty asks for all."""

    outcome: str = ""
    """An outcome, ``not run``, or ``unsolved``."""
    failure: str = ""
    """A class of failures."""
    group: str = ""
    """What stands before the first slash of the task: a language."""
    q: str = ""
    """Words in the name or the reason."""

    @property
    def known(self) -> Mapping[str, str]:
        """What is asked for, as parameters of an address."""
        return {name: value for name, value in asdict(self).items() if value}

    def query(self, **others: str | int) -> str:
        """Return these parameters and others as an address bears them: ``?outcome=failed&page=2`` or nothing.

        One that is empty takes its like away.
        """
        kept = {name: value for name, value in {**self.known, **others}.items() if value != ""}
        return f"?{urlencode(kept)}" if kept else ""

    def fits(self, row: Row) -> bool:
        """Say whether a row is asked for."""
        is_outcome = row.outcome not in _NEVER_UNSOLVED if self.outcome == UNSOLVED else True
        if self.outcome not in ("", UNSOLVED):
            is_outcome = row.outcome == self.outcome
        return (
            is_outcome
            and self.failure in ("", row.failure)
            and self.group in ("", row.group)
            and (not self.q or self.q.casefold() in f"{row.task}\n{row.reason}".casefold())
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleLine:
    """A sample in a line; all texts but ``task`` are inert and short."""

    task: str
    """As it is named in addresses."""
    sample: int
    name: str
    outcome: str
    tone: str
    """``good``, ``bad``, ``care`` or ``other``."""
    failure: str
    tries: int
    tests: str
    tokens: str
    seconds: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleRow(SampleLine):
    """A line of a list."""

    place: int
    """Among those asked for, from 0."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SamplesPage:
    """A page of the samples that were asked for."""

    total: int
    """Samples on all pages."""
    page: int
    """From 1."""
    pages: int
    size: int
    """Samples on each page but the last."""
    rows: tuple[SampleRow, ...]


def fitting(rows: Sequence[Row], wanted: Wanted) -> Sequence[Row]:
    """Return the rows that are asked for, in their order."""
    return [row for row in rows if wanted.fits(row)] if wanted.known else rows


def samples_page(found: Sequence[Row], page: int) -> SamplesPage:
    """Return a page of rows that fit; one behind the last is empty."""
    start = (page - 1) * SIZE
    lines = (_line(place, row) for place, row in enumerate(found[start : start + SIZE], start=start))
    pages = -(-len(found) // SIZE)
    return SamplesPage(total=len(found), page=page, pages=pages, size=SIZE, rows=tuple(lines))


def place_of(found: Sequence[Row], key: tuple[str, int]) -> int | None:
    """Return where a sample stands among those asked for; None where it is not among them."""
    return next((place for place, row in enumerate(found) if row.key == key), None)


def line_of(row: Row) -> SampleLine:
    """Return a sample in a line."""
    return SampleLine(**_cells(row))


def _line(place: int, row: Row) -> SampleRow:
    return SampleRow(place=place, **_cells(row))


def _cells(row: Row) -> dict[str, Any]:
    return {
        "task": row.key[0],
        "sample": row.key[1],
        "name": row.task,
        "outcome": row.outcome,
        "tone": TONES.get(row.outcome, "other"),
        "failure": row.failure,
        "tries": len(row.record.tries) if row.record else 0,
        "tests": row.tests,
        "tokens": row.tokens,
        "seconds": row.seconds,
        "reason": row.reason,
    }
