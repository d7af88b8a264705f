"""monitors.jsonl: what the monitors saw, appended by every command that worked on the run.

``session``  which monitors watched, and why others did not; what follows is of this session
``stretch``  a few seconds: mean and peak of every figure, and the energy used

Stretches grow longer as a session goes on, so the file stays small however long it lasts.
"""

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, Self

import msgspec

from llmbench.errors import RunError
from llmbench.records.lines import append_line, check_moment, drop_torn_line, encoded, read_lines
from llmbench.records.masking import Mask

FILE = "monitors.jsonl"


@dataclass(frozen=True, slots=True, kw_only=True)
class MonitorSession:
    """A session began to watch."""

    event: Literal["session"] = "session"
    schema: Literal["llmbench.monitors/1"] = "llmbench.monitors/1"
    started: str
    """When the session began: the same as in the manifest."""
    interval_s: float
    """Between two readings."""
    is_local: bool
    """Whether the model computed on this machine."""
    monitors: dict[str, dict[str, Any]]
    """What each one says of itself."""
    not_measured: dict[str, str] = field(default_factory=dict)
    """Why a monitor did not watch, by its name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """Some readings in a row."""

    event: Literal["stretch"] = "stretch"
    ended: str
    """ISO 8601, UTC."""
    seconds: float
    readings: int
    answering: int
    """Readings at which the model was answering."""
    mean: dict[str, float]
    """Of all readings."""
    answering_mean: dict[str, float] = field(default_factory=dict)
    """Of those at which the model was answering; empty where these are none or all."""
    peak: dict[str, float] = field(default_factory=dict)
    energy_j: float | None = None
    """Of all GPUs; None where it is not known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchedSession:
    """A session with its stretches."""

    head: MonitorSession
    stretches: tuple[Stretch, ...] = ()


MonitorEvent = MonitorSession | Stretch
_STRETCH = msgspec.json.Decoder(Stretch)
_SESSION = msgspec.json.Decoder(MonitorSession)
_BEGINNING = re.compile(rb'\{"event": ?"')


class MonitorFile:
    """The file, open for appending; the caller holds the run's lock. Closed by ``close``."""

    def __init__(self, path: Path, mask: Mask) -> None:
        self._mask = mask
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o644)
        drop_torn_line(self._file)

    def append(self, event: MonitorEvent) -> None:
        """Write one event.

        Raises:
            RecordError: it could not be read back.
        """
        append_line(self._file, encoded(event, _event, self._mask, "a monitor"))

    def close(self) -> None:
        """Close the file."""
        os.close(self._file)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()


def read_monitors(folder: Path) -> Sequence[WatchedSession]:
    """Return what was watched in a run's folder; lines that can't be read are passed over."""
    sessions: list[tuple[MonitorSession, list[Stretch]]] = []
    try:
        events = read_lines(folder / FILE, _event, _BEGINNING).values
    except RunError:
        return ()
    for event in events:
        if isinstance(event, MonitorSession):
            # A session that ends says again what it has measured, where that has changed.
            same = bool(sessions) and sessions[-1][0].started == event.started
            sessions.append((event, sessions.pop()[1] if same else []))
        elif sessions:
            sessions[-1][1].append(event)
    return [WatchedSession(head=head, stretches=tuple(stretches)) for head, stretches in sessions]


def _event(data: bytes) -> MonitorEvent:
    try:
        return _STRETCH.decode(data)
    except msgspec.ValidationError:
        session = _SESSION.decode(data)
        check_moment(session.started)
        return session
