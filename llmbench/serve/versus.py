"""Two runs held against each other: which is better, the samples behind the counts, what was not the same."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from urllib.parse import urlencode

from llmbench.api import Outcome
from llmbench.errors import UsageError
from llmbench.history.rows import RunRow
from llmbench.records.record import Record
from llmbench.report.comparison import figures, rows, verdict
from llmbench.report.differences import task_lines, told
from llmbench.report.read import Run
from llmbench.report.web import TONES
from llmbench.report.words import inert, one_line, percent, plural, points, signed
from llmbench.score.comparison import Comparison, compare
from llmbench.score.differences import Difference, differences, every_fact
from llmbench.score.failures import failure_class
from llmbench.score.pairing import Arm, passed, tries_of_both
from llmbench.score.quadrants import QUADRANTS, Held, held
from llmbench.serve.public import public
from llmbench.serve.runs import RunName

SIZE = 200
"""Samples on a page."""
_SAME = "the same tasks"
_ENDS = (5, 10, 20, 30, 50, 75, 100)
"""Where the line of the difference may end, in points."""
_WORDS: Mapping[str, str] = {
    "both": "both passed",
    "only_a": "only A passed",
    "only_b": "only B passed",
    "neither": "neither passed",
}
_BY_RATE: Mapping[str, str] = {
    "both": "alike, some passed",
    "only_a": "A passed more often",
    "only_b": "B passed more often",
    "neither": "alike, none passed",
}
"""Words where tasks have several samples: they are then counted by task."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What the address of the page asks for."""

    a: str = ""
    b: str = ""
    tries: int = 1
    show: str = ""
    """A count, ``flipped``, ``infra`` or ``censored``; empty for all samples."""
    q: str = ""
    every: bool = False
    """Whether settings stand there that are the same in both."""

    def query(self, **others: str | int) -> str:
        """Return the address's parameters, some of them otherwise; an empty one is left out."""
        given = asdict(self) | {
            "every": "1" if self.every else "",
            "tries": self.tries if self.tries > 1 else "",
        }
        return "?" + urlencode({name: value for name, value in (given | others).items() if value != ""})


@dataclass(frozen=True, slots=True)
class Count:
    """One of the four counts, or another way to choose samples."""

    show: str
    words: str
    number: int
    tone: str = ""


@dataclass(frozen=True, slots=True)
class Became:
    """What became of a sample in one of the runs."""

    outcome: str
    tone: str
    failure: str


@dataclass(frozen=True, slots=True)
class Line:
    """A sample of both runs."""

    task: str
    sample: int
    name: str
    a: Became
    b: Became
    flip: str
    """``a`` or ``b``, whichever alone passed; else empty."""


@dataclass(frozen=True, slots=True)
class Setting:
    """Something that is recorded of both runs, in few words."""

    cause: str
    key: str
    a: str
    b: str
    is_same: bool


@dataclass(frozen=True, slots=True)
class Gap:
    """The difference with its 95 % interval, as places in percent of a line: at the left A is better."""

    at: float
    left: float
    right: float
    reach: int
    """Points at either end."""
    words: str


@dataclass(frozen=True, slots=True)
class Versus:
    """What can be said of two runs that asked the same tasks."""

    verdict: str
    leader: str
    """``a`` or ``b``, the one that is better; empty where it can't be told."""
    gap: Gap | None
    counts: Sequence[Count]
    others: Sequence[Count]
    rows: Sequence[tuple[str, str]]
    figures: Sequence[tuple[str, str, str]]
    most_tries: int
    lines: Sequence[Line]
    """Of the samples that are asked for."""


def versus(a: Run, b: Run, asked: Asked) -> Versus:
    """Hold two runs against each other, as ``llmbench compare`` does.

    Raises:
        UsageError: they can't be compared; the message says why.
    """
    arms = Arm(a.manifest, a.planned), Arm(b.manifest, b.planned)
    result = compare(*arms, tries=asked.tries)
    pairs = held(*arms, tries=asked.tries)
    return Versus(
        verdict=verdict(result),
        leader=result.better,
        gap=_gap(result),
        counts=_counts(result),
        others=[Count(name, words, sum(map(fits, pairs))) for name, (words, fits) in _OTHERS.items()],
        rows=list(rows(result)),
        figures=figures(result),
        most_tries=tries_of_both(a.manifest, b.manifest),
        lines=[_line(pair) for pair in pairs if _is_asked(pair, asked)],
    )


def settings(a: Run, b: Run, *, every: bool) -> list[Setting]:
    """Return in which settings two runs differ, the likeliest cause first, or all of them."""
    one, other = public(a).manifest, public(b).manifest
    found = every_fact(one, other) if every else differences(one, other)
    return [_setting(one) for one in found]


