"""Dataset `catalog`: a folder of tasks, ours or yours.

``<folder>/…/<task>/`` holds ``metadata.json``, ``instructions.md``, ``workspace/`` (what the model gets),
``tests/`` and ``solution/`` (what it never sees). The task's id is its path below the folder.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec

from llmbench.api import Dataset, Task, option
from llmbench.api.options import from_mapping
from llmbench.errors import DatasetError, UsageError
from llmbench.resources import resource_dir


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
        root = self._root()
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

    def _root(self) -> Path:
        if self.options.path is None:
            return resource_dir("tasks")
        root = Path(self.options.path).expanduser()
        if not root.is_dir():
            raise UsageError(f"dataset.path: expected a folder of tasks, got '{root}', which is none")
        return root


def read_task(folder: Path, task_id: str) -> Task:
    """Read one task.

    Raises:
        DatasetError: a part is missing or wrong; the message names the file.
    """
    if not re.fullmatch(r"[\w.+-]+(/[\w.+-]+)*", task_id) or ".." in task_id:
        raise DatasetError(f"{folder}: a task's path may hold letters, digits, '_', '-', '+' and '.' only")
    meta = _metadata(folder / "metadata.json")
    task = Task(
        id=task_id,
        instructions=_text(folder / "instructions.md"),
        starter=_files(folder / "workspace"),
        editable=meta.editable,
        protected=meta.protected,
        toolchain=meta.toolchain,
        language=meta.language,
        grading=meta.grading,
        commands=meta.commands,
        tests=_files(folder / "tests"),
        reference=_files(folder / "solution"),
    )
    if outside := [path for path in task.reference if not task.may_change(path)]:
        raise DatasetError(
            f"{folder}: solution/{outside[0]} matches no pattern of 'editable' in metadata.json"
        )
    return task


def _metadata(path: Path) -> Metadata:
    try:
        return from_mapping(Metadata, msgspec.json.decode(path.read_bytes()), "metadata", source=str(path))
    except (msgspec.DecodeError, UsageError) as error:
        raise DatasetError(f"{error}" if isinstance(error, UsageError) else f"{path}: {error}") from None


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise DatasetError(f"{path} can't be read: {error}") from None


def _files(folder: Path) -> dict[str, bytes]:
    if not folder.is_dir():
        raise DatasetError(f"{folder} is missing; a task has workspace/, tests/ and solution/")
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and "__pycache__" not in path.parts
    }
