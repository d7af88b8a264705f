"""What a person sees while a run is under way."""

import os
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from types import TracebackType
from typing import Self

from rich.console import Group, RenderableType
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

from llmbench.api import Outcome
from llmbench.console import Console
from llmbench.records.record import Record
from llmbench.runner.news import News, Rhythm
from llmbench.runner.pace import Pace
from llmbench.runner.under_way import UnderWay
from llmbench.wording import plural

_SHORTEST_BAR, _LONGEST_BAR = 5, 20
_MESSAGE_S = 10.0
"""So long a message stays once samples are made: nobody says that a wait is over."""
_PULSE_S = 1.0


class RunConsole(Console):
    """A console whose reader may go away, as in ``llmbench | head``: the run goes on in silence."""

    def on_broken_pipe(self) -> None:
        """Let everything further vanish."""
        os.dup2(os.open(os.devnull, os.O_WRONLY), self.file.fileno())


class RunProgress:
    """Two live lines on a terminal; elsewhere a plain line at every tenth, and after a long silence."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self.under_way = UnderWay()
        self._draws = console.is_terminal and not console.is_dumb_terminal
        self._spinner = Spinner("dots" if console.encoding.startswith("utf") else "line")
        self._news = News(console)
        self._rhythm = Rhythm()
        self._message, self._said = "", 0.0
        self._held = ""
        self.pace = Pace()
        self._began = time.monotonic()
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        if self._draws:
            live = Live(
                console=self.console, transient=True, refresh_per_second=8, get_renderable=self._drawn
            )
            self._stack.enter_context(live)
        else:
            self._stack.callback(beating(self._speak_up).set)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._stack.close()

    def begin(self, total: int, *, again: bool = False) -> None:
        """Show that ``total`` samples are to be made, or some of them once more with a larger budget."""
        self.pace.begin(total, again=again)
        self._message = ""

    def finished(self, record: Record) -> None:
        """Count one finished sample."""
        pace = self.pace
        pace.finished(record)
        if not self._draws and pace.done * 10 // pace.total > (pace.done - 1) * 10 // pace.total:
            self._rhythm.restart()
            self.console.print(self._count(), highlight=False)

    def hold(self, message: str) -> None:
        """Say that nothing is made until ``go_on`` is called."""
        self._held = message
        self.pace.stop()
        self.say(message)

    def go_on(self) -> None:
        """Say that the pause is over."""
        self._held = ""
        self.say("going on")

    def waiting(self, message: str) -> None:
        """Say what is being waited for."""
        self._message, self._said = message, time.monotonic()
        if not self._draws:
            self._news(message)

    def say(self, message: str) -> None:
        """Show a line that stays, and means no harm."""
        self.console.print(message, style="dim", highlight=False)

    def warn(self, message: str) -> None:
        """Show a line that stays."""
        self.console.print(Text.assemble(("warning:", "yellow"), " ", message))

    def _count(self) -> str:
        pace = self.pace
        again = " asked once more" if pace.again else ""
        passed = pace.outcomes[Outcome.PASSED]
        return f"{pace.done} of {plural(pace.total, 'sample')}{again}, {passed} passed"

    def _times(self) -> str:
        """Return how long it has taken, and between what it takes at this pace."""
        told, left = f"elapsed {_clock(self.pace.elapsed_s)}", self.pace.left()
        if left is None:
            return told
        low, high = _clock(left.low_s), _clock(left.high_s)
        return f"{told}, left {low}" if low == high else f"{told}, left {low}–{high}"

    def _now(self) -> str:
        """Return what is under way: requests, or what was said last."""
        if self._held or self.message:
            return self._held or self.message
        mean = self.pace.decode_tokens_per_s
        asked = self.under_way.told()
        if asked:
            return asked if mean is None else f"{asked}, {mean:.0f} tokens/s"
        return "grading" if self.pace.done < self.pace.total else "finishing"

    @property
    def message(self) -> str:
        """What was said last, as long as it may still be true."""
        is_new = not self.pace.total or time.monotonic() - self._said < _MESSAGE_S
        return self._message if is_new else ""

    def _speak_up(self) -> None:
        if self.pace.total and not self._held and self._rhythm.is_due():
            self.console.print(f"{self._count()}; {self._now()}; {self._times()}", highlight=False)

    def _drawn(self) -> RenderableType:
        lines = [self._first_line()] if self.pace.total else []
        if self.pace.total or self._message or self._held:
            lines.append(self._second_line())
        return Group(*lines)

    def _first_line(self) -> Table:
        count = Text(self._count(), style="green", no_wrap=True)
        times = Text(self._times(), style="cyan", no_wrap=True)
        room = self.console.width - len(count) - len(times) - 2
        if room < _SHORTEST_BAR:
            return _line(count, times)
        width = min(room, _LONGEST_BAR)
        return _line(ProgressBar(total=self.pace.total, completed=self.pace.done, width=width), count, times)

    def _second_line(self) -> Table:
        now = Text(self._now(), style="dim", no_wrap=True, overflow="ellipsis")
        if self.pace.total:
            return _line(self._spinner, now)
        since = Text(_clock(time.monotonic() - self._began), style="cyan", no_wrap=True)
        return _line(self._spinner, now, since)


def _line(*cells: RenderableType) -> Table:
    line = Table.grid(padding=(0, 1))
    line.add_row(*cells)
    return line


def _clock(seconds: float) -> str:
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def beating(beat: Callable[[], None]) -> threading.Event:
    """Call ``beat`` once a second from a thread until the event is set: the event loop may be busy."""
    ended = threading.Event()

    def run() -> None:
        while not ended.wait(_PULSE_S):
            beat()

    threading.Thread(target=run, name="progress", daemon=True).start()
    return ended
