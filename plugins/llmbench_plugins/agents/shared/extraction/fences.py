"""Fences, wherever they open and close.

An opening mark may stand behind prose, in a list item or in a quote. Where there is a parser, a fence ends at
the first mark before which everything parses: so a mark inside a string does not end it, and one behind the
last statement does. Where nothing parses, or there is no parser, the first mark ends it that can by its form.
"""

import re
from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from llmbench_plugins.agents.shared.extraction.languages import MARKDOWN
from llmbench_plugins.agents.shared.extraction.marks import INVISIBLE, Mark
from llmbench_plugins.agents.shared.extraction.naming import Named, Names, first
from llmbench_plugins.agents.shared.extraction.passage import Passage, common_indentation, shorter
from llmbench_plugins.agents.shared.extraction.reader import Reader

_MOST_ENDS = 40
"""Marks at which the end of one fence is looked for by parsing."""
_QUOTE = re.compile(r"^[ \t]*(?:>[ \t]?)+")
_SPACE = f" \t{INVISIBLE}"


@dataclass(frozen=True, slots=True)
class _End:
    at: int
    """Where the body ends."""
    next: int
    """Index of the mark with which the search goes on."""


class Fences:
    """Finds the fences of one answer."""

    def __init__(
        self,
        text: str,
        marks: Sequence[Mark],
        boundaries: Sequence[int],
        names: Names,
        reader_of: Callable[[str, str], Reader | None],
    ) -> None:
        self._text = text
        self._marks = marks
        self._boundaries = boundaries
        self._names = names
        self._reader_of = reader_of

    def __iter__(self) -> Iterator[Passage]:
        index, before = 0, 0
        while index < len(self._marks):
            opener = self._marks[index]
            if not _may_open(opener, self._text) or self._is_stray(index):
                index += 1
                continue
            magic, begin = self._names.magic(self._text, self._begin(opener))
            named = Named(magic, sure=True) if magic else self._named(opener, before)
            reader = self._reader_of(opener.label.language, named.path)
            end = self._end(index, begin, reader)
            yield self._passage(opener, begin, end.at, named, reader)
            before, index = end.at, max(end.next, index + 1)

    def _is_stray(self, index: int) -> bool:
        """Say whether a mark without a label stands right before one that opens."""
        opener, following = self._marks[index], self._marks[index + 1 : index + 2]
        return (
            not opener.label.opens
            and bool(following)
            and following[0].label.opens
            and following[0].alone
            and not self._text[opener.end : following[0].line_start].strip()
        )

    def _begin(self, opener: Mark) -> int:
        if opener.label.code:
            begin = opener.end + opener.label.length
            return begin + 1 if opener.label.length or self._text[begin : begin + 1] == " " else begin
        return min(opener.line_end + 1, len(self._text))

    def _named(self, opener: Mark, before: int) -> Named:
        if opener.label.path:
            return Named(opener.label.path, sure=True)
        gap = self._text[max(before, opener.line_start - 1000) : opener.line_start]
        if before:
            # The rest of the closing mark's line belongs to the fence before.
            gap = gap.partition("\n")[2]
        same_line = None if opener.alone else self._names.in_line(opener.lead)
        return first([same_line, self._names.before(gap)])

    def _end(self, index: int, begin: int, reader: Reader | None) -> _End:
        plain = self._plain_end(index, begin)
        if reader is None or not reader.strict:
            return plain
        opener = self._marks[index]
        lead = opener.lead if opener.alone else ""
        for number in range(index + 1, min(index + 1 + _MOST_ENDS, len(self._marks) + 1)):
            mark = self._marks[number] if number < len(self._marks) else None
            if mark is not None and not mark.fits(opener, self._text):
                continue
            at = len(self._text) if mark is None else mark.line_start if mark.alone else mark.start
            if reader.allowance.left < 0:
                break
            # Texts that were read before cost nothing to read, but to cut out.
            reader.allowance.spend((at - begin) // 4)
            if at > begin and self._parses_until(begin, at, mark, lead, reader):
                return _End(at, number + (mark is not None and not (mark.alone and mark.label.opens)))
        return plain

    def _parses_until(self, begin: int, at: int, mark: Mark | None, lead: str, reader: Reader) -> bool:
        texts = [text for text, _ in _variants(self._text[begin:at], lead)]
        if not any(reader(text).problem is None for text in texts):
            return False
        # In a comment behind code anything parses: there a mark is only mentioned.
        return mark is None or mark.alone or not any(reader(f"{text} )").problem is None for text in texts)

    def _plain_end(self, index: int, begin: int) -> _End:
        opener = self._marks[index]
        limit = self._limit(begin)
        depth = 0
        for number in range(index + 1, len(self._marks)):
            mark = self._marks[number]
            if mark.start >= limit:
                return _End(limit, number)
            if not mark.fits(opener, self._text) or (
                mark.alone and mark.end - mark.start < opener.end - opener.start
            ):
                continue
            if mark.alone and mark.label.opens:
                if opener.label.language != MARKDOWN:
                    return _End(mark.line_start, number)
                depth += 1
            elif depth:
                depth -= 1
            elif mark.alone or opener.label.code or not self._text[mark.end : mark.line_end].strip(_SPACE):
                return _End(
                    mark.line_start if mark.alone and mark.line_start >= begin else mark.start, number + 1
                )
        return _End(limit, len(self._marks))

    def _limit(self, begin: int) -> int:
        """Return where reasoning or the turn ends, at the latest where the answer does."""
        index = bisect_left(self._boundaries, begin)
        return self._boundaries[index] if index < len(self._boundaries) else len(self._text)

    def _passage(self, opener: Mark, begin: int, end: int, named: Named, reader: Reader | None) -> Passage:
        lead = opener.lead if opener.alone else ""
        body = self._text[begin:end]
        if self._text[opener.line_end - 1] == "\r":
            body = body.replace("\r\n", "\n")
        text, mended = chosen(_variants(body, lead), reader)
        if not named.sure:
            named = first([self._names.at_top(text), named if named.path else None])
        return Passage(
            method="fence",
            text=text,
            start=opener.start,
            end=end,
            language=opener.label.language,
            path=named.path,
            sure=named.sure,
            mended=mended,
        )


def chosen(variants: Iterator[tuple[str, str]], reader: Reader | None) -> tuple[str, str]:
    """Return the first variant that parses, or else the first of all."""
    first_one = next(variants)
    if reader is None or not reader.strict or reader(first_one[0]).problem is None:
        return first_one
    return next((variant for variant in variants if reader(variant[0]).problem is None), first_one)


def _variants(body: str, lead: str) -> Iterator[tuple[str, str]]:
    """Yield a fence's body without its own indentation, and then other readings of how it is indented."""
    lines = body.lstrip(INVISIBLE).split("\n")
    if ">" in lead and all(_QUOTE.match(line) for line in lines if line.strip()):
        lines = [_QUOTE.sub("", line, count=1) for line in lines]
        lead = ""
    width, common = len(lead.strip(INVISIBLE)), common_indentation(lines)
    own = shorter(lines, min(width, common))
    yield "\n".join(own), ""
    if width > common:
        yield "\n".join(shorter(lines, width)), "indentation of the fence"
    if common > width:
        yield "\n".join(shorter(lines, common)), "indentation of all lines"
    if any(line.endswith("\r") for line in lines):
        yield "\n".join(line.removesuffix("\r") for line in own), "line ends"


def _may_open(mark: Mark, text: str) -> bool:
    """Say whether a mark can open a fence: alone, or behind prose with a label or nothing after it."""
    return mark.alone or (
        text[mark.start] == "`" and (mark.label.opens or mark.label.code or _ends_line(mark, text))
    )


def _ends_line(mark: Mark, text: str) -> bool:
    return not text[mark.end : mark.line_end].strip(_SPACE)
