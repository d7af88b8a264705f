"""Tool calls put together from the pieces in which servers send them, read as the server meant them.

Servers number calls from 0 or 1, all alike or not at all; they repeat names, ids and arguments, send the
arguments so far instead of what is new, begin with a placeholder, or use the old ``function_call``. What had
to be mended is counted by kind, apart from the model's own mistakes.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from llmbench.api import ToolCall
from llmbench_plugins.backends.shared.foreign import (
    NotJson,
    count,
    dumps,
    leniently,
    loads,
    storable,
    strictly,
    whole_text,
    word,
)

_PLACEHOLDERS = frozenset({"", "{}", "null", "{", '""', "{ }", "None"})
_NAME_IN_ID = re.compile(r"(?:functions\.)?([A-Za-z_][\w-]*):\d+")
"""Kimi's ids hold the name: ``functions.read:0``."""


@dataclass(slots=True, eq=False)
class Draft:
    """A call that is still growing."""

    index: int | None
    id: str = ""
    name: str = ""
    pieces: list[Any] = field(default_factory=list)
    """Of its arguments: texts, or objects."""

    @property
    def is_whole(self) -> bool:
        """Whether its arguments are complete as they stand."""
        return any(isinstance(piece, Mapping) for piece in self.pieces) or _object("".join(self.pieces))


class Calls:
    """The calls of one answer."""

    def __init__(self) -> None:
        self.drafts: list[Draft] = []
        self.mended: Counter[str] = Counter()

    def add(self, told: object) -> bool:
        """Take what stood under ``tool_calls`` or ``function_call``; say whether there was anything in it."""
        pieces = list(_pieces(told))
        if pieces and not isinstance(told, list):
            self.mended["calls that are no list"] += 1
        before: list[Draft] = []
        for piece in pieces:
            draft = self._known(piece)
            # Whole calls in one list are calls of their own, however they are numbered.
            if draft is None or (piece.name and draft in before and (piece.index is None or draft.is_whole)):
                draft = Draft(piece.index)
                self.drafts.append(draft)
            before.append(draft)
            self._grow(draft, piece)
        return bool(pieces)

    def finished(self) -> tuple[ToolCall, ...]:
        """Return the calls, with decoded arguments; one that the model got wrong says so in ``problem``."""
        return tuple(self._call(draft, number) for number, draft in enumerate(self.drafts))

    def told(self) -> list[dict[str, Any]]:
        """Return the calls as a plain answer holds them, for the transcript."""
        return [
            {"id": d.id, "type": "function", "function": {"name": d.name, "arguments": _joined(d.pieces)[0]}}
            for d in self.drafts
        ]

    def _known(self, piece: "_Piece") -> Draft | None:
        """Return the call that a piece continues, or None where it begins one."""
        if not self.drafts:
            return None
        if piece.index is None:
            return self._known_by_id(piece)
        same = [draft for draft in self.drafts if draft.index == piece.index]
        if not same:
            return None
        last = next((d for d in same if piece.id and d.id == piece.id), same[-1])
        return None if _is_another(last, piece) else last

    def _known_by_id(self, piece: "_Piece") -> Draft | None:
        last = self.drafts[-1]
        if piece.id:
            known = next((draft for draft in self.drafts if draft.id == piece.id), None)
            if known is not None or piece.name or _NAME_IN_ID.fullmatch(piece.id):
                return known
        if not piece.name:
            return last
        return last if last.name == piece.name and last.pieces and not last.is_whole else None

    def _grow(self, draft: Draft, piece: "_Piece") -> None:
        draft.id = draft.id or piece.id
        if piece.name and piece.name != draft.name:
            if draft.name:
                self.mended["names in pieces"] += 1
            draft.name = piece.name if piece.name.startswith(draft.name) else draft.name + piece.name
        if piece.arguments is not None:
            draft.pieces.append(piece.arguments)

    def _call(self, draft: Draft, number: int) -> ToolCall:
        name = draft.name.strip()
        if not name and (found := _NAME_IN_ID.fullmatch(draft.id)):
            name = found[1]
            self.mended["names from ids"] += 1
        raw, how = _joined(draft.pieces)
        arguments, problem, nearly = _decoded(raw)
        self.mended.update(kind for kind in (how, nearly) if kind)
        return ToolCall(
            id=draft.id or f"call_{number}",
            name=name,
            arguments=arguments,
            raw=dumps(arguments) if nearly else whole_text(raw),
            problem=problem if name else "the call has no name",
        )


