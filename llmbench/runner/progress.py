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
from llmbench.runner.under_way import UnderWay
from llmbench.wording import plural

_SHORTEST_BAR, _LONGEST_BAR = 5, 20
_MESSAGE_S = 10.0
"""So long a message stays once samples are made: nobody says that a wait is over."""
_SPEEDS = 20
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
        self._again = False
        self._began = time.monotonic()
        self._total = self._done = self._passed = 0
        self._speeds: list[float] = []
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        if self._draws:
            live = Live(
                console=self.console, transient=True, refresh_per_second=8, get_renderable=self._drawn
            )
            self._stack.enter_context(live)
        else:
            self._stack.callback(_beating(self._speak_up).set)
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
        self._total, self._again = total, again
        self._done = self._passed = 0
        self._began = time.monotonic()
        self._message = ""

    def finished(self, record: Record) -> None:
        """Count one finished sample."""
        self._done += 1
        self._passed += record.outcome is Outcome.PASSED
        if record.timing.decode_tokens_per_s is not None:
            self._speeds = [*self._speeds[1 - _SPEEDS :], record.timing.decode_tokens_per_s]
        if not self._draws and self._done * 10 // self._total > (self._done - 1) * 10 // self._total:
            self._rhythm.restart()
            self.console.print(self._count(), highlight=False)

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
        again = " asked once more" if self._again else ""
        return f"{self._done} of {plural(self._total, 'sample')}{again}, {self._passed} passed"

    def _times(self) -> str:
        """Return how long it has taken, and what is left at this pace."""
        elapsed_s = time.monotonic() - self._began
        told = f"elapsed {_clock(elapsed_s)}"
        if not 0 < self._done < self._total:
            return told
        return f"{told}, left {_clock(elapsed_s / self._done * (self._total - self._done))}"

    def _now(self) -> str:
        """Return what is under way: requests, or what was said last."""
        if self._message and (not self._total or time.monotonic() - self._said < _MESSAGE_S):
            return self._message
        speed = f", {sum(self._speeds) / len(self._speeds):.0f} tokens/s" if self._speeds else ""
        asked = self.under_way.told()
        if asked:
            return f"{asked}{speed}"
        return "grading" if self._done < self._total else "finishing"

    def _speak_up(self) -> None:
        if self._total and self._rhythm.is_due():
            self.console.print(f"{self._count()}; {self._now()}; {self._times()}", highlight=False)

    def _drawn(self) -> RenderableType:
        lines = [self._first_line()] if self._total else []
        if self._total or self._message:
            lines.append(self._second_line())
        return Group(*lines)

    def _first_line(self) -> Table:
        count = Text(self._count(), style="green", no_wrap=True)
        times = Text(self._times(), style="cyan", no_wrap=True)
        room = self.console.width - len(count) - len(times) - 2
        if room < _SHORTEST_BAR:
            return _line(count, times)
        width = min(room, _LONGEST_BAR)
        return _line(ProgressBar(total=self._total, completed=self._done, width=width), count, times)

    def _second_line(self) -> Table:
        now = Text(self._now(), style="dim", no_wrap=True, overflow="ellipsis")
        if self._total:
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


def _beating(beat: Callable[[], None]) -> threading.Event:
    """Call ``beat`` once a second from a thread until the event is set: the event loop may be busy."""
    ended = threading.Event()

    def run() -> None:
        while not ended.wait(_PULSE_S):
            beat()

    threading.Thread(target=run, name="progress", daemon=True).start()
    return ended
