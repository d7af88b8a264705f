"""Takes files out of an answer. The order of preference is fixed, and what was chosen is recorded.

1. ``named``: code fences with the path of an editable file, on the line before or in the first line.
2. ``last_fence``: the last fence, for the task's main file.
3. ``whole``: the whole answer, where it has no fence and is Python that compiles.
4. ``none``: nothing was found.
"""

import re
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
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


@dataclass(frozen=True, slots=True)
class _Fence:
    path: str
    body: str


def extract(content: str, task: Task) -> Extracted:
    """Return the files that an answer holds for this task."""
    fences = list(_fences(content))
    named = {fence.path: fence.body for fence in fences if fence.path}
    if any(task.may_change(path) for path in named):
        return Extracted(named, "named", len(fences))
    main = _main_file(task)
    if main and fences:
        return Extracted({**named, main: fences[-1].body}, "last_fence", len(fences))
    if main and not fences and _is_python(content, main):
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


def _main_file(task: Task) -> str:
    """Return the first editable file, unless it is a pattern that fits many."""
    first = task.editable[0]
    return "" if any(character in first for character in "*?[") else first


def _is_python(content: str, path: str) -> bool:
    if not path.endswith(".py") or not content.strip():
        return False
    try:
        with warnings.catch_warnings(action="ignore"):
            compile(content, path, "exec", dont_inherit=True)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True
