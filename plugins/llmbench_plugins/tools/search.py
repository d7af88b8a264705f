"""Tool ``search``: plain text, the best places first."""

import asyncio
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from heapq import nsmallest
from itertools import count
from typing import Annotated

from llmbench.api import Scope, Tool, ToolResult, as_text, option
from llmbench_plugins.tools.shared.aliases import FOLDER
from llmbench_plugins.tools.shared.listing import listing
from llmbench_plugins.tools.shared.text import lines_of, short

_LINE_CHARS = 300
_WORDS = 12


@dataclass(frozen=True, slots=True)
class SearchOptions:
    """Options of the tool."""

    max_chars: Annotated[int, option(ge=200, help="cut the result to so many characters")] = 6000
    max_results: Annotated[int, option(ge=1, help="show so many lines at most")] = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchArguments:
    """What to find."""

    query: Annotated[str, option(min_length=1, help="plain text or words, no pattern")]
    path: Annotated[str, option(help="folder to look in")] = "."


class Search(Tool):
    """Finds lines by plain text, best first: the whole text, then most of its words."""

    Options = SearchOptions
    options: SearchOptions
    name = "search"
    aliases = ("search_text",)
    description = (
        "Find lines by plain text, the best first: lines with the whole text, then lines with most of its "
        "words. Case does not matter. Shows file:line:text."
    )
    kind = "read"
    Arguments = SearchArguments
    argument_aliases = {"text": "query", "pattern": "query", "q": "query"} | FOLDER

    async def call(self, arguments: SearchArguments, scope: Scope) -> ToolResult:
        """Rank the lines of all text files."""
        prefix = scope.folder(arguments.path)
        files = scope.workspace.files
        texts = {path: as_text(files[path]) or "" for path in scope.workspace if path.startswith(prefix)}
        found = await asyncio.to_thread(_best, texts, arguments.query, self.options.max_results)
        if not found.best:
            return ToolResult(text=f"nothing like {arguments.query[:200]!r} in {len(texts)} files")
        shown = [hit.line for hit in found.best]
        if found.number > len(shown):
            shown.append(f"[{found.number - len(shown)} more lines match less well]")
        return ToolResult(text=listing(shown, self.options.max_chars, "search for more special words"))


@dataclass(frozen=True, slots=True, order=True)
class _Hit:
    rank: tuple[int, int, int]
    """The lower, the better: phrase as written, phrase in any case, then how many words are missing."""
    path: str
    number: int
    line: str


@dataclass(frozen=True, slots=True)
class _Found:
    best: list[_Hit]
    number: int


def _best(files: Mapping[str, str], query: str, most: int) -> _Found:
    """Return the best hits; not all of them are kept meanwhile, for there may be as many as lines."""
    number = count()
    best = nsmallest(most, (hit for hit, _ in zip(_hits(files, query), number, strict=False)))
    # `zip` takes a number for each hit; the next one says how many there were.
    return _Found(best, next(number))


def _hits(files: Mapping[str, str], query: str) -> Iterator[_Hit]:
    phrase = query.strip()
    words = list(dict.fromkeys(re.findall(r"\w+", phrase.lower())))[:_WORDS] or [phrase.lower()]
    for path, text in files.items():
        for number, line in enumerate(lines_of(text), 1):
            if rank := _rank(line, phrase, words):
                yield _Hit(rank, path, number, f"{path}:{number}:{short(line, _LINE_CHARS)}")


def _rank(line: str, phrase: str, words: Sequence[str]) -> tuple[int, int, int] | None:
    low = line.lower()
    present = [word for word in words if word in low]
    exact, alike = phrase in line, phrase.lower() in low
    # Half of the words at least: one common word of a long sentence is everywhere.
    if not phrase or not (alike or len(present) * 2 > len(words)):
        return None
    whole = len(set(present) & set(re.findall(r"\w+", low)))
    return (0 if exact else 1 if alike else 2, len(words) - len(present), -whole)
