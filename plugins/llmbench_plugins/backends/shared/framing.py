"""The bytes of a body as events, however it is framed: the body's beginning decides, not what its head says.

Understood are server-sent events after WHATWG's rules (and streams without blank lines between their events),
JSON lines, and one or more JSON values over many lines. Where bytes are cut into pieces never matters.
"""

import re
from typing import NamedTuple

from llmbench_plugins.backends.shared.foreign import NotJson, loads, split_values

_BOM = b"\xef\xbb\xbf"
_PASSED_OVER = frozenset({b"id", b"retry"})
_JSON = re.compile(rb'\s*(?:\{|\[\s*(?:[\[{"\]]|$))')
"""How a JSON value begins that may be an answer; a line of a log (``[INFO] …``) does not."""
_ENDS = (b"}", b"]")
_DONE = b"[DONE]"
_SHOWN = 2000


class Event(NamedTuple):
    """A piece of a body: what stood behind ``data:``, a JSON value, or a comment."""

    data: bytes
    name: str = ""
    """Of a server-sent event; ``error`` also for a line of that name."""
    comment: bool = False


class Frames:
    """Takes a body's bytes as they come, and gives its events as soon as they are whole."""

    def __init__(self) -> None:
        self.stray = b""
        """The beginning of what is neither: a web page, a word of a proxy."""
        self._rest: list[bytes] = []
        """Pieces of a line that has not ended."""
        self._rest_size = 0
        self._after_cr = False
        self._begun = False
        self._name = ""
        self._data: list[bytes] = []
        self._events: list[Event] = []
        """Whole, and not yet given."""
        self._json: list[bytes] = []
        """Lines of a JSON value that has not ended."""

    @property
    def held(self) -> int:
        """How many bytes of an event that is not whole have come; those of a comment are none."""
        is_comment = bool(self._rest) and self._rest[0].startswith(b":")
        rest = 0 if is_comment else self._rest_size
        return rest + sum(map(len, self._data)) + sum(map(len, self._json))

    @property
    def unfinished(self) -> bytes:
        """What has come of an event that is not whole."""
        return b"\n".join([*self._data, *self._json, b"".join(self._rest)])

    def feed(self, piece: bytes) -> list[Event]:
        """Take the next bytes and return the events that they end."""
        if not piece:
            return []
        if self._after_cr:
            piece = piece.removeprefix(b"\n")
        self._after_cr = piece.endswith(b"\r")
        if b"\r" in piece:
            piece = piece.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        if b"\n" not in piece:
            self._keep(piece)
            return []
        *lines, rest = b"".join([*self._rest, piece]).split(b"\n")
        self._rest.clear()
        self._rest_size = 0
        self._keep(rest)
        for line in lines:
            self._line(line)
        return self._given()

    def end(self) -> list[Event]:
        """Return what the end of the body ends: an event without a blank line, a JSON value."""
        if rest := b"".join(self._rest):
            self._rest.clear()
            self._line(rest)
        self._dispatch()
        if self._json:
            self._end_json()
        return self._given()

    def _given(self) -> list[Event]:
        events, self._events = self._events, []
        return events

    def _keep(self, piece: bytes) -> None:
        if piece:
            self._rest.append(piece)
            self._rest_size += len(piece.strip())

    def _line(self, line: bytes) -> None:
        if not self._begun:
            line = line.removeprefix(_BOM)
            self._begun = bool(line.strip())
        if line.startswith(b"data:"):
            if self._json:
                self._end_json()
            self._add_data(line[6:] if line[5:6] == b" " else line[5:])
        elif self._json:
            self._add_json(line)
        elif not line:
            self._dispatch()
        elif line.startswith(b":"):
            self._events.append(Event(line[1:].strip(), comment=True))
        else:
            self._other(line)

    def _add_data(self, data: bytes) -> None:
        # Some servers put no blank line between events, some proxies write the field's name twice.
        while data.startswith(b"data:"):
            data = data[5:].lstrip()
        if self._data and (data.strip() == _DONE or _is_whole(b"\n".join(self._data))):
            self._dispatch()
        self._data.append(data)

    def _other(self, line: bytes) -> None:
        """Take a field beside ``data``, the beginning of a JSON value, or something else."""
        name, colon, value = line.partition(b":")
        name = name.removeprefix(_BOM).strip().lower()
        if colon and name == b"data":
            self._add_data(value.strip())
        elif colon and name == b"event":
            self._name = value.decode(errors="replace").strip()
        elif colon and name == b"error":
            # llama.cpp once sent its errors so; the rules of events know no such field.
            self._events.append(Event(value.strip(), name="error"))
        elif line.strip() == _DONE:
            self._events.append(Event(_DONE))
        elif _JSON.match(line) and not self.stray.startswith(b"<"):
            self._dispatch()
            self._add_json(line)
        elif name not in _PASSED_OVER and len(self.stray) < _SHOWN:
            self.stray += line + b"\n"

    def _add_json(self, line: bytes) -> None:
        """Begin or continue a JSON value, which this line may end."""
        self._json.append(line)
        ends = line.rstrip()
        if ends in _ENDS or (len(self._json) == 1 and ends.endswith(_ENDS)):
            whole = b"\n".join(self._json)
            if _is_whole(whole):
                self._json.clear()
                self._events.append(Event(whole))

    def _end_json(self) -> None:
        """Give the JSON values that have come, as no more of them will, and what is not whole as it is."""
        found, rest = split_values(b"\n".join(self._json))
        self._json.clear()
        self._events += map(Event, found)
        if _JSON.match(rest):
            self._events.append(Event(rest))
        else:
            self.stray += rest[:_SHOWN]

    def _dispatch(self) -> None:
        if self._data:
            data = self._data[0] if len(self._data) == 1 else b"\n".join(self._data)
            self._events.append(Event(data, self._name))
            self._data.clear()
        self._name = ""


def _is_whole(data: bytes) -> bool:
    try:
        loads(data)
    except NotJson:
        return False
    return True
