"""The files that a task wants, and what each must define."""

from collections.abc import Callable
from dataclasses import dataclass

from llmbench.api import Task
from llmbench_plugins.agents.shared.extraction import components, grammars, pages, python
from llmbench_plugins.agents.shared.extraction.languages import family_of
from llmbench_plugins.agents.shared.extraction.reader import Allowance, Parsed, Reader


@dataclass(frozen=True, slots=True)
class Target:
    """A file that may be changed."""

    path: str
    family: str
    reader: Reader
    wanted: frozenset[str]
    """Names that it must define: the function that is asked for, or what the starter file defines."""
    starter: str


def main_file(task: Task) -> str:
    """Return the first editable file, unless it is a pattern that fits many."""
    first = task.editable[0]
    return "" if _is_pattern(first) else first


def entry_point(task: Task) -> str:
    """Return the function that the task asks for, or an empty string where it asks for files."""
    name = task.grading.get("entry_point", "")
    return name if isinstance(name, str) and main_file(task) else ""


def targets_of(task: Task, allowance: Allowance) -> list[Target]:
    """Return the files that may be changed and whose names are known, the main one first."""
    named = [path for path in task.editable if not _is_pattern(path)]
    paths = dict.fromkeys([*named, *(path for path in task.starter if task.may_change(path))])
    return [target_of(path, task, allowance) for path in paths]


def target_of(path: str, task: Task, allowance: Allowance) -> Target:
    """Return one file of a task, which may be new."""
    family = family_of(path)
    look = _look_of(path, family)
    reader = Reader(family, look or _plain, allowance, strict=look is not None)
    starter = task.starter.get(path, b"").decode(errors="replace")
    entry = entry_point(task) if path == main_file(task) else ""
    wanted = frozenset({entry}) if entry else reader(starter).names
    return Target(path, family, reader, wanted, starter.strip())


def _look_of(path: str, family: str) -> Callable[[str], Parsed] | None:
    if family == "python":
        return python.look
    if family == "html" and not path.endswith(".svg"):
        return pages.look
    return components.look if family == "vue" else grammars.look_of(path, family)


def _plain(text: str) -> Parsed:
    """Read a text of a language without a parser: it is what it is."""
    return Parsed(problem=None)


def _is_pattern(path: str) -> bool:
    return bool(set(path) & set("*?["))
