"""What is asked at this moment: since when, and how much of the answers has come."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field

from llmbench.records.status import Asking
from llmbench.wording import plural


@dataclass(slots=True, eq=False)
class Question:
    """One request under way."""

    began: float = field(default_factory=time.monotonic)
    pieces: int = 0
    """Of its answer, as they came: about a token each."""


_question: ContextVar[Question | None] = ContextVar("question", default=None)


def arrived(pieces: int) -> None:
    """Note that more of the answer has come that the code calling this waits for.

    A server kept warm serves one run after the other: whose answer it is, the task that waits for it knows.
    """
    question = _question.get()
    if question is not None:
        question.pieces += pieces


class UnderWay:
    """The requests of a run that wait for their answers."""

    def __init__(self) -> None:
        self._questions: set[Question] = set()

    @contextmanager
    def asking(self) -> Iterator[None]:
        """Count a request as under way."""
        question = Question()
        token = _question.set(question)
        self._questions.add(question)
        try:
            yield
        finally:
            self._questions.discard(question)
            _question.reset(token)

    def now(self) -> Asking:
        """Return how many there are, how long the eldest waits, and what has come."""
        questions = list(self._questions)  # a thread looks at them while the run goes on
        if not questions:
            return Asking()
        return Asking(
            requests=len(questions),
            eldest_s=time.monotonic() - min(question.began for question in questions),
            tokens=sum(question.pieces for question in questions),
        )

    def told(self) -> str:
        """Say the same in words; empty without any."""
        now = self.now()
        if not now.requests:
            return ""
        so_far = f"{plural(now.tokens, 'token')} so far" if now.tokens else "no token yet"
        return f"{now.requests} under way for {int(now.eldest_s)} s, {so_far}"
