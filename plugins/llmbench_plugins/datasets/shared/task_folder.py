"""Tasks that are folders: where they are, what they may be called, and their files."""

import re
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from llmbench.api import text as api_text
from llmbench.api.options import from_mapping
from llmbench.errors import DatasetError, UsageError

T = TypeVar("T")
_MADE = ("__pycache__", "node_modules")


def root_of(path: str | None, ours: Path, what: str) -> Path:
    """Return the folder of tasks that was asked for; ours where none was.

    Raises:
        UsageError: there is no such folder.
    """
    if path is None:
        return ours
    root = Path(path).expanduser()
    if not root.is_dir():
        raise UsageError(f"dataset.path: expected a folder of {what}, got '{root}', which is none")
    return root


def check_id(task_id: str, folder: Path) -> None:
    """Refuse what can't be a task's id.

    Raises:
        DatasetError: it holds something else than names and slashes.
    """
    if not re.fullmatch(r"[\w.+-]+(/[\w.+-]+)*", task_id) or ".." in task_id:
        raise DatasetError(f"{folder}: a task's path may hold letters, digits, '_', '-', '+' and '.' only")


def read_data(kind: type[T], path: Path, name: str) -> T:
    """Read a JSON file into a dataclass, whose fields it must fit.

    Raises:
        DatasetError: it is no JSON, or does not fit; the message names the file.
    """
    try:
        data: Any = msgspec.json.decode(api_text.read_text(path))
        return from_mapping(kind, data, name, source=str(path))
    except UsageError as error:
        raise DatasetError(str(error)) from None
    except msgspec.DecodeError as error:
        raise DatasetError(f"{path}: {error}") from None


def read_text(path: Path) -> str:
    """Read a text.

    Raises:
        DatasetError: it is missing, or no text.
    """
    try:
        return api_text.read_text(path)
    except UsageError as error:
        raise DatasetError(str(error)) from None


def read_files(folder: Path, layout: str) -> dict[str, bytes]:
    """Read all files below a folder, but for what programs have left there.

    Raises:
        DatasetError: there is no such folder; the message says what a task consists of.
    """
    if not folder.is_dir():
        raise DatasetError(f"{folder} is missing; {layout}")
    below = {path.relative_to(folder): path for path in sorted(folder.rglob("*")) if path.is_file()}
    return {
        name.as_posix(): path.read_bytes()
        for name, path in below.items()
        if not set(name.parts).intersection(_MADE)
    }
