"""Reads unified diffs as models write them: wrong counts, no line numbers, fences around them.

``envelope`` reads the other form that models know; both become ``FilePatch``.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from llmbench.api import ToolError

NOWHERE = "/dev/null"

_RANGE = re.compile(r"@@+ *-(\d+)(?:,(\d+))? +\+(\d+)(?:,(\d+))? *@@")
_NAME = re.compile(r"(---|\+\+\+) ([^\t]+)")


@dataclass(slots=True, kw_only=True)
class Hunk:
    """A place of a file: lines to find, and what becomes of them."""

    head: str
    """As the patch has it, for messages."""
    start: int | None = None
    """The line, from 0, where it is said to begin; None where the patch does not say."""
    anchor: str = ""
    """A line that stands somewhere before it."""
    body: list[tuple[str, str]] = field(default_factory=list)
    """A space, a minus or a plus, with the line that follows it."""
    old_unended: bool = False
    """The last old line has no newline at its end."""
    new_unended: bool = False
    doubtful: int = 0
    """Empty lines at the end that may belong to the patch's own layout."""

    @property
    def old(self) -> list[str]:
        """The lines that must be there."""
        return [line for sign, line in self.body if sign != "+"]


@dataclass(slots=True, kw_only=True)
class FilePatch:
    """What a patch does to one file; ``NOWHERE`` stands for one that is not there before, or after."""

    old: str
    new: str
    hunks: list[Hunk] = field(default_factory=list)


def parse_diff(text: str) -> list[FilePatch]:
    """Return what a unified diff does.

    Raises:
        ToolError: it holds no change, or one without the name of its file.
    """
    patches = _Reader(_plain_lines(text)).read()
    if not any(patch.hunks or patch.old != patch.new for patch in patches):
        raise ToolError(
            "the patch holds no readable change; expected a unified diff: '--- a/FILE', '+++ b/FILE', "
            "'@@ -LINE,COUNT +LINE,COUNT @@', then lines that begin with a space, '-' or '+'"
        )
    return patches


def _plain_lines(text: str) -> list[str]:
    lines = text.split("\n")
    if lines[-1] == "":
        lines.pop()
    # All of them: a patch that was itself written with such ends. Some of them: what its lines hold.
    if all(line.endswith("\r") for line in lines):
        lines = [line[:-1] for line in lines]
    return lines


class _Reader:
    """Goes through the lines once; a hunk ends where its counts say so, or else where a header stands."""

    def __init__(self, lines: Sequence[str]) -> None:
        self._lines = lines
        self._at = 0
        self._patches: list[FilePatch] = []

    def read(self) -> list[FilePatch]:
        while self._at < len(self._lines):
            line = self._lines[self._at]
            if line.startswith("diff --git "):
                self._git_header(line)
            elif self._is_names(self._at):
                self._names()
            elif line.startswith("@@"):
                self._hunk()
            else:
                self._at += 1
        return self._patches

    def _git_header(self, line: str) -> None:
        """Take the names that git gives, which a patch without hunks has nowhere else."""
        self._at += 1
        found = re.fullmatch(r"diff --git (a/)?(.+) (?(1)b/)(.+)", line)
        patch = FilePatch(old=found[2], new=found[3]) if found else FilePatch(old="", new="")
        while self._at < len(self._lines) and not self._is_header(self._at):
            word = self._lines[self._at]
            if word.startswith("new file"):
                patch.old = NOWHERE
            elif word.startswith("deleted file"):
                patch.new = NOWHERE
            elif word.startswith("rename from "):
                patch.old = word.removeprefix("rename from ")
            elif word.startswith("rename to "):
                patch.new = word.removeprefix("rename to ")
            self._at += 1
        if self._at < len(self._lines) and self._is_names(self._at):
            self._names()
        elif patch.old:
            self._patches.append(patch)

    def _is_header(self, at: int) -> bool:
        line = self._lines[at]
        return line.startswith(("diff --git ", "@@")) or self._is_names(at)

    def _is_names(self, at: int) -> bool:
        pair = self._lines[at : at + 2]
        return len(pair) == 2 and pair[0].startswith("--- ") and pair[1].startswith("+++ ")

    def _names(self) -> None:
        old, new = (_name(line) for line in self._lines[self._at : self._at + 2])
        if old != NOWHERE and new != NOWHERE and old.startswith("a/") and new.startswith("b/"):
            old, new = old[2:], new[2:]
        elif NOWHERE in (old, new) or old.removeprefix("a/") == new.removeprefix("b/"):
            old, new = old.removeprefix("a/"), new.removeprefix("b/")
        self._patches.append(FilePatch(old=old, new=new))
        self._at += 2

    def _hunk(self) -> None:
        head = self._lines[self._at]
        if not self._patches:
            raise ToolError(
                "the patch does not name its file; expected '--- a/FILE' and '+++ b/FILE' before '@@'"
            )
        self._at += 1
        found = _RANGE.match(head)
        counts = (int(found[2] or 1), int(found[4] or 1)) if found else (0, 0)
        hunk = Hunk(head=head, start=_start(found) if found else None)
        while self._at < len(self._lines) and self._take(hunk, *counts):
            self._at += 1
        _drop_layout(hunk, *counts)
        self._patches[-1].hunks.append(hunk)

    def _take(self, hunk: Hunk, old_count: int, new_count: int) -> bool:
        """Add the line to the hunk, or say that it is none of it."""
        line = self._lines[self._at]
        if line.startswith("\\"):
            signs = hunk.body[-1][0] if hunk.body else ""
            hunk.old_unended |= signs in (" ", "-")
            hunk.new_unended |= signs in (" ", "+")
            return True
        inside = len(hunk.old) < old_count or len(hunk.body) - _removed(hunk) < new_count
        if line.startswith(("@@", "diff --git ")) or (line == "-- " and not inside):
            return False
        if self._is_names(self._at) and not (inside and self._closes(hunk, old_count, new_count)):
            return False
        if line[:1] in (" ", "-", "+") and line:
            hunk.body.append((line[0], line[1:]))
        elif line in ("", "\r") or inside:
            # An empty line lost its space to an editor; another one lost it to the model.
            hunk.body.append((" ", line))
            hunk.doubtful = hunk.doubtful + 1 if line == "" else 0
            return True
        else:
            return False
        hunk.doubtful = 0
        return True

    def _closes(self, hunk: Hunk, old_count: int, new_count: int) -> bool:
        """Say whether ``--- x`` and ``+++ y`` are a removed and an added line, by the counts."""
        old, new = len(hunk.old) + 1, len(hunk.body) - _removed(hunk) + 1
        exact = (old, new) == (old_count, new_count)
        followed = self._at + 2 < len(self._lines) and self._lines[self._at + 2].startswith("@@")
        return exact or (old <= old_count and new <= new_count and not followed)


def _removed(hunk: Hunk) -> int:
    return sum(sign == "-" for sign, _ in hunk.body)


def _start(found: re.Match[str]) -> int:
    """Return where a hunk begins; one that only adds names the line after which it does."""
    line, count = int(found[1]), int(found[2] or 1)
    return line if count == 0 else max(line - 1, 0)


def _drop_layout(hunk: Hunk, old_count: int, new_count: int) -> None:
    """Take away the empty lines that follow a hunk beyond its counts: they stand between hunks."""
    while hunk.doubtful and len(hunk.old) > old_count and len(hunk.body) - _removed(hunk) > new_count:
        hunk.body.pop()
        hunk.doubtful -= 1


def _name(line: str) -> str:
    found = _NAME.match(line)
    return found[2].strip().strip('"') if found else ""
