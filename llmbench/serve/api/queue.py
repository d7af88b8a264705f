"""``/api/queue``: what was launched from here, in which order it begins, and how that is changed."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Annotated, Literal

from fastapi import APIRouter
from pydantic import Field

from llmbench.serve.faults import CHANGES
from llmbench.serve.launching.launcher import Launcher
from llmbench.serve.launching.ledger import Entry
from llmbench.serve.parts import LauncherPart

router = APIRouter(tags=["launching"], responses=CHANGES)

Id = Annotated[str, Field(pattern="^[0-9a-f]{16}$")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A launch."""

    id: str
    line: str
    state: Literal["queued", "started", "ended"]
    runs: int
    folders: Sequence[str]
    beside: bool
    added: str
    began: str
    ended: str
    code: int | None
    """The exit code of a launch that has ended, where this dashboard saw its end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Queue:
    """Launches: those that wait in their order, those that run, those that ended, the newest first."""

    launches: Sequence[Waiting]


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What to do with launches that wait, or with one that runs."""

    action: Literal["order", "remove", "clear", "beside", "stop"]
    """`order`: those named first, in this order; `remove`: take them out; `clear`: empty the queue; `beside`:
    let them begin while others run; `stop`: ask those that run to end."""
    ids: Annotated[list[Id], Field(max_length=200)] = field(default_factory=list)


@router.get("/api/queue")
def queue(launcher: LauncherPart) -> Queue:
    """Return what was launched from here."""
    return _queue(launcher.ledger.read())


@router.post("/api/queue")
def change(asked: Change, launcher: LauncherPart) -> Queue:
    """Change the queue; whatever runs goes on unless it is told to stop."""
    _do(asked, launcher)
    return _queue(launcher.ledger.read())


def _do(asked: Change, launcher: Launcher) -> None:
    if asked.action == "order":
        launcher.move(asked.ids)
    elif asked.action == "clear":
        launcher.clear()
    else:
        each = {"remove": launcher.remove, "beside": launcher.go, "stop": launcher.stop}[asked.action]
        for id_ in asked.ids:
            each(id_)


def _queue(entries: Sequence[Entry]) -> Queue:
    waiting = [entry for entry in entries if entry.state == "queued"]
    running = [entry for entry in entries if entry.state == "started"]
    ended = sorted((entry for entry in entries if entry.state == "ended"), key=lambda entry: entry.ended)
    return Queue(launches=[_told(entry) for entry in (*waiting, *running, *reversed(ended))])


def _told(entry: Entry) -> Waiting:
    return Waiting(
        id=entry.id,
        line=entry.line,
        state=entry.state,
        runs=entry.cells,
        folders=entry.folders,
        beside=entry.beside,
        added=entry.added,
        began=entry.began,
        ended=entry.ended,
        code=entry.code,
    )