@dataclass(slots=True)
class _Piece:
    index: int | None
    id: str
    name: str
    arguments: Any
    """A text, an object, or None."""


def _pieces(told: object) -> Iterator[_Piece]:
    if isinstance(told, str) and told.strip():
        try:
            told = loads(told)
        except NotJson:
            return
    for entry in told if isinstance(told, list) else [told]:
        if isinstance(entry, Mapping) and entry:
            yield _piece(entry)
        elif isinstance(entry, list):
            yield from _pieces(entry)


def _piece(entry: Mapping[str, Any]) -> _Piece:
    given = entry.get("function")
    function = given if isinstance(given, Mapping) else entry
    name = given if isinstance(given, str) else word(function.get("name"))
    keys = ("arguments", "parameters", "input")
    arguments = next((function[key] for key in keys if function.get(key) is not None), None)
    if arguments is not None and not isinstance(arguments, str | Mapping):
        arguments = dumps(arguments)
    return _Piece(count(entry.get("index")), word(entry.get("id")), name, arguments)


def _is_another(draft: Draft, piece: _Piece) -> bool:
    """Say whether a piece under the same number is a new call: some servers number them all 0."""
    if not piece.name:
        return False
    other_name = piece.name != draft.name
    other_id = bool(piece.id and draft.id) and piece.id != draft.id
    if draft.is_whole:
        return other_name or other_id or _is_new_object(draft.pieces, piece.arguments)
    return other_id and (other_name or not draft.pieces)


def _is_new_object(pieces: Sequence[Any], arguments: Any) -> bool:
    """Say whether arguments are neither those that came before, nor what a placeholder stood for."""
    if not isinstance(arguments, str) or not _object(arguments):
        return False
    before = "".join(piece for piece in pieces if isinstance(piece, str))
    return before.strip() not in _PLACEHOLDERS and not _same(before, arguments)


def _joined(pieces: Sequence[Any]) -> tuple[str, str]:
    """Return a call's arguments as text, and what had to be mended to get them."""
    objects = [piece for piece in pieces if isinstance(piece, Mapping)]
    if objects:
        merged: dict[str, Any] = {}
        for piece in objects:
            merged.update(piece)
        return dumps(merged), ""
    texts = [piece for piece in pieces if piece] if pieces else ["{}"]
    plain = "".join(texts)
    if len(texts) < 2 or _object(plain):
        return plain, ""
    return next(((raw, how) for raw, how in _readings(texts) if _object(raw)), (plain, ""))


def _readings(texts: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Yield what pieces can mean that make no sense when joined; nothing that was sent is ever left out."""
    first, last = texts[0].strip(), texts[-1].strip()
    if first in _PLACEHOLDERS:
        yield "".join(texts[1:]), "placeholders"
    if last in _PLACEHOLDERS:
        yield "".join(texts[:-1]), "placeholders"
    if all(later.startswith(earlier) for earlier, later in pairwise(texts)):
        yield texts[-1], "arguments so far"
    if first in _PLACEHOLDERS and all(b.startswith(a) for a, b in pairwise(texts[1:])):
        yield texts[-1], "arguments so far"
    for at in range(1, len(texts)):
        before, after = "".join(texts[:at]), "".join(texts[at:])
        if texts[at].lstrip().startswith("{") and (_same(before, after) or after.startswith(before)):
            yield after, "arguments sent twice"


def _same(one: str, other: str) -> bool:
    try:
        return bool(loads(one) == loads(other))
    except NotJson:
        return False


def _object(raw: str) -> bool:
    try:
        return isinstance(loads(raw), dict)
    except NotJson:
        return False


def _decoded(raw: str) -> tuple[dict[str, Any], str, str]:
    """Return decoded arguments, what is wrong with them, and what had to be mended."""
    if raw.strip() in ("", "null", "None"):
        return {}, "", ""
    nearly = ""
    try:
        try:
            arguments = strictly(raw)
        except NotJson as error:
            arguments, nearly = storable(leniently(raw, error)), "nearly JSON"
        if isinstance(arguments, str):
            arguments, nearly = storable(loads(arguments)), "JSON in JSON"
    except NotJson as error:
        return {}, f"the arguments are no JSON: {error}", ""
    if not isinstance(arguments, dict):
        return {}, "the arguments are no JSON object", ""
    return arguments, "", nearly
