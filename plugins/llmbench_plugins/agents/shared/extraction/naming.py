"""File names in what stands before a passage, on its first line or in its label."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from llmbench.api import PathError, Task, clean_path
from llmbench_plugins.agents.shared.extraction.languages import is_file_name

_TOKEN = re.compile(r"[\w@.+\-/\\\[\]]+")
_WORD = re.compile(r"[^\W\d_]+")
_PLAIN_WORDS = """
a add all and as be below changed class code complete completed content contents corrected create created
entire file file_name file_path filename filepath final first fixed following for full header here
implementation improved in is it its listing main modified modify module my name new next now of our path
program replace revised rewrite rewritten s save saved script second should so solution source step the
then third this to under update updated version whole with write your
"""
_PLAIN = frozenset(_PLAIN_WORDS.split())
"""Words of lines that are there only to name a file."""
_COMMENT = re.compile(r"^\s*(?:#|//|--|/\*|<!--|;|%)+!?[ \t]*(?P<said>.*?)[ \t]*(?:\*/|-->)?[ \t]*$")
_MAGIC = re.compile(r"%%(?:writefile|file)[ \t]+(?P<path>\S+)[ \t]*\n")
_SAID = 6
_MOST_CHARS = 300


@dataclass(frozen=True, slots=True)
class Named:
    """A file's name, and whether a line is there only to name it."""

    path: str
    sure: bool


class Names:
    """Knows a task's files, so that ``leap.py`` and ``/workspace/src/leap.py`` may mean the same."""

    def __init__(self, task: Task) -> None:
        plain = (path for path in task.editable if not set(path) & set("*?["))
        self._files = tuple(dict.fromkeys([*plain, *task.workspace]))

    def path(self, word: str) -> str:
        """Return the file that a word names, or an empty string where it names none inside the workspace."""
        word = word.replace("\\", "/").strip("[]").rstrip(".")
        if word in self._files:
            return word
        if not is_file_name(word):
            return ""
        known = [file for file in self._files if _same_end(file.lower(), word.lower().removeprefix("./"))]
        if len(known) == 1:
            return known[0]
        try:
            return clean_path(word)
        except PathError:
            return ""

    def in_line(self, line: str) -> Named | None:
        """Return the one file that a line names."""
        line = line[:_MOST_CHARS]
        found = {path: word for word in _TOKEN.findall(line) if (path := self.path(word))}
        if len(found) > 1:
            found = {path: word for path, word in found.items() if path in self._files}
        if len(found) != 1:
            return None
        ((path, word),) = found.items()
        before, _, after = line.partition(word)
        if all(said.lower() in _PLAIN for said in _WORD.findall(f"{before} {after}")):
            return Named(path, sure=True)
        alone = (not before or before[-1] in "`*\"'([<") and (not after or after[0] in "`*\"')]>:")
        return Named(path, sure=False) if alone else None

    def before(self, text: str) -> Named | None:
        """Return what the text before a passage names: its last line, or one that only names a file."""
        lines = [line for line in text[-_MOST_CHARS * 2 :].split("\n") if line.strip()]
        for distance, line in enumerate(reversed(lines[-_SAID:])):
            named = self.in_line(line)
            if named and (named.sure or distance == 0):
                return named
        return None

    def at_top(self, code: str) -> Named | None:
        """Return the file that a comment on the first line of code names, or on the second."""
        for line in code.lstrip("\n").split("\n", 2)[:2]:
            comment = _COMMENT.match(line[:_MOST_CHARS])
            named = self.in_line(comment["said"]) if comment else None
            if named and named.sure:
                return named
        return None

    def magic(self, text: str, at: int) -> tuple[str, int]:
        """Return the file that a notebook's ``%%writefile`` names there, and where the code begins."""
        found = _MAGIC.match(text, at)
        return (self.path(found["path"]), found.end()) if found else ("", at)

    def words(self, text: str) -> Iterator[str]:
        """Yield the files that a label names."""
        yield from filter(None, map(self.path, _TOKEN.findall(text[:_MOST_CHARS])))


def first(found: Iterable[Named | None]) -> Named:
    """Return the first name there is, a sure one if there is any."""
    there = [named for named in found if named]
    return next((named for named in there if named.sure), there[0] if there else Named("", sure=False))


def _same_end(file: str, word: str) -> bool:
    return file == word or file.endswith(f"/{word}") or word.endswith(f"/{file}")
