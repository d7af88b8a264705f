"""Expressions: operands and filters."""

import re

from tinytext.filters import FILTERS, MISSING

NAME = r"[A-Za-z_][A-Za-z0-9_]*"
WORD = re.compile(
    rf'\s*(?:({NAME}(?:\s*\.\s*(?:{NAME}|[0-9]+))*)|(-?[0-9]+)(?![A-Za-z0-9_])|("(?:[^"\\]|\\.)*")|([|(),]))',
    re.DOTALL,
)
ESCAPES = {'\\"': '"', "\\\\": "\\", "\\n": "\n"}


def words(text):
    """Return (kind, word) for each word of an expression."""
    found, place, text = [], 0, text.rstrip()
    while place < len(text):
        match = WORD.match(text, place)
        if not match:
            raise ValueError(f"{text[place:].strip()} is no expression")
        found.append((("path", "number", "text", "mark")[match.lastindex - 1], match.group(match.lastindex)))
        place = match.end()
    return found


def unquoted(word):
    """Return what a text in quotes stands for."""

    def character(match):
        if match.group() not in ESCAPES:
            raise ValueError(f"{match.group()} stands for nothing")
        return ESCAPES[match.group()]

    return re.sub(r"\\.", character, word[1:-1], flags=re.DOTALL)


def find(value, parts):
    """Follow a path."""
    for part in parts:
        if isinstance(value, dict) and part in value:
            value = value[part]
        elif isinstance(value, list) and part.isdigit() and int(part) < len(value):
            value = value[int(part)]
        else:
            return MISSING
    return value


class Expression:
    """An operand with filters."""

    def __init__(self, text):
        self._words = words(text)
        self._operand = self._read_operand()
        self.filters = []
        while self._words:
            self._take("|")
            self.filters.append(self._read_filter())
        if any(name == "raw" for name, _ in self.filters[:-1]):
            raise ValueError("raw is the last filter")

    @property
    def raw(self):
        """Whether it is not to be escaped."""
        return bool(self.filters) and self.filters[-1][0] == "raw"

    def value(self, scope):
        """Return the value, which may be missing if there is no filter."""
        value = self._of(self._operand, scope)
        for name, operands in self.filters:
            others = [present(self._of(operand, scope)) for operand in operands]
            if name not in FILTERS:
                raise ValueError(name)
            value = FILTERS[name][1](value if name == "default" else present(value), *others)
        return value

    def _of(self, operand, scope):
        return find(scope, operand) if isinstance(operand, tuple) else operand

    def _read_operand(self):
        kind, word = self._words.pop(0) if self._words else ("nothing", "")
        if kind == "path":
            return tuple(part.strip() for part in word.split("."))
        if kind == "number":
            return int(word)
        if kind == "text":
            return unquoted(word)
        raise ValueError(f"a value is wanted, not {word or kind}")

    def _read_filter(self):
        kind, name = self._words.pop(0) if self._words else ("nothing", "")
        if kind != "path":
            raise ValueError(f"{name or kind} is no filter")
        operands = []
        if self._words and self._words[0] == ("mark", "("):
            while not operands or self._words[:1] == [("mark", ",")]:
                self._words.pop(0)
                operands.append(self._read_operand())
            self._take(")")
        if name in FILTERS and len(operands) != FILTERS[name][0]:
            raise ValueError(f"{name} takes {FILTERS[name][0]} values")
        return name, operands

    def _take(self, mark):
        if not self._words or self._words.pop(0) != ("mark", mark):
            raise ValueError(f"{mark} is wanted")


def present(value):
    """Refuse what is missing."""
    if value is MISSING:
        raise ValueError("there is no such value")
    return value
