"""What a task's toolchain has to hold besides: packages, named in its workspace or beside its metadata."""

from dataclasses import replace
from pathlib import Path

from llmbench.api import Packages, Task
from llmbench_plugins.datasets.shared.packages import file_of, read_packages


def with_packages(task: Task, folder: Path, *, install: bool) -> Task:
    """Return a task with the packages that it names; without ``install``, as one that can't be done.

    A file of the workspace may have been there for other reasons, and is looked at only with ``install``.

    Raises:
        DatasetError: one has no exact version; the message names the file.
    """
    if not (name := file_of(task.toolchain)):
        return task
    beside = _read_beside(task.toolchain, folder / name)
    if beside is None and install and name in task.starter:
        content = task.starter[name]
        beside = read_packages(task.toolchain, content, str(folder / "workspace" / name))
    if beside is None:
        return task
    if not install:
        reason = f"it needs packages ({', '.join(beside.names)}): dataset.install_deps=true installs them"
        return replace(task, unfit=reason)
    return replace(task, packages=beside, toolchain=beside.name, digest="")


def _read_beside(toolchain: str, path: Path) -> Packages | None:
    return read_packages(toolchain, path.read_bytes(), str(path)) if path.is_file() else None
