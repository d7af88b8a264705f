"""Renaming in code, in strings and in prose: each by rules of its own.

Code is renamed by its tokens. A string is data, unless it names what is renamed: by a call (``add(``), by a
name that nobody writes by chance (``max_len``), or as a whole where a language takes names as strings. Prose
is English: a plain word is renamed only where it is marked as code.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from llmbench_plugins.datasets.shared.twins.lexing import LANGUAGES, Piece, lex, literal
from llmbench_plugins.datasets.shared.twins.words import is_distinctive

_FILE_KINDS = "py|js|mjs|cjs|ts|go|rs|cpp|cc|cxx|hpp|hh|h|json|toml|mod|md|txt|csv|html"
_FILE = re.compile(rf"([\w./-]*[\w-]\.(?:{_FILE_KINDS})\b)")
_FENCE = re.compile(r"^([ \t]*)(```+|~~~+)([^\n]*)\n(.*?)^[ \t]*\2[ \t]*$", re.DOTALL | re.MULTILINE)
_SPAN = re.compile(r"(?<!`)(`+)(?!`)(.+?)(?<!`)\1(?!`)", re.DOTALL)
_PROMPT = re.compile(r"^(\s*(?:>>>|\.\.\.) )([^\n]*)$", re.MULTILINE)
_TAGS: Mapping[str, str] = {
    **{language: language for language in LANGUAGES},
    "py": "python",
    "js": "javascript",
    "mjs": "javascript",
    "rs": "rust",
    "golang": "go",
    "c++": "cpp",
    "hpp": "cpp",
}
_KINDS = (
    "function",
    "class",
    "method",
    "type",
    "struct",
    "trait",
    "enum",
    "constant",
    "exception",
    "interface",
)
_AFTER_KIND = "|".join(rf"(?<=\b{kind} )" for kind in _KINDS)


@dataclass(frozen=True)
class Rewriter:
    """New names for a task's old ones."""

    language: str
    free: Mapping[str, str]
    """Renamed wherever they don't stand after a dot; and after the name of a module of the task's own."""
    members: Mapping[str, str]
    """Renamed everywhere."""
    modules: frozenset[str] = frozenset()
    whole: frozenset[str] = frozenset()
    """Names that are renamed where they are a whole string, too."""

    @cached_property
    def names(self) -> Mapping[str, str]:
        """All new names by the old ones."""
        return {**self.free, **self.members}

    def code(self, text: str, language: str | None = None) -> str:
        """Return source text with its names, comments and strings renamed."""
        pieces = lex(text, language or self.language)
        places = [place for place, piece in enumerate(pieces) if piece.kind not in ("space", "comment")]
        order = {place: number for number, place in enumerate(places)}
        depth, found = 0, []
        for place, piece in enumerate(pieces):
            near = _near(pieces, places, order.get(place))
            if piece.kind == "mark":
                depth += (piece.text in "([{") - (piece.text in ")]}")
            found.append(self._piece(piece, near, is_statement=depth == 0))
        return "".join(found)

    def markdown(self, text: str) -> str:
        """Return a text for people with what names the code renamed."""
        return _outside(_FENCE, text, self._spans, self._fence)

    def prose(self, text: str) -> str:
        """Return a sentence, a comment or a docstring with what names the code renamed."""
        return self._worded.sub(lambda found: self.names[found.group()], text) if self.names else text

    def string(self, text: str) -> str:
        """Return a string's source with what names the code renamed."""
        if literal(text) in self.whole:
            return text.replace(literal(text), self.names[literal(text)])
        return self._said.sub(lambda found: self.names[found.group()], text) if self.names else text

    def _piece(self, piece: Piece, near: Sequence[Piece], *, is_statement: bool) -> str:
        if piece.kind == "name":
            return self._name(piece.text, near)
        if piece.kind == "comment":
            return self._spans(piece.text)
        if piece.kind != "string":
            return piece.text
        is_docstring = self.language == "python" and is_statement and near[1].text in ("", ":")
        return self._docstring(piece.text) if is_docstring else self.string(piece.text)

    def _name(self, name: str, near: Sequence[Piece]) -> str:
        two_before, before, after = near
        if self.language == "python" and before.text == "from" and after.text == "import":
            return name
        after_dot = before.text == "." and two_before.text not in (".", *self.modules)
        return self.members.get(name) or (name if after_dot else self.free.get(name, name))

    def _docstring(self, text: str) -> str:
        return _outside(_PROMPT, text, self._spans, lambda found: found.group(1) + self.code(found.group(2)))

    def _spans(self, text: str) -> str:
        def span(found: re.Match[str]) -> str:
            return found.group(1) + self._span(found.group(2)) + found.group(1)

        return _outside(_SPAN, text, self.prose, span)

    def _span(self, text: str) -> str:
        # The name of a file is no name of the code, even if the two are alike.
        parts = _FILE.split(text)
        return "".join(part if place % 2 else self.code(part) for place, part in enumerate(parts))

    def _fence(self, found: re.Match[str]) -> str:
        tag = re.split(r"[\s,{]", found.group(3).strip().lower())[0]
        language = _TAGS.get(tag)
        inside = (
            self.code(found.group(4), language) if language == self.language else self.prose(found.group(4))
        )
        begin, end = found.span(4)
        whole, start = found.group(), found.start()
        return whole[: begin - start] + inside + whole[end - start :]

    @staticmethod
    def marked(text: str) -> str:
        """Return what a text for people marks as code, and nothing else."""
        fences = [found.group(4) for found in _FENCE.finditer(text)]
        return "\n".join([*fences, *(found.group(2) for found in _SPAN.finditer(_FENCE.sub("", text)))])

    @cached_property
    def _worded(self) -> re.Pattern[str]:
        plain, distinctive = self._alternatives()
        return re.compile(
            rf"(?<![\w$/\\-])(?:{distinctive})(?![\w/-]|\.(?:{_FILE_KINDS})\b)"
            rf"|(?<![\w$])(?:{plain})(?=\()"
            rf"|(?:{_AFTER_KIND})(?:{plain})(?![\w/-])"
        )

    @cached_property
    def _said(self) -> re.Pattern[str]:
        plain, distinctive = self._alternatives()
        # Between two quotes it would be data, such as a key in JSON.
        return re.compile(
            rf"(?<![\w$./\\\-'\"@:=])(?:{distinctive})(?![\w/\\\-'\":=]|\.\w)"
            rf"|(?<=['\"`])(?:{distinctive})(?=[\s,;!?)])|(?<=[\s(,;])(?:{distinctive})(?=['\"`])"
            rf"|(?<![\w$])(?:{plain}|{distinctive})(?=\()|(?<=`)(?:{plain}|{distinctive})(?=`)"
        )

    def _alternatives(self) -> tuple[str, str]:
        longest_first = sorted(self.names, key=lambda name: (-len(name), name))
        groups: tuple[list[str], list[str]] = ([], [])
        for name in longest_first:
            groups[is_distinctive(name)].append(re.escape(name))
        plain, distinctive = ("|".join(group) or r"(?!)" for group in groups)
        return plain, distinctive


_NOTHING = Piece("mark", "")


def _near(pieces: Sequence[Piece], places: Sequence[int], number: int | None) -> tuple[Piece, Piece, Piece]:
    """Return the two pieces that mean something before a piece, and the one after it."""
    if number is None:
        return _NOTHING, _NOTHING, _NOTHING

    def at(apart: int) -> Piece:
        return pieces[places[number + apart]] if 0 <= number + apart < len(places) else _NOTHING

    return at(-2), at(-1), at(1)


def _outside(
    pattern: re.Pattern[str],
    text: str,
    outside: Callable[[str], str],
    inside: Callable[[re.Match[str]], str],
) -> str:
    """Return a text of which the matches are changed in one way, and all between them in another."""
    parts, at = [], 0
    for found in pattern.finditer(text):
        parts += [outside(text[at : found.start()]), inside(found)]
        at = found.end()
    return "".join([*parts, outside(text[at:])])
