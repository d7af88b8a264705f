"""The monitors of a run, read in a thread of their own: they don't disturb it and never fail it."""

import asyncio
from collections import deque
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Event, Thread
from time import monotonic
from types import TracebackType
from typing import Any, Self

from llmbench.api import Context, Monitor, Watched
from llmbench.errors import PrerequisiteError
from llmbench.records.masking import Mask
from llmbench.records.monitors import FILE, MonitorFile, MonitorSession
from llmbench.registry import load, names
from llmbench.runner.idle import complaints
from llmbench.runner.readings import Reader, Tally, Window, Windows
from llmbench.runner.spec import Monitoring, Part
from llmbench.runner.stretches import Stretches

_END_S = 5.0
"""How long to wait for a monitor that hangs, in a driver for instance; then it is left behind."""


class _NotHere(Exception):
    """There is nothing here that a monitor could watch."""


def check_named(wanted: Monitoring, context: Context) -> None:
    """Look whether the monitors that are asked for by name work here.

    Raises:
        PrerequisiteError: one does not; the message says what it lacks.
    """
    for part in () if wanted.auto else wanted.parts:
        if reason := unavailable(part.name, part.options, context):
            raise PrerequisiteError(
                f"monitors: '{part.name}' can't measure here: {reason}; leave it out, or take monitors=auto"
            )


def unavailable(name: str, options: Any, context: Context) -> str:
    """Return why a monitor can't measure on this machine, or an empty string; None for its own options."""
    try:
        kind: type[Monitor] = load("monitor", name)
        monitor = kind(kind.Options() if options is None else options, context)
        try:
            return monitor.unavailable()
        finally:
            monitor.close()
    except Exception as error:  # of a third party's
        return f"{type(error).__name__}: {error}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """Where the monitors of a session watch, and where they write."""

    folder: Path
    """The run's."""
    started: str
    """Of the session, as in the manifest."""
    server: Watched
    mask: Mask


class Monitors:
    """Reads the monitors from entering to leaving; ``window`` says what was seen of one sample."""

    def __init__(self, wanted: Monitoring, context: Context, site: Site) -> None:
        self._wanted = wanted
        self._warn = context.warn
        self._context = replace(context, warn=self._say, progress=lambda message: None)
        self._site = site
        self._windows = Windows()
        self._answering = Tally()
        self._said: deque[str] = deque()
        self.latest: Mapping[str, float] = {}
        """The last reading, by name of the figure."""
        self.energy_j: float | None = None
        """Of all GPUs, since monitors began to read; None where it is not measured."""
        self._stop = Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread = Thread(target=self._watch, name="monitors", daemon=True)

    def window(self) -> Window:
        """Return what counts the readings of one sample."""
        return self._windows.new()

    def __enter__(self) -> Self:
        self._loop = asyncio.get_running_loop()
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._stop.set()
        self._thread.join(_END_S)
        self._pass_on()
        if self._thread.is_alive():
            self._warn(
                f"a monitor has not answered for {_END_S:g} s: it is left behind, with its last figures"
            )
        for text in complaints(self._answering, is_local=self._site.server.is_local):
            self._warn(text)

    def _say(self, message: str) -> None:
        """Warn from the thread: the run's own thread passes it on."""
        self._said.append(message)
        if self._loop is not None and not self._stop.is_set():
            self._loop.call_soon_threadsafe(self._pass_on)

    def _pass_on(self) -> None:
        while self._said:
            self._warn(self._said.popleft())

    def _watch(self) -> None:
        try:
            with ExitStack() as stack:
                self._watch_with(stack)
        except Exception as error:  # whatever it is, the run goes on without figures of the machine
            self._say(f"the machine is not watched any more: {type(error).__name__}: {error}")

    def _watch_with(self, stack: ExitStack) -> None:
        skipped: dict[str, str] = {}
        monitors = self._opened(stack, skipped)
        file = stack.enter_context(MonitorFile(self._site.folder / FILE, self._site.mask))
        head = self._head(monitors, skipped)
        file.append(head)
        if not monitors:
            return
        self._read_on(dict(monitors), Stretches(file))
        if (changed := self._head(monitors, skipped)) != head:
            file.append(changed)

    def _read_on(self, monitors: dict[str, Monitor], stretches: Stretches) -> None:
        """Read at every interval, and once more when the run ends."""
        reader, due, is_last = Reader(), monotonic(), False
        while not is_last:
            is_last = self._stop.is_set()
            reading = reader.reading(self._read(monitors), monotonic())
            is_answering = self._windows.any_open
            if is_answering:
                self._windows.add(reading)
                self._answering.add(reading.figures)
            stretches.add(reading, answering=is_answering)
            self.latest = reading.figures
            if reading.energy_j is not None:
                self.energy_j = (self.energy_j or 0.0) + reading.energy_j
            due = max(due + self._wanted.interval_s, monotonic())
            self._stop.wait(0 if is_last else due - monotonic())
        stretches.flush()

    def _opened(self, stack: ExitStack, skipped: dict[str, str]) -> dict[str, Monitor]:
        """Return the monitors that measure here; why others don't goes into ``skipped``."""
        opened = {}
        for part in self._candidates():
            try:
                monitor = self._made(part)
                stack.callback(monitor.close)
                reason = monitor.unavailable() or monitor.open(self._site.server)
            except _NotHere as error:
                reason = str(error)
            except Exception as error:  # of a third party's: the others watch all the same
                reason = f"{type(error).__name__}: {error}"
            if not reason:
                opened[part.name] = monitor
                continue
            skipped[part.name] = reason
            if not self._wanted.auto:
                self._say(f"monitor '{part.name}' measures nothing: {reason}")
        return opened

    def _candidates(self) -> list[Part]:
        wanted = self._wanted
        if not wanted.auto:
            return list(wanted.parts)
        given = {part.name: part for part in wanted.parts}
        return [given.get(name) or Part(name=name, options=None) for name in names("monitor")]

    def _made(self, part: Part) -> Monitor:
        if self._wanted.auto and not self._site.server.is_local:
            raise _NotHere("the backend names no server on this machine")
        kind: type[Monitor] = load("monitor", part.name)
        return kind(kind.Options() if part.options is None else part.options, self._context)

    def _head(self, monitors: Mapping[str, Monitor], skipped: Mapping[str, str]) -> MonitorSession:
        described: dict[str, dict[str, Any]] = {n: dict(m.describe()) for n, m in monitors.items()}
        return MonitorSession(
            started=self._site.started,
            interval_s=self._wanted.interval_s,
            is_local=self._site.server.is_local,
            monitors=described,
            not_measured=dict(skipped),
        )

    def _read(self, monitors: dict[str, Monitor]) -> dict[str, float]:
        figures: dict[str, float] = {}
        for name, monitor in list(monitors.items()):
            try:
                figures.update(monitor.sample())
            except Exception as error:  # its fault, and no reason to lose the figures of the others
                del monitors[name]
                self._say(f"monitor '{name}' has stopped: {type(error).__name__}: {error}")
        return figures
