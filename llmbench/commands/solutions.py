"""Solutions from anywhere: EvalPlus's samples.jsonl, or a folder, as files by task and sample."""

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from llmbench.api import Task
from llmbench.errors import UsageError
from llmbench.records.names import fitting_name

PROMPT = "PROMPT.md"
"""What ``llmbench prompts`` writes beside the starter files; it is no part of a solution."""


@dataclass(frozen=True, slots=True)
class Solution:
    """The files that one sample submits."""

    task: str
    files: Mapping[str, str]


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
        found = list(_from_lines(path, known, warn))
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


def _from_lines(path: Path, known: Mapping[str, Task], warn: Callable[[str], None]) -> Iterator[Solution]:
    strangers = []
    for number, line in enumerate(path.read_text(encoding="utf-8").split("\n"), start=1):
        if not line.strip():
            continue
        name, row = _row(line, f"{path}:{number}")
        if name not in known:
            strangers.append(name)
            continue
        task = known[name]
        main = task.editable[0]
        before = task.starter.get(main, b"").decode(errors="replace")
        source = row["solution"] if "solution" in row else before + row["completion"]
        yield Solution(name, {main: source})
    _warn_of(strangers, "lines", warn)


def _row(line: str, where: str) -> tuple[str, dict[str, str]]:
    try:
        row = json.loads(line)
    except ValueError as error:
        raise UsageError(f"{where}: expected a JSON object: {error}") from None
    texts = (
        {key: value for key, value in row.items() if isinstance(value, str)} if isinstance(row, dict) else {}
    )
    name = texts.get("task_id", texts.get("task"))
    if name is not None and ("solution" in texts or "completion" in texts):
        return name, texts
    raise UsageError(f"{where}: expected the keys task_id and solution or completion, each a text")


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
        yield Solution(task.id, {task.editable[0]: _text(files[rest])})
    if not numbered:
        mine = {path: _text(file) for path, file in files.items() if path != PROMPT and task.may_change(path)}
        if mine:
            yield Solution(task.id, mine)


def _text(path: Path) -> str:
    return path.read_bytes().decode(errors="replace")


def _warn_of(strangers: Sequence[str], what: str, warn: Callable[[str], None]) -> None:
    if strangers:
        warn(f"{len(strangers)} {what} of no task of the dataset are left out, first: {strangers[0]}")
