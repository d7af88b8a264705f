"""Keeps status.json up to date while a command works on a run, which goes on whatever becomes of the file."""

import asyncio
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from threading import Event, Lock
from time import monotonic
from types import TracebackType
from typing import Self

from llmbench.errors import LlmbenchError
from llmbench.records.manifest import now
from llmbench.records.masking import Mask
from llmbench.records.process import this_process
from llmbench.records.status import HEARTBEAT_S, State, Status, Used, write_status
from llmbench.runner.monitoring import Monitors
from llmbench.runner.progress import RunProgress, beating

_INTERRUPTED = (asyncio.CancelledError, KeyboardInterrupt)


class LiveStatus:
    """Writes what a command does, from entering to leaving: at once where it begins something else."""

    def __init__(self, folder: Path, run_id: str, session: str, progress: RunProgress, mask: Mask) -> None:
        self._folder = folder
        self._progress = progress
        self._mask = mask
        self._base = Status(
            run_id=run_id, state="preparing", updated=session, session=session, process=this_process()
        )
        self._lock = Lock()
        self._ended = Event()
        self._written: Status | None = None
        self._written_at = 0.0
        self.interrupted_by = ""
        """Who has asked that the command end; empty for Ctrl-C."""
        self.monitors: Monitors | None = None
        """Those that watch at the moment."""

    def plan(self, *, planned: int, made_before: int) -> None:
        """Note how many samples the command asks for, and how many of them are there."""
        self._base = replace(self._base, planned=planned, made_before=made_before)

    def new_session(self, started: str) -> None:
        """Note that the command goes on after a pause, as another session of the manifest."""
        self._base = replace(self._base, session=started)

    def begin(self, state: State, reason: str = "") -> None:
        """Say that something else is done from now on."""
        self._base = replace(self._base, state=state, reason=reason)
        self._write()

    def __enter__(self) -> Self:
        self._write()
        self._ended = beating(self._beat)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._ended.set()
        if isinstance(error, _INTERRUPTED):
            self.begin("stopped", f"by {self.interrupted_by}" if self.interrupted_by else "interrupted")
        elif error is not None:
            told = str(error) if isinstance(error, LlmbenchError) else f"{type(error).__name__}: {error}"
            self.begin("failed", told)
        elif self._base.state != "stopped":
            self.begin("finished")

    def _beat(self) -> None:
        """Write where more has changed than the time, or for too long nothing has."""
        with self._lock:
            if not self._ended.is_set() and self._is_due(status := self._now()):
                self._put(status)

    def _is_due(self, status: Status) -> bool:
        before = self._written
        if before is None or monotonic() - self._written_at >= HEARTBEAT_S:
            return True
        return replace(status, updated=before.updated, elapsed_s=before.elapsed_s) != before

    def _write(self) -> None:
        with self._lock:
            self._put(self._now())

    def _put(self, status: Status) -> None:
        self._written, self._written_at = status, monotonic()
        # A full disk, or a folder that is gone: whoever looks on sees nothing new, and that is all.
        with suppress(OSError, LlmbenchError):
            write_status(self._folder, status, self._mask)

    def _now(self) -> Status:
        pace, monitors = self._progress.pace, self.monitors
        asking = self._progress.under_way.now()
        return replace(
            self._base,
            state=self._state(asks=bool(asking.requests)),
            message=self._progress.message,
            updated=now(),
            total=pace.total,
            done=pace.done,
            again=pace.again,
            outcomes={str(outcome): count for outcome, count in pace.outcomes.items()},
            asking=replace(asking, eldest_s=round(asking.eldest_s, 1)),
            decode_tokens_per_s=pace.decode_tokens_per_s,
            elapsed_s=round(pace.elapsed_s, 1),
            left=pace.left(),
            used=self._used(pace.used),
            machine={} if monitors is None else dict(monitors.latest),
        )

    def _state(self, *, asks: bool) -> State:
        state = self._base.state
        return "grading" if state == "sampling" and not asks and self._progress.pace.total else state

    def _used(self, used: Used) -> Used:
        return used if self.monitors is None else replace(used, energy_j=self.monitors.energy_j)
