"""Which names of a task may be renamed, and what to: found in its code, and left alone in any doubt."""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from llmbench.api import Files, Task
from llmbench.errors import DatasetError
from llmbench_plugins.datasets.shared.twins import braces, python
from llmbench_plugins.datasets.shared.twins.found import Found, together
from llmbench_plugins.datasets.shared.twins.known import METHODS, WORDS
from llmbench_plugins.datasets.shared.twins.lexing import LANGUAGES, lex
from llmbench_plugins.datasets.shared.twins.rewriting import Rewriter
from llmbench_plugins.datasets.shared.twins.words import pool

_SUFFIXES: Mapping[str, tuple[str, ...]] = {
    "python": (".py",),
    "javascript": (".js", ".mjs", ".cjs"),
    "go": (".go",),
    "rust": (".rs",),
    "cpp": (".cpp", ".cc", ".cxx", ".hpp", ".hh", ".h"),
}
_WORD = re.compile(r"[^\W\d]\w*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """What the author of a task says about its twins."""

    keep: tuple[str, ...] = ()
    """Names that are never changed."""
    names: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """New names by the old ones: that of the first twin, of the second …"""


def code_language(language: str) -> str | None:
    """Return the language in which a task's names are read; None where there is none."""
    language = "javascript" if language == "html" else language
    return language if language in LANGUAGES else None


def is_code(path: str, language: str) -> bool:
    """Say whether a file is source text of a language."""
    return PurePosixPath(path).suffix in _SUFFIXES[language]


def decoded(content: bytes) -> str | None:
    """Return a file's text; None where it is none."""
    try:
        return content.decode()
    except UnicodeDecodeError:
        return None


def rewriter(task: Task, number: int, wishes: Wishes, asked: Collection[str]) -> Rewriter | None:
    """Return what makes the twin of that number; None where nothing can be renamed.

    Args:
        task: the original.
        number: from 1.
        wishes: of the task's author.
        asked: names that the grader calls, and no test.

    Raises:
        DatasetError: a wish can't be fulfilled.
    """
    language = code_language(task.language)
    if language is None:
        return None
    material = _Material(task, language)
    _check(wishes, material)
    found = [] if task.language == "html" else material.renamable(wishes, asked)
    chosen = _new_names(sorted({*found, *wishes.names}), number, wishes, material)
    made = material.rewriter(chosen)
    hidden = material.hidden(made) - set(wishes.names)
    if hidden:
        made = material.rewriter({name: new for name, new in chosen.items() if name not in hidden})
    return made if made.names else None


class _Material:
    """A task's texts, and what they say about names."""

    def __init__(self, task: Task, language: str) -> None:
        self.task, self.language = task, language
        shown = [task.starter, task.reference]
        answer = {path: c for path, c in {**task.starter, **task.reference}.items() if task.may_change(path)}
        paths = {PurePosixPath(path) for files in (*shown, task.tests) for path in files}
        code = [path for path in paths if is_code(path.name, language)]
        self.modules = {name for path in code for name in (path.stem, *path.parent.parts)}
        self.answer = self._found(answer)
        self.starter = self._found(task.starter)
        self.tests = self._found(task.tests)
        self.all = together([self.answer, self.tests, *map(self._found, shown)])
        written = [*shown, task.tests, *(wrong.files for wrong in task.wrong.values())]
        self.texts = [text for files in written for text in self._texts(files)]

    def renamable(self, wishes: Wishes, asked: Collection[str]) -> set[str]:
        """Return the names that may be renamed without asking anybody."""
        words, methods = WORDS[self.language], METHODS[self.language]
        barred = (
            self.all.barred | words | self._data() | (self.all.quoted - self.all.named) | set(wishes.keep)
        )
        barred |= self.tests.free
        members = self.answer.members - self.all.barred_members - methods
        free = (
            self.answer.free - self.answer.members - (self.all.fields & (self.all.barred_members | methods))
        )
        said = set(_WORD.findall(Rewriter.marked(self.task.instructions)))
        # Grammars and usages have words in capital letters, too.
        given = {
            name for name in self.starter.free | self.starter.members if name in said and not name.isupper()
        }
        used = set(self._words(self.task.tests)) | given | set(asked)
        return {name for name in (free | members) & used if name not in barred and not name.startswith("_")}

    def rewriter(self, names: Mapping[str, str]) -> Rewriter:
        """Return what renames these names."""
        members = self.answer.members | self.starter.members | self.all.fields
        return Rewriter(
            language=self.language,
            free={name: new for name, new in names.items() if name not in members},
            members={name: new for name, new in names.items() if name in members},
            modules=self.all.modules,
            whole=self.all.named.intersection(names),
        )

    def hidden(self, made: Rewriter) -> set[str]:
        """Return the names whose new ones nobody could know who reads only what a model is shown."""
        shown = {*self._words(self.task.starter), *_WORD.findall(made.markdown(self.task.instructions))}
        return {name for name, new in made.names.items() if name not in shown and new not in shown}

    def words(self) -> set[str]:
        """Return every word that stands anywhere in the task."""
        about = [
            self.task.instructions,
            *(name for wrong in self.task.wrong.values() for name in wrong.fails),
        ]
        return {word for text in (*about, *self.texts) for word in _WORD.findall(text)}

    def _words(self, files: Files) -> Iterator[str]:
        for path, content in files.items():
            if is_code(path, self.language) and (text := decoded(content)) is not None:
                yield from (piece.text for piece in lex(text, self.language) if piece.kind == "name")

    def _data(self) -> set[str]:
        """Return the words of files that are neither code nor text for people."""
        files = {**self.task.tests, **self.task.starter, **self.task.reference}
        data = {p: c for p, c in files.items() if not is_code(p, self.language) and not p.endswith(".md")}
        return {word for text in self._texts(data) for word in _WORD.findall(text)}

    def _texts(self, files: Files) -> Iterator[str]:
        return (text for content in files.values() if (text := decoded(content)) is not None)

    def _found(self, files: Files) -> Found:
        found = []
        for path, content in files.items():
            if not is_code(path, self.language) or (text := decoded(content)) is None:
                continue
            if self.language != "python":
                found.append(braces.names_in(text, self.language))
            elif (names := python.names_in(text, self.modules)) is not None:
                found.append(names)
        return together(found)


def _new_names(names: Sequence[str], number: int, wishes: Wishes, material: _Material) -> dict[str, str]:
    """Return a new name for each; what one twin may use for a name, none uses for another."""
    taken = material.words() | WORDS[material.language] | METHODS[material.language]
    taken |= {new for news in wishes.names.values() for new in news}
    chosen = {}
    for name in names:
        wished = wishes.names.get(name, ())
        free = pool(name, material.language, taken)
        taken |= set(free)
        chosen[name] = [*wished, *free][number - 1]
    return chosen


def _check(wishes: Wishes, material: _Material) -> None:
    """Refuse wishes that name nothing, or what is there already.

    Raises:
        DatasetError: there is one.
    """
    words, news = material.words(), [new for found in wishes.names.values() for new in found]
    where = f"{material.task.id}: twin.names"
    for name in wishes.names:
        if name not in words:
            raise DatasetError(f"{where}: expected names that the task holds, got '{name}'")
    for new in news:
        if not _WORD.fullmatch(new) or new in words or new in WORDS[material.language] or news.count(new) > 1:
            raise DatasetError(f"{where}: expected new names that the task does not hold so far, got '{new}'")
