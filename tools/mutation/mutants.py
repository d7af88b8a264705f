"""The mutants of a reference, in the order in which they are drawn, and those that are explained."""

import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

import msgspec

from llmbench.api import Files, option
from llmbench.api.options import from_mapping
from llmbench.errors import DatasetError, UsageError
from mutation.edits import Edit
from mutation.python import edits_of_python
from mutation.tokened import edits_of

EXPLAINED = "mutants.json"
_LANGUAGES = {
    **dict.fromkeys((".js", ".mjs", ".cjs"), "javascript"),
    **dict.fromkeys((".cpp", ".cc", ".hpp", ".h"), "cpp"),
    ".go": "go",
    ".py": "python",
    ".rs": "rust",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutant:
    """A reference with one change."""

    file: str
    number: int
    line: str
    """As it is; lines that a change spans are one."""
    change: str
    """As it becomes."""
    content: bytes = field(repr=False)
    """The whole file."""

    @property
    def key(self) -> tuple[str, str, str]:
        """What it is known by, wherever its line has moved."""
        return self.file, self.line, self.change


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """Why no test can tell a mutant from the reference: an item of mutants.json."""

    file: str
    line: str
    change: str
    why: Annotated[str, option(min_length=1, help="why it does the same, as one line")]

    @property
    def key(self) -> tuple[str, str, str]:
        """The mutant's."""
        return self.file, self.line, self.change


def mutants_of(reference: Files, seed: int) -> list[Mutant]:
    """Return all mutants of a reference, drawn by ``seed``.

    Raises:
        UsageError: no file of it is in a language that can be changed here.
    """
    found = [mutant for path in sorted(reference) for mutant in _of_file(path, reference[path])]
    if not found:
        known = ", ".join(_LANGUAGES)
        raise UsageError(
            f"mutants: expected a reference in one of {known}, got {', '.join(sorted(reference))}"
        )
    random.Random(seed).shuffle(found)  # noqa: S311 - a draw that can be repeated
    return found


def _of_file(path: str, content: bytes) -> Iterable[Mutant]:
    language = _LANGUAGES.get(Path(path).suffix)
    if language is None:
        return
    source = content.decode()
    edits = edits_of_python(source) if language == "python" else edits_of(source, language)
    for edit in sorted(set(edits)):
        yield _mutant(path, source, edit)


def _mutant(path: str, source: str, edit: Edit) -> Mutant:
    return Mutant(
        file=path,
        number=edit.number(source),
        line=edit.line(source),
        change=edit.change(source),
        content=edit.applied(source).encode(),
    )


def read_explained(folder: Path) -> tuple[Explanation, ...]:
    """Return the explanations beside a task's metadata.json; none where there is no such file.

    Raises:
        DatasetError: it is no such file.
    """
    path = folder / EXPLAINED
    if not path.is_file():
        return ()
    try:
        items = msgspec.json.decode(path.read_bytes(), type=list[Any])
        return tuple(from_mapping(Explanation, item, "mutants", source=str(path)) for item in items)
    except (UsageError, msgspec.MsgspecError) as error:
        raise DatasetError(f"{path}: expected a list of what explains mutants: {error}") from None


def outdated(explained: Iterable[Explanation], mutants: Sequence[Mutant]) -> list[Explanation]:
    """Return the explanations of what is no mutant."""
    keys = {mutant.key for mutant in mutants}
    return [each for each in explained if each.key not in keys]
