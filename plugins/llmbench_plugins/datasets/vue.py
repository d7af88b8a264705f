"""Dataset `vue`: Vue projects to be refactored, ours or yours.

``<folder>/…/<task>/`` holds ``prompt.md``, ``validation.json``, ``project/`` (what the model gets),
``tests/`` and ``solution/`` (what it never sees). The task's id is ``vue/`` and its path below the folder.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import msgspec

from llmbench.api import Dataset, Task, option
from llmbench.errors import DatasetError
from llmbench.resources import resource_dir
from llmbench_plugins.datasets.shared.task_folder import check_id, read_data, read_files, read_text, root_of
from llmbench_plugins.shared.vue_spec import TYPE_TESTS, Specification

PLACEHOLDER = "{{original_code}}"
PROTECTED = (
    "package.json",
    "*tsconfig*.json",
    "vite.config.*",
    "vitest.*",
    "*.d.ts",
    "*.test.*",
    "*.spec.*",
    "tests/*",
    "node_modules/*",
    ".llmbench/*",
)
_LAYOUT = "a Vue task has project/, tests/ and solution/"
TYPE_CHECK = ("sh", "/opt/llmbench/vue/type_check.sh")


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """Options of the dataset."""

    path: Annotated[str | None, option(help="folder of Vue tasks; null for ours", from_browser="path")] = None


class Vue(Dataset):
    """Reads a folder of Vue tasks."""

    Options = Options

    def tasks(self) -> Iterator[Task]:
        """Yield the tasks in the order of their ids."""
        root = root_of(self.options.path, resource_dir("tasks") / "vue", "Vue tasks")
        folders = sorted(path.parent for path in root.rglob("validation.json"))
        if not folders:
            raise DatasetError(
                f"{root} holds no Vue task (a folder with validation.json); begin one: "
                "llmbench new task --language vue NAME"
            )
        for folder in folders:
            yield read_task(folder, f"vue/{folder.relative_to(root).as_posix()}")

    def describe(self) -> Mapping[str, Any]:
        """Return where the tasks are from."""
        return {"source": "llmbench" if self.options.path is None else str(self.options.path)}


def read_task(folder: Path, task_id: str) -> Task:
    """Read one task.

    Raises:
        DatasetError: a part is missing or wrong; the message names the file.
    """
    check_id(task_id, folder)
    specification = read_specification(folder / "validation.json")
    starter = read_files(folder / "project", _LAYOUT)
    task = Task(
        id=task_id,
        instructions=_rendered(folder / "prompt.md", starter, specification),
        starter=starter,
        editable=specification.editable,
        protected=PROTECTED,
        toolchain="vue",
        language="vue",
        grading=_grading(specification),
        tests=read_files(folder / "tests", _LAYOUT),
        commands={"run_type_check": TYPE_CHECK},
        reference=read_files(folder / "solution", _LAYOUT),
    )
    if problem := _problem(task, specification):
        raise DatasetError(f"{folder}: {problem}")
    return task


def read_specification(path: Path) -> Specification:
    """Read validation.json.

    Raises:
        DatasetError: it is not JSON, or does not fit its schema.
    """
    return read_data(Specification, path, "validation")


def _grading(specification: Specification) -> dict[str, Any]:
    names = ("patterns", "tests", "timeout_s")
    grading: dict[str, Any] = msgspec.to_builtins({name: getattr(specification, name) for name in names})
    return grading


def _rendered(path: Path, starter: Mapping[str, bytes], specification: Specification) -> str:
    """Return the prompt with the code of all files that may be changed in the place that it has for it."""
    template = read_text(path)
    if template.count(PLACEHOLDER) != 1:
        raise DatasetError(f"{path}: expected {PLACEHOLDER} once, where the code to be changed goes")
    probe = Task(id="", instructions="", starter={}, editable=specification.editable)
    code = [
        f"`{name}`\n```{'vue' if name.endswith('.vue') else 'ts'}\n{content.decode(errors='replace')}```"
        for name, content in starter.items()
        if probe.may_change(name)
    ]
    return template.replace(PLACEHOLDER, "\n\n".join(code))


def _problem(task: Task, specification: Specification) -> str:
    """Return what does not fit together, or an empty string."""
    for path in task.reference:
        if not task.may_change(path):
            return f"solution/{path} matches no pattern of 'editable' in validation.json"
        if task.is_protected(path):
            return f"solution/{path} is a file that no answer may change: {', '.join(PROTECTED)}"
    for number, pattern in enumerate(specification.patterns):
        if pattern.lacks:
            return f"validation.json: patterns.{number}: {pattern.kind} needs a {pattern.lacks}"
        there = {*task.starter, *task.reference, *(f"tests/{path}" for path in task.tests)}
        if pattern.file not in there:
            return f"validation.json: patterns.{number}.file: '{pattern.file}' is in no folder of the task"
        if (pattern.kind == "types_hold") != pattern.file.startswith(TYPE_TESTS):
            return f"validation.json: patterns.{number}: types_hold, and nothing else, is for {TYPE_TESTS}"
    return ""