def cautions(a: Run, b: Run, rows: Mapping[str, RunRow]) -> Iterator[str]:
    """Yield in what two runs were not asked alike: nobody shall take their numbers for more than they are."""
    for sentence in task_lines(a, b):
        yield f"Their tasks are not the same: {sentence}."
    one, other = a.manifest, b.manifest
    if one.plan.tries != other.plan.tries:
        yield (
            f"A allowed {plural(one.plan.tries, 'try', 'tries')} a sample, B {other.plan.tries}: "
            "no more count than both allowed."
        )
    if one.plan.samples != other.plan.samples:
        yield f"A has {one.plan.samples} samples a task, B {other.plan.samples}: those that both have count."
    if one.tests_shown != other.tests_shown:
        yield f"The model saw the tests in {'A' if one.tests_shown else 'B'} only."
    presets = [rows[side].preset for side in ("a", "b")]
    if presets[0] != presets[1]:
        told = (inert(preset) or "none" for preset in presets)
        yield "They are of different presets: A {}, B {}.".format(*told)


def options(runs: Sequence[RunRow], place: str, beside: str = "") -> dict[str, list[tuple[str, str]]]:
    """Return the runs that can be chosen, by heading: those of the same tasks as another run first.

    Args:
        runs: of the history.
        place: of the runs that can be opened.
        beside: the name of the run that they are chosen for.
    """
    own = [row for row in runs if row.place == place and not row.problem and inert(row.folder) == row.folder]
    known = [(str(RunName.of(row.folder)), row) for row in own]
    asked = next(((row.dataset, row.dataset_sha256) for name, row in known if name == beside), None)
    groups: dict[str, list[tuple[str, str]]] = {_SAME: []}
    for name, row in known:
        if name != beside:
            is_same = (row.dataset, row.dataset_sha256) == asked
            groups.setdefault(_SAME if is_same else inert(row.dataset), []).append((name, _label(row)))
    return {heading: found for heading, found in groups.items() if found}


def _label(row: RunRow) -> str:
    score = "" if row.pass_at_1 is None else percent(row.pass_at_1)
    return one_line(" · ".join(filter(None, (row.model, row.backend, row.agent, score, row.run_id))))


def _counts(result: Comparison) -> list[Count]:
    words = _BY_RATE if result.method == "rates" else _WORDS
    tones = {"only_a": "a", "only_b": "b"}
    return [Count(name, words[name], getattr(result.counts, name), tones.get(name, "")) for name in QUADRANTS]


def _gap(result: Comparison) -> Gap | None:
    between = result.interval_95
    if between is None:
        return None
    most = 100 * max(abs(between.low), abs(between.high), abs(result.difference))
    reach = next((end for end in _ENDS if end >= most), 100)
    at, right, left = (50 - 5000 * value / reach for value in (result.difference, between.low, between.high))
    words = f"A less B: {signed(result.difference)} points, 95 % interval {points(between)}"
    return Gap(at, left, right, reach, words)


def _is_infra(pair: Held) -> bool:
    return Outcome.INFRA_ERROR in (pair.a.outcome, pair.b.outcome)


def _is_censored(pair: Held) -> bool:
    return any(record.tries and record.tries[-1].outcome.censored for record in (pair.a, pair.b))


_OTHERS: Mapping[str, tuple[str, Callable[[Held], bool]]] = {
    "flipped": ("flipped", lambda pair: pair.is_flip),
    "infra": ("broken by machine or server", _is_infra),
    "censored": ("ended by a limit", _is_censored),
}
SHOWN: Sequence[str] = (*QUADRANTS, *_OTHERS)
"""What ``show`` may be."""


def _is_asked(pair: Held, asked: Asked) -> bool:
    if asked.q and asked.q.casefold() not in pair.a.task.casefold():
        return False
    if asked.show in _OTHERS:
        return _OTHERS[asked.show][1](pair)
    return asked.show in ("", pair.quadrant)


def _line(pair: Held) -> Line:
    a, b = pair.a, pair.b
    several = f" · sample {a.sample}" if a.sample else ""
    flip = ("a" if passed(a) else "b") if pair.is_flip else ""
    return Line(a.task, a.sample, one_line(a.task) + several, _became(a), _became(b), flip)


def _became(record: Record) -> Became:
    if passed(record):
        return Became("passed", "good", "")
    outcome = record.tries[-1].outcome if record.tries else record.outcome
    failure = failure_class(record) if outcome.graded else one_line(record.reason, 80)
    return Became(str(outcome), TONES.get(outcome, "other"), failure)


def _setting(found: Difference) -> Setting:
    a, b = told(found)
    return Setting(found.cause, inert(found.key), a, b, found.a == found.b)


def problem(error: UsageError) -> str:
    """Return why runs can't be compared, as a page says it."""
    return inert(str(error).removeprefix("compare: "))
