"""Dataset `catalog`: a folder of tasks, ours or yours.

``<folder>/…/<task>/`` holds ``metadata.json``, ``instructions.md``, ``workspace/`` (what the model gets),
``tests/`` and ``solution/`` (what it never sees). The task's id is its path below the folder.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Literal

from llmbench.api import Dataset, Task, option
from llmbench.errors import DatasetError
from llmbench.resources import resource_dir
from llmbench_plugins.datasets.shared.task_folder import check_id, read_data, read_files, read_text, root_of

_LAYOUT = "a task has workspace/, tests/ and solution/"


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """Options of the dataset."""

    path: Annotated[str | None, option(help="folder of tasks; null for those that ship with llmbench")] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Metadata:
    """metadata.json of a task."""

    schema: Literal["llmbench.task/1"]
    title: str
    language: str
    toolchain: str
    editable: Annotated[tuple[str, ...], option(min_length=1, help="files the model may change; globs")]
    grading: dict[str, Any]
    """For the validator; `command` wants ``command``, ``tests`` and ``timeout_s``."""
    protected: tuple[str, ...] = ()
    commands: dict[str, Annotated[tuple[str, ...], option(min_length=1)]] = field(default_factory=dict)
    """What an agent may run over the workspace, by its tool's name: ``run_tests``, ``run_type_check``."""
    difficulty: Literal["easy", "medium", "hard"] = "medium"
    tags: tuple[str, ...] = ()
    extra: dict[str, Any] = field(default_factory=dict)


class Catalog(Dataset):
    """Reads a folder of tasks."""

    Options = Options

    def tasks(self) -> Iterator[Task]:
        """Yield the tasks in the order of their ids."""
        root = root_of(self.options.path, resource_dir("tasks"), "tasks")
        folders = sorted(path.parent for path in root.rglob("metadata.json"))
        if not folders:
            raise DatasetError(
                f"{root} holds no task (a folder with metadata.json); begin one: llmbench new task NAME"
            )
        for folder in folders:
            yield read_task(folder, folder.relative_to(root).as_posix())

    def describe(self) -> Mapping[str, Any]:
        """Return where the tasks are from."""
        return {"source": "llmbench" if self.options.path is None else str(self.options.path)}


def read_task(folder: Path, task_id: str) -> Task:
    """Read one task.

    Raises:
        DatasetError: a part is missing or wrong; the message names the file.
    """
    check_id(task_id, folder)
    meta = read_data(Metadata, folder / "metadata.json", "metadata")
    task = Task(
        id=task_id,
        instructions=read_text(folder / "instructions.md"),
        starter=read_files(folder / "workspace", _LAYOUT),
        editable=meta.editable,
        protected=meta.protected,
        toolchain=meta.toolchain,
        language=meta.language,
        grading=meta.grading,
        commands=meta.commands,
        tests=read_files(folder / "tests", _LAYOUT),
        reference=read_files(folder / "solution", _LAYOUT),
    )
    if outside := [path for path in task.reference if not task.may_change(path)]:
        raise DatasetError(
            f"{folder}: solution/{outside[0]} matches no pattern of 'editable' in metadata.json"
        )
    return task
