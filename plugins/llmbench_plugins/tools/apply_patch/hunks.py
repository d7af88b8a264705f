"""Puts hunks into the lines of a file: where the patch says, or at the nearest place that has their lines."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from llmbench.api import ToolError
from llmbench_plugins.tools.apply_patch.patch import Hunk
from llmbench_plugins.tools.shared.nearest import nearest

_Form = Callable[[str], str]
_FORMS: tuple[tuple[_Form, _Form], ...] = ((str, str), (str.rstrip, str.rstrip), (str.strip, str.rstrip))
"""How unchanged and removed lines are compared, the strictest first: a model that loses the space before an
unchanged line loses nothing else by it, for that line is taken from the file."""
_WORK = 5_000_000
"""Lines times hunks: beyond, looking for each hunk everywhere would take minutes."""


@dataclass(frozen=True, slots=True)
class _Place:
    """Where the old lines of a hunk are."""

    start: int
    end: int


def apply_hunks(text: str, hunks: Sequence[Hunk], path: str) -> str:
    """Return the text with all hunks in it.

    Raises:
        ToolError: one of them fits nowhere, or at several places of which none is nearest.
    """
    lines, ended = _split(text)
    crlf = "\r\n" in text and text.count("\n") == text.count("\r\n")
    crlf = crlf and not any(line.endswith("\r") for hunk in hunks for _, line in hunk.body)
    if all(hunk.start is not None for hunk in hunks):
        hunks = sorted(hunks, key=lambda hunk: hunk.start or 0)
    if len(lines) * len(hunks) > _WORK:
        raise ToolError(
            f"{len(hunks)} hunks are too many for {path} of {len(lines)} lines; send them in parts"
        )
    result: list[str] = []
    done = drift = 0
    for number, hunk in enumerate(hunks, 1):
        place = _find(lines, hunk, done, drift, f"hunk {number} of {path} ({hunk.head.strip()[:80]})", text)
        if hunk.start is not None:
            drift = place.start - hunk.start
        result += lines[done : place.start]
        result += _replaced(lines[place.start : place.end], hunk, crlf=crlf)
        done = place.end
        if done == len(lines):
            ended = _is_ended(hunk, ended=ended)
    result += lines[done:]
    return "\n".join(result) + ("\n" if ended and result else "")


def _split(text: str) -> tuple[list[str], bool]:
    lines = text.split("\n")
    ended = lines[-1] == ""
    return (lines[:-1] if ended else lines), ended


def _is_ended(hunk: Hunk, *, ended: bool) -> bool:
    """Say whether the file ends with a newline after its last lines were patched."""
    if hunk.new_unended:
        return False
    return ended or hunk.old_unended


def _replaced(found: Sequence[str], hunk: Hunk, *, crlf: bool) -> list[str]:
    """Return the new lines; what stays is taken from the file, whose white space is right."""
    result, at = [], 0
    for sign, line in hunk.body:
        if sign == "+":
            result.append(f"{line}\r" if crlf else line)
            continue
        if sign == " ":
            result.append(found[at])
        at += 1
    return result


def _find(lines: Sequence[str], hunk: Hunk, done: int, drift: int, what: str, text: str) -> _Place:
    """Find the old lines at or behind ``done``; doubtful empty lines go where nothing fits with them."""
    first = done
    if hunk.anchor:
        first = _after(lines, hunk.anchor, done, what)
    while True:
        place = _search(lines, hunk, first, drift, what)
        if place is not None:
            return place
        if not hunk.doubtful:
            break
        hunk.body.pop()
        hunk.doubtful -= 1
    wanted = "\n".join(hunk.old)
    order = " behind the hunk before it" if done else ""
    raise ToolError(f"{what} fits nowhere{order}, so nothing was changed; {nearest(text, wanted)}")


def _search(lines: Sequence[str], hunk: Hunk, first: int, drift: int, what: str) -> _Place | None:
    old = hunk.old
    expected = None if hunk.start is None else max(hunk.start + drift, first)
    if not old:
        return _empty_place(lines, hunk, first, expected, what)
    for unchanged, removed in _FORMS:
        starts = _matches(lines, hunk, first, unchanged, removed)
        if not starts:
            continue
        if expected is None and len(starts) > 1 and not hunk.anchor:
            places = ", ".join(str(start + 1) for start in starts[:5])
            raise ToolError(f"{what} fits at lines {places}: give its line number, or more lines around it")
        start = starts[0] if expected is None else min(starts, key=lambda at: (abs(at - expected), at))
        return _Place(start, start + len(old))
    return None


def _matches(lines: Sequence[str], hunk: Hunk, first: int, unchanged: _Form, removed: _Form) -> list[int]:
    forms = {" ": unchanged, "-": removed}
    wanted = [(forms[sign], forms[sign](line)) for sign, line in hunk.body if sign != "+"]
    form, line = wanted[0]
    last = len(lines) - len(wanted)
    starts = [at for at in range(first, last + 1) if form(lines[at]) == line]
    return [at for at in starts if all(form(lines[at + n]) == line for n, (form, line) in enumerate(wanted))]


def _empty_place(lines: Sequence[str], hunk: Hunk, first: int, expected: int | None, what: str) -> _Place:
    """Return where a hunk goes that only adds: its line number is all that it says."""
    if expected is None and not hunk.anchor and lines:
        raise ToolError(f"{what} only adds lines and does not say where: give lines around them")
    at = first if expected is None else min(expected, len(lines))
    return _Place(at, at)


def _after(lines: Sequence[str], anchor: str, done: int, what: str) -> int:
    for at in range(done, len(lines)):
        if lines[at].strip() == anchor.strip():
            return at + 1
    raise ToolError(f"{what} fits nowhere, so nothing was changed: no line is {anchor[:80]!r}")
