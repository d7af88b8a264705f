"""Datasets `catalog` and `quickstart`: one reader of a folder of tasks, ours or yours.

``<folder>/…/<task>/`` holds ``metadata.json``, ``instructions.md``, ``workspace/`` (what the model gets),
``tests/`` (what it sees with ``show_tests`` alone), ``solution/`` and ``wrong/`` (what it never sees). The
task's id is its path below the folder.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, ClassVar

from llmbench.api import Dataset, Task, option
from llmbench.errors import DatasetError
from llmbench.resources import resource_dir
from llmbench_plugins.datasets.catalog.needs import with_packages
from llmbench_plugins.datasets.catalog.shown import with_tests_shown
from llmbench_plugins.datasets.catalog.task import METADATA, read_task
from llmbench_plugins.datasets.shared.task_folder import root_of
from llmbench_plugins.datasets.shared.twins import MOST, TWIN_HELP, described


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """Options of the dataset."""

    path: Annotated[
        str | None,
        option(help="folder of tasks; null for those that ship with llmbench", from_browser="path"),
    ] = None
    show_tests: Annotated[
        bool, option(identity="unless default", help="the model sees the tests, and an agent may run them")
    ] = False
    twin: Annotated[int, option(ge=0, le=MOST, help=TWIN_HELP, identity="unless default")] = 0
    install_deps: Annotated[
        bool, option(identity="unless default", help="install packages that tasks name, before the run")
    ] = False


class Catalog(Dataset):
    """Reads a folder of tasks; by default the catalog, in six languages."""

    Options = Options
    ours: ClassVar[tuple[str, str]] = ("catalog", ".")
    """The folder below ``tasks/`` from which ids are told, and the one below it that holds the tasks."""

    def tasks(self) -> Iterator[Task]:
        """Yield the tasks in the order of their ids."""
        above, below = self.ours if self.options.path is None else ("", ".")
        root = root_of(self.options.path, resource_dir("tasks") / above, "tasks")
        folders = list(_task_folders(root / below))
        if not folders:
            raise DatasetError(
                f"{root} holds no task (a folder with {METADATA}); begin one: llmbench new task NAME"
            )
        for folder in folders:
            task = read_task(folder, folder.relative_to(root).as_posix(), twin=self.options.twin)
            if self.options.show_tests:
                task = with_tests_shown(task, folder)
            yield with_packages(task, folder, install=self.options.install_deps)

    def describe(self) -> Mapping[str, Any]:
        """Return where the tasks are from."""
        source = "llmbench" if self.options.path is None else str(self.options.path)
        return {"source": source, **described(self.options.twin)}


class Quickstart(Catalog):
    """Reads a folder of tasks; by default the ten quickstart tasks, in Python."""

    ours: ClassVar[tuple[str, str]] = (".", "python")


def _task_folders(root: Path) -> Iterator[Path]:
    """Yield the folders that are tasks; what a task itself holds is no task."""
    last: Path | None = None
    for folder in sorted(path.parent for path in root.rglob(METADATA)):
        if last is None or last not in folder.parents:
            last = folder
            yield folder
