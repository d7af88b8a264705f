"""Work that a page may have to wait for: done once, by a thread of its own, for all who ask meanwhile."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Done(Generic[Result]):
    """What a job has come to."""

    result: Result
    at: float
    """When it ended, in seconds since 1970."""


@dataclass(frozen=True, slots=True)
class State(Generic[Result]):
    """How a job stands; while it works anew, what it came to before is still there."""

    is_working: bool
    done: Done[Result] | None


class Job(Generic[Result]):
    """Keeps what some work came to, and never does it twice at once."""

    def __init__(self, work: Callable[[], Result]) -> None:
        """Keep ``work`` for later; it has to end by itself, and raises nothing."""
        self._work = work
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._done: Done[Result] | None = None

    def begin(self) -> None:
        """Begin, unless it works already."""
        with self._lock:
            if self._thread is None:
                # A daemon: whoever ends the dashboard does not wait for it.
                self._thread = threading.Thread(target=self._run, daemon=True)
                self._thread.start()

    def look(self, *, fresh_s: float | None = None, wait_s: float = 0.0) -> State[Result]:
        """Return how it stands; begin where there is nothing yet, or nothing new enough.

        Args:
            fresh_s: how old what it came to may be; None for any age.
            wait_s: how long to wait for it.
        """
        done = self._done
        if done is None or (fresh_s is not None and time.time() - done.at > fresh_s):
            self.begin()
        if thread := self._thread:
            thread.join(wait_s)
        return State(self._thread is not None, self._done)

    def _run(self) -> None:
        try:
            result = self._work()
            self._done = Done(result, time.time())
        finally:
            with self._lock:
                self._thread = None
