"""Why samples did not pass: a class for each, by rule and never by a model. Pure functions of records."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from llmbench.api import Finish, Outcome
from llmbench.records.record import Record, TryRecord
from llmbench.score.tools import NOTES

OTHER = "other"

_OUTCOMES: Mapping[Outcome, str] = {
    Outcome.TAMPERED: "tampered",
    Outcome.BUDGET_EXHAUSTED: "ran out of tokens",
    Outcome.CONTEXT_OVERFLOW: "context full",
    Outcome.PROTOCOL_ERROR: "unreadable answer",
}
_SAID: Sequence[tuple[str, Sequence[str]]] = (
    (
        "wrong answer",
        [r"AssertionError", r"wrong value", r"expect\(", r"Expected: ", r"(CHECK|REQUIRE)\w*\("],
    ),
    ("exception", [r"\bpanic", r"[Ss]egmentation"]),
    ("changed nothing", [r"unchanged", r"changes none of the files"]),
    ("memory", [r"MemoryError", r"OutOfMemory", r"bad_alloc", r"(out of|more) memory"]),
    (
        "missing name",
        [
            *(
                r"NameError",
                r"ImportError",
                r"ModuleNotFoundError",
                r"UnboundLocalError",
                r"has no attribute",
            ),
            *(r"is not (defined|a function)", r"undefined: ", r"[Cc]annot find", r"no member named"),
            *(r"was not declared", r"does not (define|export)", r"no (function|file|module|exported)"),
            *(r"E04(12|25|32|33)", r"TS2(304|305|339)"),
        ],
    ),
    (
        "syntax error",
        [
            *(r"SyntaxError", r"IndentationError", r"TabError", r"syntax error", r"[Uu]nexpected token"),
            *(r"unterminated", r"not? compile", r"compil\w+ (error|failed)"),
            *(r"error\[E\d+\]", r"\berror: ", r"error TS\d+"),
        ],
    ),
    (
        "exception",
        [r"\b[A-Z]\w*(Error|Exception)\b", r"signal", r"abort", r"raised"],
    ),
    ("wrong answer", [r"[Ee]xpected", r"\bgot\b", r"\bwant\b", r"[!=]=", r"not equal", r"should"]),
)
"""What a reason says, the surest words first: an assertion may quote the name of an error."""
CLASSES = (
    "wrong answer",
    "exception",
    "missing name",
    "syntax error",
    "time",
    "memory",
    "empty",
    "ran out of tokens",
    "no code found",
    "tool never called",
    "loop",
    "changed nothing",
    "context full",
    "unreadable answer",
    "tampered",
    OTHER,
)
"""All classes, the most usual first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Failures:
    """The samples of one class."""

    count: int
    task: str
    """Of the first of them, like ``sample``."""
    sample: int


def failures(graded: Iterable[Record]) -> Mapping[str, Failures]:
    """Return the classes of the samples that did not pass, the most frequent first."""
    found: dict[str, list[Record]] = {}
    for record in graded:
        if record.outcome is not Outcome.PASSED:
            found.setdefault(failure_class(record), []).append(record)
    order = sorted(found, key=lambda name: (-len(found[name]), CLASSES.index(name)))
    return {
        name: Failures(count=len(found[name]), task=found[name][0].task, sample=found[name][0].sample)
        for name in order
    }


def failure_class(record: Record) -> str:
    """Return the class of a sample that did not pass, by its last try; see ``CLASSES``."""
    if not record.tries:
        return OTHER
    last = record.tries[-1]
    return next((name for name, holds in _RULES if holds(last)), None) or _by_words(last.reason)


def _by_words(reason: str) -> str:
    return next((name for name, words in _SAID if re.search("|".join(words), reason)), OTHER)


def _tools(done: TryRecord) -> Mapping[str, object]:
    noted = done.notes.get(NOTES)
    return noted if isinstance(noted, Mapping) else {}


def _never_called(done: TryRecord) -> bool:
    return _tools(done).get("calls") == 0


def _empty_by_protocol(done: TryRecord) -> bool:
    return done.outcome is Outcome.PROTOCOL_ERROR and done.is_empty


_RULES: Sequence[tuple[str, Callable[[TryRecord], bool]]] = (
    ("empty", _empty_by_protocol),
    *((name, lambda done, outcome=outcome: done.outcome is outcome) for outcome, name in _OUTCOMES.items()),
    ("ran out of tokens", lambda done: done.finish == Finish.LENGTH),
    ("loop", lambda done: _tools(done).get("ended") == "loop"),
    ("tool never called", _never_called),
    ("empty", lambda done: done.is_empty),
    ("no code found", lambda done: done.notes.get("extraction") == "none"),
    ("time", lambda done: done.outcome is Outcome.TIMEOUT),
)
"""What needs no reading of words, in the order in which it is looked for."""
