"""One change of a source text."""

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Edit:
    """Characters from ``start`` to ``end`` become ``text``."""

    start: int
    end: int
    text: str

    def applied(self, source: str) -> str:
        """Return the changed text."""
        return source[: self.start] + self.text + source[self.end :]

    def line(self, source: str) -> str:
        """Return the lines that it touches as one, as they are."""
        return _one_line(source[slice(*self._lines(source))])

    def change(self, source: str) -> str:
        """Return the lines that it touches as one, as they become."""
        first, last = self._lines(source)
        return _one_line(source[first : self.start] + self.text + source[self.end : last])

    def number(self, source: str) -> int:
        """Return the number of the first line that it touches."""
        return source.count("\n", 0, self.start) + 1

    def _lines(self, source: str) -> tuple[int, int]:
        end = source.find("\n", self.end)
        return source.rfind("\n", 0, self.start) + 1, len(source) if end < 0 else end


def _one_line(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()
