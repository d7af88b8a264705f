"""Source text as pieces: names, strings, comments and the rest. Put together, they are the text again.

Only what a renamer has to know is told apart. What is no valid source is cut into pieces all the same.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, get_args

Kind = Literal["name", "string", "comment", "number", "mark", "space"]
_KINDS: Mapping[str, Kind] = {kind: kind for kind in get_args(Kind)}


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a source text."""

    kind: Kind
    text: str


_NAME = r"(?P<name>[^\W\d][\w$]*)"
_REST = r"(?P<space>\s+)|(?P<mark>.)"
_QUOTED = r'"(?:\\.|[^"\\\n])*"'
_LINE, _BLOCK = r"//[^\n]*", r"/\*.*?(?:\*/|\Z)"
_PLAIN_NUMBER = r"(?P<number>\d\w*)"
_PYTHON_STRING = (
    r"(?i:[rbuf]|rb|br|rf|fr)?"
    r'(?:"""(?:\\.|[^\\])*?"""|\'\'\'(?:\\.|[^\\])*?\'\'\'|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\')'
)
_JS_STRING = rf"{_QUOTED}|'(?:\\.|[^'\\\n])*'"
_GO_STRING = rf"{_QUOTED}|`[^`]*`|'(?:\\.[^'\n]*|[^'\\\n])'"
_RUST_STRING = (
    r'b?r(?P<hashes>\#*)".*?"(?P=hashes)|b?"(?:\\.|[^"\\])*"'
    r"|b?'(?:\\(?:u\{[^}\n]*\}|x\w\w|.)|[^'\\\n])'"
)
_CPP_STRING = (
    r'(?:u8|[uUL])?R"(?P<fence>[^()\\\s]{0,16})\(.*?\)(?P=fence)"'
    rf"|(?:u8|[uUL])?{_QUOTED}|(?:u8|[uUL])?'(?:\\.[^'\n]*|[^'\\\n])'|\#[ \t]*include[^\n]*"
)


def _rules(string: str, comment: str, number: str = _PLAIN_NUMBER) -> re.Pattern[str]:
    parts = rf"(?P<string>{string})|(?P<comment>{comment})|{_NAME}|{number}|{_REST}"
    return re.compile(parts, re.DOTALL)


_C_COMMENT = rf"{_LINE}|{_BLOCK}"
_RULES: Mapping[str, re.Pattern[str]] = {
    "python": _rules(_PYTHON_STRING, r"\#[^\n]*"),
    "javascript": _rules(_JS_STRING, _C_COMMENT),
    "go": _rules(_GO_STRING, _C_COMMENT),
    "rust": _rules(_RUST_STRING, _C_COMMENT),
    "cpp": _rules(_CPP_STRING, _C_COMMENT, r"(?P<number>\d(?:\w|'\w)*)"),
}
LANGUAGES = tuple(_RULES)
_REGEX = re.compile(r"/(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n\[])+/\w*")
_BEFORE_REGEX = frozenset(
    ("return", "typeof", "case", "in", "of", "do", "else", "void", "delete", "throw", "new", "await", "yield")
)
_F_STRING = re.compile(r"(?i:f|rf|fr)['\"]")


@lru_cache(maxsize=256)
def lex(text: str, language: str) -> Sequence[Piece]:
    """Return the pieces of a source text.

    Raises:
        KeyError: the language is none of ``LANGUAGES``.
    """
    lexer = _Lexer(text, language)
    lexer.code()
    return lexer.pieces


class _Lexer:
    def __init__(self, text: str, language: str) -> None:
        self.text, self.language = text, language
        self.rules = _RULES[language]
        self.at = 0
        self.pieces: list[Piece] = []

    def code(self, *, until_brace: bool = False) -> None:
        """Read to the end, or to the brace that closes what an interpolation has opened."""
        depth = 0
        while self.at < len(self.text):
            char = self.text[self.at]
            if until_brace and char in "{}":
                if char == "}" and not depth:
                    return
                depth += 1 if char == "{" else -1
            self._next(char)

    def _next(self, char: str) -> None:
        if self.language == "javascript" and char == "`":
            self._template()
            return
        found = self._regex() if self.language == "javascript" and char == "/" else None
        kind: Kind = "string"
        if found is None:
            found = self.rules.match(self.text, self.at)
            assert found is not None  # noqa: S101 - the last rule takes any character
            kind = _KINDS[found.lastgroup or "mark"]
        self.at = found.end()
        if self.language == "python" and kind == "string" and _F_STRING.match(found.group()):
            self.pieces += _interpolated(found.group())
        else:
            self.pieces.append(Piece(kind, found.group()))

    def _regex(self) -> re.Match[str] | None:
        """Return a regular expression where a division can't stand."""
        if self.text.startswith(("//", "/*"), self.at):
            return None
        before = next((p for p in reversed(self.pieces) if p.kind not in ("space", "comment")), None)
        if before is not None and (
            (before.kind == "name" and before.text not in _BEFORE_REGEX)
            or before.kind in ("number", "string")
            or before.text in ")]}"
        ):
            return None
        return _REGEX.match(self.text, self.at)

    def _template(self) -> None:
        begin, self.at = self.at, self.at + 1
        while self.at < len(self.text):
            char = self.text[self.at]
            self.at += 2 if char == "\\" else 1
            if char == "`":
                break
            if char == "$" and self.text.startswith("{", self.at):
                self.at += 1
                self.pieces.append(Piece("string", self.text[begin : self.at]))
                self.code(until_brace=True)
                begin = self.at
        self.pieces.append(Piece("string", self.text[begin : self.at]))


def _interpolated(text: str) -> list[Piece]:
    """Return the pieces of an f-string: literal parts, and the code between braces."""
    found: list[Piece] = []
    begin = at = 0
    while at < len(text):
        if text.startswith(("{{", "}}"), at):
            at += 2
        elif text[at] == "{" and (end := _closing(text, at)):
            found.append(Piece("string", text[begin : at + 1]))
            found += lex(text[at + 1 : end], "python")
            begin = at = end
        else:
            at += 1
    return [*found, Piece("string", text[begin:])]


def _closing(text: str, opening: int) -> int:
    """Return where the brace is that closes the one at ``opening``; 0 where there is none."""
    depth = 0
    for at in range(opening, len(text)):
        depth += (text[at] == "{") - (text[at] == "}")
        if not depth:
            return at
    return 0


def significant(pieces: Sequence[Piece]) -> list[Piece]:
    """Return the pieces that mean something to a compiler."""
    return [piece for piece in pieces if piece.kind not in ("space", "comment")]


def literal(text: str) -> str:
    """Return what stands between the quotes of a string."""
    return re.sub(r"\A\w{0,2}#*(?:\"{3}|'{3}|[\"'`])|(?:\"{3}|'{3}|[\"'`])#*\Z", "", text)
