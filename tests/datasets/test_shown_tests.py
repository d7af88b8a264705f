"""Tests of a task that are shown: where they lie, that they may not be changed, and what is asked."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from llmbench.api import Context, Task, Workspace
from llmbench.errors import DatasetError
from llmbench.resources import resource_dir
from llmbench.runner.judging import Submission
from llmbench_plugins.datasets.catalog import Catalog, Options

CONTEXT = Context(work_dir=Path("unused"), cache_dir=Path("unused"))


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    """A copy of two tasks, to be changed."""
    tasks = resource_dir("tasks")
    shutil.copytree(tasks / "python/leap", tmp_path / "mine/leap")
    shutil.copytree(tasks / "catalog/go/lru_cache", tmp_path / "mine/lru_cache")
    return tmp_path / "mine"


@pytest.fixture
def read(mine: Path) -> Callable[..., Task]:
    def read(name: str = "lru_cache", *, show_tests: bool = True) -> Task:
        dataset = Catalog(Options(path=str(mine), show_tests=show_tests), CONTEXT)
        return next(task for task in dataset.tasks() if task.id == name)

    return read


def edit(mine: Path, name: str, **changes: object) -> None:
    path = mine / name / "metadata.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))


def test_they_lie_where_grading_lays_them(read: Callable[..., Task]) -> None:
    native, own = read(), read("leap")
    assert native.shown_tests == native.tests
    assert own.shown_tests == {"tests/test_leap.py": own.tests["test_leap.py"]}
    assert set(Workspace(own)) == {"leap.py", "tests/test_leap.py"}


def test_without_the_option_nothing_is_shown(read: Callable[..., Task]) -> None:
    hidden, shown = read(show_tests=False), read()
    assert (hidden.shown_tests, hidden.commands) == ({}, {})
    assert hidden.digest != shown.digest


@pytest.mark.parametrize("name", ["leap", "lru_cache"])
def test_a_test_can_neither_be_changed_nor_removed(name: str, read: Callable[..., Task]) -> None:
    task = read(name)
    for path in task.shown_tests:
        assert task.is_protected(path)
        written, removed = Workspace(task), Workspace(task)
        written.write(path, b"")
        removed.delete(path)
        for workspace in (written, removed):
            handed_in = Submission.of(task, workspace)
            assert path in (*handed_in.files, *handed_in.refused)
    assert Submission.of(task, Workspace(task)).refused == ()


def test_a_command_of_the_tasks_own_is_kept(mine: Path, read: Callable[..., Task]) -> None:
    usual = read().commands["run_tests"]
    edit(mine, "lru_cache", commands={"run_tests": ["go", "test"], "run_type_check": ["go", "vet"]})
    assert read().commands == {"run_tests": ("go", "test"), "run_type_check": ("go", "vet")}
    assert "go test ./..." in usual[-1]


def test_a_command_that_nobody_knows_is_not_guessed(mine: Path, read: Callable[..., Task]) -> None:
    edit(mine, "leap", grading={"command": ["make", "check"], "tests": 6})
    assert "run_tests" not in read("leap").commands
    edit(mine, "lru_cache", language="cobol")
    assert "run_tests" not in read().commands


def test_two_files_of_one_name_are_refused(mine: Path, read: Callable[..., Task]) -> None:
    (mine / "leap/workspace/tests").mkdir()
    (mine / "leap/workspace/tests/test_leap.py").write_text("")
    assert read("leap", show_tests=False).starter
    with pytest.raises(DatasetError, match=r"both have tests/test_leap\.py; rename one"):
        read("leap")
