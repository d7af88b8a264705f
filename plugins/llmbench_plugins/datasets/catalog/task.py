"""One folder as a task: what its files are called, and what its metadata.json may say."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Literal

from llmbench.api import Task, option
from llmbench.errors import DatasetError
from llmbench_plugins.datasets.catalog.wrong import read_wrong
from llmbench_plugins.datasets.shared.task_folder import check_id, read_data, read_files, read_text
from llmbench_plugins.datasets.shared.twins import Wishes, preface, twin_of

METADATA = "metadata.json"
_LAYOUT = "a task has workspace/, tests/ and solution/"
_ABOUT = ("title", "kind", "difficulty", "minutes", "tags", "origin", "licence")


@dataclass(frozen=True, slots=True, kw_only=True)
class Metadata:
    """metadata.json of a task."""

    schema: Literal["llmbench.task/1"]
    title: str
    language: str
    toolchain: str
    editable: Annotated[tuple[str, ...], option(min_length=1, help="files the model may change; globs")]
    grading: dict[str, Any]
    """For the validator; `command` wants ``tests``, and takes ``timeout_s`` and others."""
    protected: tuple[str, ...] = ()
    commands: dict[str, Annotated[tuple[str, ...], option(min_length=1)]] = field(default_factory=dict)
    """What an agent may run over the workspace, by its tool's name: ``run_tests``, ``run_type_check``."""
    kind: Literal["implement", "repair", "extend", "tool"] | None = None
    """Written from a specification, mended, added to a program of several files, or a command-line tool."""
    difficulty: Literal["easy", "medium", "hard"] = "medium"
    minutes: Annotated[int, option(ge=1, help="that a good programmer needs, by estimate")] | None = None
    tags: tuple[str, ...] = ()
    origin: str = ""
    """Who or what it was taken from."""
    licence: str = ""
    twin: Wishes = Wishes()
    """For ``dataset.twin``, where the automatic choice of names is not enough."""
    extra: dict[str, Any] = field(default_factory=dict)


def read_task(folder: Path, task_id: str, *, twin: int = 0) -> Task:
    """Read one task, or a twin of it.

    Raises:
        DatasetError: a part is missing or wrong; the message names the file.
    """
    check_id(task_id, folder)
    meta = read_data(Metadata, folder / METADATA, "metadata")
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
        about={name: value for name in _ABOUT if (value := getattr(meta, name))},
        wrong=read_wrong(folder / "wrong"),
    )
    _check_answers(task, folder)
    return twin_of(task, twin, meta.twin, instructions=preface(twin) + task.instructions)


def _check_answers(task: Task, folder: Path) -> None:
    """Refuse answers of the author's that no model could give, and wrong ones that are right.

    Raises:
        DatasetError: there is one.
    """
    answers = {"solution": task.reference} | {
        f"wrong/{name}": each.files for name, each in task.wrong.items()
    }
    for name, files in answers.items():
        if outside := [path for path in files if not task.may_change(path)]:
            raise DatasetError(
                f"{folder}: {name}/{outside[0]} matches no pattern of 'editable' in {METADATA}"
            )
    for name, wrong in task.wrong.items():
        if {**task.reference, **wrong.files} == task.reference:
            raise DatasetError(f"{folder}: wrong/{name} is the solution itself: none of its files differs")
