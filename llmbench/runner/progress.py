"""What a person sees while a run is under way."""

import os
from types import TracebackType
from typing import Self

from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.text import Text

from llmbench.api import Outcome
from llmbench.console import Console
from llmbench.records.record import Record


class RunConsole(Console):
    """A console whose reader may go away, as in ``llmbench | head``: the run goes on in silence."""

    def on_broken_pipe(self) -> None:
        """Let everything further vanish."""
        os.dup2(os.open(os.devnull, os.O_WRONLY), self.file.fileno())


class RunProgress:
    """A live line on a terminal; elsewhere a plain line at every tenth of the way."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self._bar = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[passed]} passed", style="green", markup=False),
            TextColumn("{task.fields[speed]}", markup=False),
            TimeElapsedColumn(),
            TimeRemainingColumn(),
            console=console,
            disable=not console.is_terminal,
            transient=True,
        )
        self._task: TaskID | None = None
        self._total = self._done = self._passed = 0
        self._speeds: list[float] = []

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._bar.stop()

    def begin(self, total: int) -> None:
        """Show that ``total`` samples are to be made."""
        self._total = total
        self._task = self._bar.add_task("asking", total=total, passed=0, speed="")

    def finished(self, record: Record) -> None:
        """Count one finished sample."""
        self._done += 1
        self._passed += record.outcome is Outcome.PASSED
        if record.timing.decode_tokens_per_s is not None:
            self._speeds = [*self._speeds[-19:], record.timing.decode_tokens_per_s]
        if self._task is not None and self.console.is_terminal:
            speed = f"{sum(self._speeds) / len(self._speeds):.0f} tokens/s" if self._speeds else ""
            self._bar.update(self._task, completed=self._done, passed=self._passed, speed=speed)
        elif self._done * 10 // self._total > (self._done - 1) * 10 // self._total:
            self.console.print(f"{self._done} of {self._total} samples, {self._passed} passed")

    def waiting(self, message: str) -> None:
        """Say what is being waited for."""
        if self._task is not None:
            self._bar.update(self._task, description=message or "asking")
        elif self.console.is_terminal:
            self._task = self._bar.add_task(message, total=None, passed=0, speed="")
        else:
            self.console.print(message, style="dim")

    def say(self, message: str) -> None:
        """Show a line that stays, and means no harm."""
        self._bar.console.print(message, style="dim", highlight=False)

    def warn(self, message: str) -> None:
        """Show a line that stays."""
        self._bar.console.print(Text.assemble(("warning:", "yellow"), " ", message))
