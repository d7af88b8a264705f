"""``/api/events``: what happens in a run, as it happens, over WebSocket or by asking again and again."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response, WebSocket
from starlette.websockets import WebSocketDisconnect, WebSocketState

from llmbench.records.status import read_status
from llmbench.serve.answers import encoded
from llmbench.serve.api.asked import NamePart
from llmbench.serve.faults import NotFound
from llmbench.serve.parts import MaskPart, RunsPart, WatchesPart
from llmbench.serve.states import status_data
from llmbench.serve.tail import Event
from llmbench.serve.watch import TICK_S, Seen, Watched, message

router = APIRouter(tags=["runs"])

MOST_SOCKETS = 500
_SLOW_S = 10.0
"""Whoever takes longer to take a message is dropped, and can ask again from where it was."""
_NOT_FOUND, _FULL, _TALKS = 4404, 1013, 1008

After = Annotated[
    int, Query(ge=0, le=2**53 - 1, description="the number of the last line that is known; 0 for all")
]
OfJournal = Annotated[
    str, Query(max_length=64, description="`journal` of the last answer: after another one all begins anew")
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Events:
    """What happened after a line of the journal; a message of the WebSocket is the same."""

    events: Sequence[Event]
    seq: int
    """What to ask `after` next."""
    journal: str
    """Which journal that is about."""
    more: bool
    """Whether there are more already."""
    status: dict[str, Any] | None = None
    """What the run's command says of itself (`llmbench.status/1`); null where it says nothing. A message of
    the WebSocket has it only where it has changed."""


@router.get("/api/events/{dataset}/{name}", response_model=Events)
def events(
    runs: RunsPart,
    watches: WatchesPart,
    mask: MaskPart,
    name: NamePart,
    after: After = 0,
    journal: OfJournal = "",
) -> Response:
    """Return the lines of a run's journal behind a number, at most 500, and what the run is doing.

    The same address takes a WebSocket, which tells everything as it happens.
    """
    folder, tail = runs.folder(name), watches.tail(name)
    tail.look()
    status = encoded(status_data(read_status(folder)), mask)
    return Response(message(tail.after(after, journal), status), media_type="application/json")


@router.websocket("/api/events/{dataset}/{name}")
async def socket(
    socket: WebSocket,
    runs: RunsPart,
    watches: WatchesPart,
    name: NamePart,
    after: After = 0,
    journal: OfJournal = "",
) -> None:
    """Tell what happens in a run until the other side is gone."""
    await socket.accept()
    if watches.clients >= MOST_SOCKETS:
        await socket.close(_FULL, f"more than {MOST_SOCKETS} watch already")
        return
    try:
        await asyncio.to_thread(runs.folder, name)
    except NotFound as error:
        await socket.close(_NOT_FOUND, str(error)[:100])
        return
    gone = asyncio.create_task(_gone(socket))
    try:
        async with watches.joined(name) as watched:
            await _tell(socket, watched, Seen(after, journal), gone)
    finally:
        gone.cancel()


async def _tell(socket: WebSocket, watched: Watched, seen: Seen, gone: asyncio.Task[None]) -> None:
    """Tell what is new, until the other side is gone, says something or takes too long."""
    while not gone.done():
        changed = watched.changed
        found = await watched.next(seen)
        seen = found.seen
        if not found.text:
            await asyncio.wait([gone, changed], return_when=asyncio.FIRST_COMPLETED)
            continue
        try:
            await asyncio.wait_for(socket.send_text(found.text), _SLOW_S)
        except (TimeoutError, WebSocketDisconnect, RuntimeError):
            return
        await asyncio.wait([gone], timeout=0 if found.has_more else TICK_S)
    if socket.client_state is WebSocketState.CONNECTED:
        await socket.close(_TALKS, "nothing is expected here")


async def _gone(socket: WebSocket) -> None:
    """Wait until the other side is gone, or says something."""
    with suppress(WebSocketDisconnect, RuntimeError):
        await socket.receive()
