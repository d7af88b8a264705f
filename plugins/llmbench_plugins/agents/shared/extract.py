"""Takes files out of an answer. The order of preference is fixed, and what was chosen is recorded.

1. ``entry_point``: where the task asks for one function, the last fence that defines it.
2. ``named``: code fences with the path of an editable file, on the line before or in the first line.
3. ``last_fence``: the last fence, for the task's main file.
4. ``whole``: the whole answer, where it has no fence and is Python that compiles.
5. ``none``: nothing was found.
"""

import re
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from textwrap import dedent

from llmbench.api import PathError, Task, clean_path

_FENCE = re.compile(
    r"^[ \t]*(?P<mark>`{3,}|~{3,})[ \t]*(?P<info>[^\n`]*)\n(?P<body>.*?)(?:^[ \t]*(?P=mark)[`~]*[ \t]*$|\Z)",
    re.MULTILINE | re.DOTALL,
)
_PATH = r"[\w.+-]+(?:/[\w.+-]+)*"
_LABEL = r"(?:(?:new |updated )?(?:file|path|filename)\b\W*)?"
_NAME_LINE = re.compile(
    rf"^[\s#>*_-]*(?:\d+\.\s+)?{_LABEL}[`'\"*_]*(?P<path>{_PATH})[`'\"*_]*\s*:?[*_]*\s*$", re.IGNORECASE
)
_INFO_PATH = re.compile(rf"(?:^|[\s:=])['\"]?(?P<path>{_PATH}\.\w+)['\"]?\s*$")


@dataclass(frozen=True, slots=True)
class Extracted:
    """The files of an answer and how they were found."""

    files: dict[str, str]
    how: str
    fences: int
    unused_code: bool = False
    """What was taken does not compile, or is nothing, although something else in the answer would do."""


@dataclass(frozen=True, slots=True)
class _Fence:
    path: str
    body: str


def extract(content: str, task: Task) -> Extracted:
    """Return the files that an answer holds for this task."""
    fences = list(_fences(content))
    found = _extracted(content, fences, task)
    main, entry = main_file(task), entry_point(task)
    if not main.endswith(".py") or is_answer(found.files.get(main, ""), entry):
        return found
    unused = any(is_answer(text, entry) for text in (content, *(fence.body for fence in fences)))
    return replace(found, unused_code=unused)


def _extracted(content: str, fences: Sequence["_Fence"], task: Task) -> Extracted:
    entry = entry_point(task)
    if entry and (defining := [fence.body for fence in fences if defines(fence.body, entry)]):
        return Extracted({main_file(task): defining[-1]}, "entry_point", len(fences))
    named = {fence.path: fence.body for fence in fences if fence.path}
    if any(task.may_change(path) for path in named):
        return Extracted(named, "named", len(fences))
    main = main_file(task)
    if main and fences:
        return Extracted({**named, main: fences[-1].body}, "last_fence", len(fences))
    if main and not fences and main.endswith(".py") and compiles(content):
        return Extracted({main: content}, "whole", 0)
    return Extracted(named, "none", len(fences))


def _fences(content: str) -> Iterator[_Fence]:
    for match in _FENCE.finditer(content):
        before = content[: match.start()].rstrip().rpartition("\n")[2]
        yield _Fence(_path(match["info"], before), dedent(match["body"]))


def _path(info: str, before: str) -> str:
    for found in (_INFO_PATH.search(info), _NAME_LINE.match(before)):
        if found and "." in found["path"]:
            try:
                return clean_path(found["path"])
            except PathError:
                continue
    return ""


def entry_point(task: Task) -> str:
    """Return the function that the task asks for, or an empty string where it asks for files."""
    name = task.grading.get("entry_point", "")
    return name if isinstance(name, str) and main_file(task) else ""


def defines(source: str, name: str) -> bool:
    """Say whether Python source looks as if it defined ``name`` at its top level; it need not compile."""
    name = re.escape(name)
    return bool(re.search(rf"^(?:(?:async\s+)?def|class)\s+{name}\b|^{name}\s*[:=]", source, re.MULTILINE))


def is_answer(source: str, entry: str) -> bool:
    """Say whether source compiles and, where one function is asked for, defines it."""
    return compiles(source) and (not entry or defines(source, entry))


def main_file(task: Task) -> str:
    """Return the first editable file, unless it is a pattern that fits many."""
    first = task.editable[0]
    return "" if any(character in first for character in "*?[") else first


def compiles(content: str) -> bool:
    """Say whether a text is Python that holds something."""
    if not content.strip():
        return False
    try:
        with warnings.catch_warnings(action="ignore"):
            compile(content, "answer.py", "exec", dont_inherit=True)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True
