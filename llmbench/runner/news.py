"""Plain lines where nothing can be drawn: in files and pipes, on terminals that only print. Never many."""

import re
import time
from collections.abc import Callable

from llmbench.console import Console

_NUMBERS = re.compile(r"\d+(\.\d+)?")
_FIRST_S, _LONGEST_S = 30.0, 600.0


class Rhythm:
    """Says when it is time to speak again: after ever longer pauses."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self.restart()

    def restart(self) -> None:
        """Begin with the short pause again: something was said."""
        self._pause_s = _FIRST_S
        self._next = self._clock() + self._pause_s

    def is_due(self) -> bool:
        """Say whether the pause is over; if it is, the next one is twice as long."""
        if self._clock() < self._next:
            return False
        self._pause_s = min(2 * self._pause_s, _LONGEST_S)
        self._next = self._clock() + self._pause_s
        return True


class News:
    """Prints what is being waited for; of a thing that only counts on, a line now and then."""

    def __init__(self, console: Console, clock: Callable[[], float] = time.monotonic) -> None:
        self._console = console
        self._clock = clock
        self._told: dict[str, Rhythm] = {}

    def __call__(self, message: str) -> None:
        """Take a message: what stands before its colon says what it is about."""
        about = _NUMBERS.sub("#", message.partition(": ")[0])
        rhythm = self._told.get(about)
        if rhythm is None:
            self._told[about] = Rhythm(self._clock)
        elif not rhythm.is_due():
            return
        self._console.print(message, style="dim", highlight=False)
