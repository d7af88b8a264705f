"""The samples of a run as rows that can be filtered: by outcome, by why they failed, by group."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from llmbench.api import Outcome
from llmbench.records.record import Record
from llmbench.report.facts import tests, tokens
from llmbench.report.read import Run
from llmbench.report.words import one_line, seconds
from llmbench.score.failures import CLASSES, failure_class

NOT_RUN = "not run"
LANGUAGES = frozenset({"c", "cpp", "go", "html", "java", "javascript", "python", "rust", "typescript", "vue"})
_MOST_GROUPS = 40
_UNANSWERED = (Outcome.PASSED, Outcome.SKIPPED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A sample in a line; all texts are inert."""

    key: tuple[str, int]
    anchor: str
    """Its place in the plan; the same on every page."""
    task: str
    outcome: str
    failure: str = ""
    """Its class, where it did not pass."""
    group: str = ""
    reason: str = ""
    tests: str = ""
    tokens: str = ""
    seconds: str = ""
    record: Record | None = None

    @property
    def has_body(self) -> bool:
        """Whether there is something to look into: it was tried, and did not pass."""
        return self.record is not None and self.record.outcome not in _UNANSWERED


@dataclass(frozen=True, slots=True)
class Choice:
    """A value of a facet."""

    mark: str
    """The CSS class of its rows."""
    value: str
    count: int


@dataclass(frozen=True, slots=True)
class Facet:
    """What rows can be filtered by."""

    name: str
    """The attribute of a row, and the key in the page's address."""
    title: str
    choices: tuple[Choice, ...]


@dataclass(frozen=True)
class Filters:
    """The filters of a page, and which of them a row fits."""

    facets: tuple[Facet, ...]

    def marks(self, row: Row) -> str:
        """Return the CSS classes by which a row is found."""
        found = (self._marks.get((facet.name, getattr(row, facet.name))) for facet in self.facets)
        return " ".join(mark for mark in found if mark)

    def narrowed(self, rows: Sequence[Row]) -> "Filters":
        """Return the filters of a part of the rows; what they are marked with stays."""
        kept = []
        for facet in self.facets:
            found = Counter(getattr(row, facet.name) for row in rows)
            choices = (replace(choice, count=found[choice.value]) for choice in facet.choices)
            present = tuple(choice for choice in choices if choice.count)
            if present and len(found) > 1:
                kept.append(replace(facet, choices=present))
        return Filters(tuple(kept))

    @cached_property
    def _marks(self) -> dict[tuple[str, str], str]:
        return {(facet.name, choice.value): choice.mark for facet in self.facets for choice in facet.choices}


def rows_of(run: Run) -> list[Row]:
    """Return all planned samples, those without a record included, in the plan's order."""
    known = {record.key: record for record in run.planned}
    several = run.summary.samples > 1
    return [
        row_of(key, known.get(key), f"s{place}", several=several)
        for place, key in enumerate(run.manifest.plan.planned, start=1)
    ]


def row_of(key: tuple[str, int], record: Record | None, anchor: str, *, several: bool) -> Row:
    """Return a sample as a row; ``several`` says that the run has more than one of each task."""
    task = one_line(key[0]) + (f" · sample {key[1]}" if several else "")
    name, slash, _ = key[0].partition("/")
    group = one_line(name) if slash else ""
    if record is None:
        return Row(key=key, anchor=anchor, task=task, outcome=NOT_RUN, group=group)
    return Row(
        key=key,
        anchor=anchor,
        task=task,
        outcome=str(record.outcome),
        failure=failure_class(record) if _failed(record) else "",
        group=group,
        reason=one_line(record.reason, 300),
        tests=tests(record),
        tokens=tokens(record),
        seconds=seconds(record.timing.generation_s + record.timing.grading_s),
        record=record,
    )


def _failed(record: Record) -> bool:
    """Say whether it has a class: what the machine or the server broke is no failure of the model."""
    return record.outcome.graded and record.outcome is not Outcome.PASSED


def filters_of(rows: Sequence[Row]) -> Filters:
    """Return what these rows can be filtered by: no facet in which all are the same."""
    return Filters(tuple(_facets(rows)))


def _facets(rows: Sequence[Row]) -> Iterator[Facet]:
    outcomes = [*map(str, Outcome), NOT_RUN]
    groups = sorted({row.group for row in rows})
    named = "Language" if set(groups) <= LANGUAGES else "Group"
    for name, title, order in (
        ("outcome", "Outcome", outcomes),
        ("failure", "Why it failed", list(CLASSES)),
        ("group", named, groups if len(groups) <= _MOST_GROUPS else []),
    ):
        found = Counter(getattr(row, name) for row in rows)
        if len(found) > 1 and (choices := tuple(_choices(found, name, order))):
            yield Facet(name, title, choices)


def _choices(found: Counter[str], name: str, order: Iterable[str]) -> Iterator[Choice]:
    present = [value for value in order if value and found[value]]
    if name == "failure":
        present.sort(key=lambda value: -found[value])
    for place, value in enumerate(present, start=1):
        yield Choice(f"{name[0]}{place}", value, found[value])
