"""Watches a run while it is made: one whose set-up looks broken ends early, and says why."""

from collections.abc import Sequence
from textwrap import fill

from llmbench.errors import SuspiciousError
from llmbench.records.record import Record
from llmbench.runner.plan import Item
from llmbench.score.suspicion import Suspicion, is_look, suspicion

_WIDTH = 78
_SWITCH = "stop_when_suspicious=false"


class Watch:
    """Looks at the first sample of each task, in the order in which they are asked.

    What finishes first is not like the rest (an empty answer takes no time), so a task counts once all before
    it are finished. Only what this command makes is looked at: given again, it goes on.
    """

    def __init__(self, todo: Sequence[Item], *, asks_again: bool) -> None:
        self._left = len(todo)
        self._asks_again = asks_again
        self._order = list({item.task.id: (item.task.id, item.sample) for item in reversed(todo)}.values())
        self._order.reverse()
        self._finished: dict[tuple[str, int], Record] = {}
        self._graded: list[Record] = []

    def finished(self, record: Record) -> None:
        """Count a finished sample.

        Raises:
            SuspiciousError: there is a sign that the set-up is broken, and samples are left to be made.
        """
        self._left -= 1
        self._finished[record.key] = record
        while self._order and (next_one := self._finished.pop(self._order[0], None)):
            self._order.pop(0)
            self._look(next_one)

    def _look(self, record: Record) -> None:
        if not record.outcome.graded:
            return
        self._graded.append(record)
        if self._left and is_look(len(self._graded)):
            found = suspicion(self._graded, asks_again=self._asks_again)
            if found is not None:
                raise SuspiciousError(found.what, told(found, len(self._graded)))


def told(found: Suspicion, tasks: int) -> str:
    """Say why the run ends, with an example and what to do, in lines that fit a terminal."""
    reason = _plain(found.first.reason) or str(found.first.outcome)
    parts = [
        f"stopped after {tasks} tasks: {found.what}",
        _indented(f"first: {found.first.task}: {_short(reason)}"),
        _indented(f"what may help: {found.advice}"),
        _indented(f"The same command goes on, and looks at its next 10 tasks; {_SWITCH} never stops."),
    ]
    return "\n".join(parts)


def _plain(text: str) -> str:
    """Return foreign text as one line without characters that steer a terminal."""
    return "".join(sign if sign.isprintable() else " " for sign in " ".join(text.split()))


def _short(text: str) -> str:
    return text if len(text) <= 200 else f"{text[:199]}…"


def _indented(text: str) -> str:
    return fill(text, _WIDTH, initial_indent="  ", subsequent_indent="    ", break_on_hyphens=False)
