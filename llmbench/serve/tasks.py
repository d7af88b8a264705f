"""The tasks of datasets that lie on this machine: what a model may see of them, and nothing else.

Hidden tests, reference solutions and what the grader is told stay where they are: they are not even kept.
"""

import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import platformdirs
import yaml

from llmbench import registry
from llmbench.api import Context, Dataset, Task
from llmbench.api.options import from_mapping
from llmbench.api.text import read_text
from llmbench.config.sources import Choice, find_sources
from llmbench.errors import LlmbenchError, UsageError
from llmbench.serve.jobs import Job

_FRESH_S = 30.0
"""How long the tasks of a dataset are not read again."""
_WAIT_S = 4.0
"""How long a page waits for them."""
_LONGEST = 65_536
"""Characters of a file that are shown."""
_FIRST = ("catalog", "quickstart")


@dataclass(frozen=True, slots=True)
class File:
    """A file of the workspace, as the model finds it."""

    path: str
    text: str
    """Empty where it is none."""
    bytes: int
    is_editable: bool
    is_protected: bool
    is_cut: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A task, as far as it may be seen."""

    id: str
    dataset: str
    title: str
    instructions: str
    language: str
    toolchain: str
    kind: str
    difficulty: str
    minutes: str
    tags: tuple[str, ...]
    origin: str
    licence: str
    files: tuple[File, ...]
    editable: tuple[str, ...]
    protected: tuple[str, ...]
    commands: Mapping[str, tuple[str, ...]]
    validator: str
    hidden_files: int
    hidden_tests: int | None
    unfit: str
    digest: str


@dataclass(frozen=True, slots=True)
class Listing:
    """The tasks of a dataset, or why they can't be listed."""

    tasks: Mapping[str, Shown]
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Known:
    """A dataset that can be chosen."""

    name: str
    about: str


class Tasks:
    """Reads datasets when somebody asks for them."""

    def __init__(self) -> None:
        """Read nothing yet."""
        self._lock = threading.Lock()
        self._jobs: dict[str, Job[Listing]] = {}

    def datasets(self) -> list[Known]:
        """Return what there is to choose from: our own first."""
        found = [Known(choice.name, _about(choice)) for choice in _choices().values()]
        return sorted(found, key=lambda known: (known.name not in _FIRST, known.name))

    def listing(self, dataset: str) -> Listing | None:
        """Return the tasks of a dataset; None while they are being read."""
        with self._lock:
            job = self._jobs.setdefault(dataset, Job(lambda: read(dataset)))
        state = job.look(fresh_s=_FRESH_S, wait_s=_WAIT_S)
        return state.done.result if state.done else None

    def task(self, name: str, dataset: str) -> Shown | None:
        """Return a task of that dataset, or of the first that has one of this name where none is named."""
        known = [one.name for one in self.datasets()]
        for one in [dataset] if dataset in known else known if not dataset else []:
            listing = self.listing(one)
            if listing and name in listing.tasks:
                return listing.tasks[name]
        return None


def _choices() -> Mapping[str, Choice]:
    return find_sources().choices("dataset")


def _about(choice: Choice) -> str:
    """Return the first comment of its file, which says what it is."""
    try:
        lines = read_text(choice.path, str(choice)).splitlines()
    except UsageError:
        return ""
    return next((line.lstrip("# ").strip() for line in lines if line.startswith("#")), "")


def read(dataset: str) -> Listing:
    """Read the tasks of a dataset as its file configures it; nothing is fetched."""
    try:
        data = _configured(dataset)
        validator = _validator(data.pop("defaults", ()))
        kind: type[Dataset] = registry.load("dataset", str(data.pop("name", dataset)))
        options: Any = from_mapping(kind.Options, data, "dataset")
        with TemporaryDirectory(prefix="llmbench-") as folder:
            made = kind(options, Context(work_dir=Path(folder), cache_dir=_cache_dir()))
            return Listing({task.id: shown(task, dataset, validator) for task in made.tasks()})
    except LlmbenchError as error:
        return Listing({}, str(error))
    except Exception as error:  # of a third party's
        return Listing({}, registry.explained(error))


def _configured(dataset: str) -> dict[str, Any]:
    choice = _choices().get(dataset)
    if choice is None:
        raise UsageError(f"no dataset '{dataset}'; llmbench list datasets")
    try:
        data = yaml.safe_load(read_text(choice.path, str(choice)))
    except yaml.YAMLError as error:
        raise UsageError(f"{choice}: not YAML: {' '.join(str(error).split())}") from None
    return dict(data) if isinstance(data, dict) else {}


def _validator(defaults: object) -> str:
    """Return the validator that a dataset's file chooses."""
    for one in defaults if isinstance(defaults, list) else ():
        for key, value in one.items() if isinstance(one, dict) else ():
            if "validator" in str(key):
                return str(value)
    return ""


def shown(task: Task, dataset: str, validator: str) -> Shown:
    """Return what may be seen of a task."""
    about = {key: value for key, value in task.about.items() if isinstance(key, str)}
    tests = task.grading.get("tests")
    return Shown(
        id=task.id,
        dataset=dataset,
        title=str(about.get("title") or ""),
        instructions=task.instructions,
        language=task.language,
        toolchain=task.toolchain,
        kind=str(about.get("kind") or ""),
        difficulty=str(about.get("difficulty") or ""),
        minutes=str(about.get("minutes") or ""),
        tags=_words(about.get("tags")),
        origin=str(about.get("origin") or ""),
        licence=str(about.get("licence") or ""),
        files=tuple(_file(task, path, content) for path, content in sorted(task.workspace.items())),
        editable=tuple(task.editable),
        protected=tuple(task.protected),
        commands=dict(task.commands),
        validator=validator,
        hidden_files=len(task.tests),
        hidden_tests=tests if isinstance(tests, int) and not isinstance(tests, bool) else None,
        unfit=task.unfit,
        digest=task.digest,
    )


def _words(value: object) -> tuple[str, ...]:
    return tuple(map(str, value)) if isinstance(value, Iterable) and not isinstance(value, str) else ()


def _file(task: Task, path: str, content: bytes) -> File:
    try:
        text = content.decode()
    except UnicodeDecodeError:
        text = ""
    return File(
        path=path,
        text=text[:_LONGEST],
        bytes=len(content),
        is_editable=task.may_change(path),
        is_protected=task.is_protected(path),
        is_cut=len(text) > _LONGEST,
    )


def _cache_dir() -> Path:
    return Path(platformdirs.user_cache_dir("llmbench"))
