"""Tokens of languages with braces, and where in the nesting of a file each of them stands."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from llmbench_plugins.datasets.shared.twins.lexing import Piece, lex

NEWLINE = Piece("space", "\n")
_NONE = Piece("mark", "")


@dataclass(frozen=True, slots=True)
class Tokens:
    """The tokens of a file; where there is none, an empty one stands."""

    pieces: Sequence[Piece]

    def __getitem__(self, place: int) -> Piece:
        return self.pieces[place] if 0 <= place < len(self.pieces) else _NONE

    def __len__(self) -> int:
        return len(self.pieces)

    def text(self, place: int) -> str:
        """Return the text of a token."""
        return self[place].text

    def is_name(self, place: int) -> bool:
        """Say whether a token is a name."""
        return self[place].kind == "name"

    def names(self) -> Iterator[int]:
        """Yield the places of all names."""
        return (place for place, piece in enumerate(self.pieces) if piece.kind == "name")


def tokens(text: str, language: str, *, lines: bool = False) -> Tokens:
    """Return the tokens of a file; with ``lines``, a newline token for each run of space that has one."""
    found = []
    for piece in lex(text, language):
        if piece.kind == "space" and lines and "\n" in piece.text:
            found.append(NEWLINE)
        elif piece.kind not in ("space", "comment"):
            found.append(piece)
    return Tokens(found)


def after_path(found: Tokens, roots: Sequence[str]) -> Iterator[str]:
    """Yield the names of paths such as ``std::mem::swap`` and ``std::{mem, fmt}`` that begin with a root."""
    for place in found.names():
        if found.text(place) not in roots or found.text(place + 1) != ":":
            continue
        at, depth = place + 1, 0
        while found.is_name(at) or found.text(at) in (":", "{") or (depth and found.text(at) in (",", "}")):
            depth += (found.text(at) == "{") - (found.text(at) == "}")
            if found.is_name(at) and (depth or found.text(at - 1) == ":"):
                yield found.text(at)
            elif found.is_name(at):
                break
            at += 1


def quoted_words(found: Tokens) -> frozenset[str]:
    """Return the words that stand in quotes as a whole, within longer strings, too."""
    pattern = re.compile(r"""(?<=["'`])[^\W\d]\w*(?=["'`])""")
    return frozenset(
        word for piece in found.pieces if piece.kind == "string" for word in pattern.findall(piece.text)
    )
