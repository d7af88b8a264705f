"""Solutions from anywhere: EvalPlus's samples.jsonl, or a folder, as files by task and sample."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from llmbench.api import Task
from llmbench.commands.solution_rows import read_rows
from llmbench.errors import UsageError
from llmbench.records.names import fitting_name

PROMPT = "PROMPT.md"
"""What ``llmbench prompts`` writes beside the starter files; it is no part of a solution."""


@dataclass(frozen=True, slots=True)
class Solution:
    """The files that one sample submits."""

    task: str
    files: Mapping[str, bytes]


def folder_name(task_id: str) -> str:
    """Return the name under which a task has a folder: ``HumanEval_0``, as EvalPlus writes it."""
    return fitting_name(task_id.replace("/", "_"))


def read_solutions(path: Path, tasks: Sequence[Task], warn: Callable[[str], None]) -> list[Solution]:
    """Return all solutions in a file or folder, those of a task in the order of their samples.

    Raises:
        UsageError: there is none, or a line of the file is not what it should be.
    """
    known = {task.id: task for task in tasks}
    if path.is_file():
        found = list(_from_file(path, known, warn))
    elif path.is_dir():
        found = list(_from_folder(path, known, warn))
    else:
        raise UsageError(f"grade: --solutions: no file or folder '{path}'")
    if not found:
        raise UsageError(
            f"grade: --solutions: '{path}' holds no solution of the dataset's tasks; expected lines "
            f"with task_id and solution or completion, or files such as {folder_name(tasks[0].id)}.py"
        )
    return found


def _from_file(path: Path, known: Mapping[str, Task], warn: Callable[[str], None]) -> Iterator[Solution]:
    strangers = []
    for row in read_rows(path):
        if row.task not in known:
            strangers.append(row.task)
            continue
        if row.mended:
            warn(f"{row.where}: half a surrogate pair, which no file can hold, is read as U+FFFD")
        task = known[row.task]
        main = task.editable[0]
        before = task.starter.get(main, b"") if row.continues else b""
        yield Solution(row.task, {main: before + row.source.encode()})
    _warn_of(strangers, "lines", warn)


def _from_folder(root: Path, known: Mapping[str, Task], warn: Callable[[str], None]) -> Iterator[Solution]:
    names = {folder_name(task): task for task in known} | {task: task for task in known}
    files: dict[str, dict[str, Path]] = {}
    strangers = []
    for path in sorted(path for path in root.rglob("*") if path.is_file()):
        relative = path.relative_to(root).as_posix()
        found = _task_of(relative, names)
        if found is None:
            strangers.append(relative)
        else:
            files.setdefault(found.task, {})[found.rest] = path
    for task_id, task in known.items():
        yield from _of_task(task, files.get(task_id, {}))
    _warn_of(strangers, "files", warn)


@dataclass(frozen=True, slots=True)
class _Found:
    task: str
    rest: str
    """What is left of the path: ``0.py`` of ``HumanEval_0/0.py``, nothing of ``HumanEval_0.py``."""


def _task_of(relative: str, names: Mapping[str, str]) -> _Found | None:
    """Return the task of a file."""
    stem = re.sub(r"\.\w+$", "", relative)
    if stem in names:
        return _Found(names[stem], "")
    parts = relative.split("/")
    for count in range(len(parts) - 1, 0, -1):
        if (head := "/".join(parts[:count])) in names:
            return _Found(names[head], "/".join(parts[count:]))
    return None


def _of_task(task: Task, files: Mapping[str, Path]) -> Iterator[Solution]:
    """Yield a sample for each numbered file, or one of all files that may be changed."""
    numbered = [rest for rest in files if re.fullmatch(r"(\d+\.\w+)?", rest)]
    for rest in sorted(numbered, key=lambda rest: int(rest.partition(".")[0] or -1)):
        yield Solution(task.id, {task.editable[0]: files[rest].read_bytes()})
    if not numbered:
        taken = {path: file for path, file in files.items() if path != PROMPT and task.may_change(path)}
        mine = {path: file.read_bytes() for path, file in taken.items()}
        if mine:
            yield Solution(task.id, mine)


def _warn_of(strangers: Sequence[str], what: str, warn: Callable[[str], None]) -> None:
    if strangers:
        warn(f"{len(strangers)} {what} of no task of the dataset are left out, first: {strangers[0]}")
