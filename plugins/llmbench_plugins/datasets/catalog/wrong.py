"""Wrong solutions of a task: ``wrong/NAME/`` with files, and about.json that says what each is."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from llmbench.api import Wrong, option
from llmbench_plugins.datasets.shared.task_folder import read_data, read_files

_ABOUT = "about.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """about.json of a wrong solution."""

    why: Annotated[str, option(min_length=1, help="which shortcut or misreading it is, as one line")]
    fails: Annotated[tuple[str, ...], option(min_length=1, help="tests, each of which has to fail")]


def read_wrong(folder: Path) -> dict[str, Wrong]:
    """Return the wrong solutions below a folder, by name; none where there is no such folder.

    Raises:
        DatasetError: about.json is missing or wrong; the message names it.
    """
    if not folder.is_dir():
        return {}
    return {path.name: _read(path) for path in sorted(folder.iterdir()) if path.is_dir()}


def _read(folder: Path) -> Wrong:
    about = read_data(About, folder / _ABOUT, "about")
    files = read_files(folder, "")
    return Wrong(
        files={path: content for path, content in files.items() if path != _ABOUT},
        why=about.why,
        fails=about.fails,
    )
