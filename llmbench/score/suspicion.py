"""Signs that a set-up is broken, so that a run need not go on to its end. Pure functions of records.

A sign is a trait that answers seldom have where all is well. Shares are those of tasks, one sample of each:
samples of a task resemble each other. Each sign is looked for after 10, 20, 40, 80 … tasks only, and is wrong
about once in a thousand runs: docs/design/statistics.md says of which runs.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from llmbench.api import Finish, Outcome
from llmbench.records.record import Record
from llmbench.score.failures import failure_class
from llmbench.score.tools import counts_of

FEWEST = 10
"""Tasks before anything is suspected."""
_ERROR = re.compile(r"\b[A-Z]\w*(Error|Exception)\b.*", re.DOTALL)
_EMPTY = 0.3
_ALIKE = 0.3
_SAME_ERROR = 0.6
_SAME_CLASS = 0.9

_TEMPLATE = "the chat template may not fit the model: compare with another server or template"
_TOKENS = "raise model.reasoning.answer_tokens (think_tokens, if it thinks), or set retry_budget=4"
_ADVICE = {
    "empty": f"{_TEMPLATE}; a thinking model may need more model.reasoning.think_tokens",
    "no code found": f"read one. {_TEMPLATE}; a base model needs one that was made to chat",
    "syntax error": f"read what was taken from an answer (agent.extraction). {_TEMPLATE}",
    "missing name": "read what was taken from an answer (agent.extraction); is a library missing?",
    "ran out of tokens": _TOKENS,
    "context full": "give the server more context (backend.context), or ask for fewer tokens",
    "unreadable answer": "another build or chat template of the server, or agent.protocol=text",
    "tool never called": "agent.protocol=text, or a chat template that knows tools",
    "changed nothing": f"read one: does it name the files? {_TEMPLATE}",
    "time": "raise limits.wall_s, or the validator's limit where the tests ran out of time",
}
"""Classes of failures for which a set-up is more often to blame than a model, with what may help."""
_SAYS_LITTLE = ("wrong answer", "changed nothing", "other")
"""Classes whose reasons are in the same words for many an honest failure."""


@dataclass(frozen=True, slots=True)
class Suspicion:
    """What looks as if the set-up were broken."""

    what: str
    """``10 of 10 answers are empty``."""
    first: Record
    advice: str


def suspicion(asked: Iterable[Record], *, asks_again: bool = False) -> Suspicion | None:
    """Return the first sign that holds; None where there is none, or fewer tasks than ``FEWEST``.

    Args:
        asked: graded records in the order in which they were to be asked, whatever came of them: those
            that finish first are not like the others.
        asks_again: what ran out of tokens is asked once more with more (``retry_budget``), and no sign.
    """
    chosen = _one_a_task(asked)
    if len(chosen) < FEWEST:
        return None
    known = [record for record in chosen if not (asks_again and record.outcome is Outcome.BUDGET_EXHAUSTED)]
    return next((found for sign in _SIGNS if (found := sign(known, len(chosen)))), None)


def is_look(tasks: int) -> bool:
    """Say whether signs are looked for after so many tasks."""
    while tasks > FEWEST and tasks % 2 == 0:
        tasks //= 2
    return tasks == FEWEST


def error_of(reason: str) -> str:
    """Return a failure's reason from the name of an error on, without what names the task."""
    found = _ERROR.search(reason)
    return found[0] if found else reason


def same_answers(records: Iterable[Record]) -> list[Record]:
    """Return those of one text that was given to the most tasks; none where all differ.

    Empty answers are left out, and those of agents with tools: what these say last may well be "done".
    """
    texts: dict[str, dict[str, Record]] = {}
    for record in records:
        last = record.tries[-1] if record.tries else None
        if last and last.answer_digest and last.answer_chars and not counts_of(record):
            texts.setdefault(last.answer_digest, {}).setdefault(record.task, record)
    most = max(texts.values(), key=len, default={})
    return list(most.values()) if len(most) > 1 else []


def _one_a_task(records: Iterable[Record]) -> list[Record]:
    found: dict[str, Record] = {}
    for record in records:
        found.setdefault(record.task, record)
    return list(found.values())


def _empty(known: Sequence[Record], total: int) -> Suspicion | None:
    empty = [record for record in known if record.tries and record.tries[-1].is_empty]
    if len(empty) <= _EMPTY * total:
        return None
    cut = sum(record.tries[-1].finish == Finish.LENGTH for record in empty)
    advice = _TOKENS if 2 * cut > len(empty) else _ADVICE["empty"]
    return Suspicion(f"{len(empty)} of {total} answers are empty", empty[0], advice)


def _one_error(known: Sequence[Record], total: int) -> Suspicion | None:
    telling = [r for r in known if r.reason and _class(r) not in (None, *_SAYS_LITTLE)]
    errors = Counter(error_of(record.reason) for record in telling)
    error, count = max(errors.items(), key=lambda item: item[1], default=("", 0))
    if count <= _SAME_ERROR * total:
        return None
    first = next(record for record in telling if error_of(record.reason) == error)
    advice = _ADVICE.get(_class(first) or "", "llmbench doctor says what is missing here")
    return Suspicion(f"{count} of {total} fail by the very same error", first, advice)


def _nothing_passes(known: Sequence[Record], total: int) -> Suspicion | None:
    if any(record.outcome is Outcome.PASSED for record in known):
        return None
    classes = Counter(filter(None, map(_class, known)))
    name, count = max(classes.items(), key=lambda item: item[1], default=("", 0))
    if name not in _ADVICE or count <= _SAME_CLASS * total:
        return None
    first = next(record for record in known if _class(record) == name)
    return Suspicion(f"nothing passes, {count} of {total} for one cause: {name}", first, _ADVICE[name])


def _alike(known: Sequence[Record], total: int) -> Suspicion | None:
    same = same_answers(known)
    if len(same) <= _ALIKE * total:
        return None
    advice = f"look whether the questions reach the model (llmbench show). {_TEMPLATE}"
    return Suspicion(f"{len(same)} of {total} tasks got the very same answer", same[0], advice)


def _class(record: Record) -> str | None:
    return None if record.outcome is Outcome.PASSED else failure_class(record)


_SIGNS: Sequence[Callable[[Sequence[Record], int], Suspicion | None]] = (
    _empty,
    _alike,
    _one_error,
    _nothing_passes,
)
