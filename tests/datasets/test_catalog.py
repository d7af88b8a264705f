"""The catalog: our tasks, anybody's tasks, and clear words about broken ones."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from llmbench.api import Context, Dataset
from llmbench.errors import DatasetError, LlmbenchError, UsageError
from llmbench.resources import resource_dir
from llmbench.testing.dataset import DatasetConformance
from llmbench_plugins.datasets.catalog import Catalog, Options, Quickstart

CONTEXT = Context(work_dir=Path("unused"), cache_dir=Path("unused"))


def catalog(path: Path | None = None) -> Catalog:
    return Catalog(Options(path=None if path is None else str(path)), CONTEXT)


def quickstart(path: Path | None = None) -> Quickstart:
    return Quickstart(Options(path=None if path is None else str(path)), CONTEXT)


class TestConformance(DatasetConformance):
    def make_dataset(self, tmp_path: Path) -> Dataset:
        return quickstart()


def test_ten_quickstart_tasks_ship() -> None:
    tasks = list(quickstart().tasks())
    assert len(tasks) == 10
    assert {task.language for task in tasks} == {"python"}
    assert [task.id for task in tasks] == sorted(task.id for task in tasks)


def test_a_folder_is_read_alike_by_both(mine: Path) -> None:
    assert list(catalog(mine).tasks()) == list(quickstart(mine).tasks())


def test_what_a_task_holds_is_no_task(mine: Path) -> None:
    (mine / "leap/workspace/metadata.json").write_text("{}")
    assert [task.id for task in catalog(mine).tasks()] == ["leap"]


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    """A copy of one task, to be broken."""
    shutil.copytree(resource_dir("tasks") / "python/leap", tmp_path / "mine/leap")
    return tmp_path / "mine"


def edit(mine: Path, **changes: object) -> None:
    path = mine / "leap/metadata.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))


def test_ids_are_paths_below_the_folder(mine: Path) -> None:
    shutil.copytree(mine / "leap", mine / "deep/er/leap")
    assert [task.id for task in catalog(mine).tasks()] == ["deep/er/leap", "leap"]


def test_what_an_agent_may_run_is_said_by_tool(mine: Path) -> None:
    (before,) = catalog(mine).tasks()
    edit(mine, commands={"run_tests": ["python3", "-m", "unittest"]})
    (task,) = catalog(mine).tasks()
    assert (before.commands, task.commands) == ({}, {"run_tests": ("python3", "-m", "unittest")})
    assert task.digest != before.digest
    edit(mine, commands={"run_tests": []})
    with pytest.raises(DatasetError, match=r"metadata.commands.run_tests: expected .* \(.*metadata.json\)"):
        list(catalog(mine).tasks())


def test_a_change_anywhere_changes_the_digest(mine: Path) -> None:
    digests = set()
    for name in ("instructions.md", "workspace/leap.py", "tests/test_leap.py", "solution/leap.py"):
        with (mine / "leap" / name).open("a") as file:
            file.write("\n")
        (task,) = catalog(mine).tasks()
        digests.add(task.digest)
    assert len(digests) == 4


def add_wrong(mine: Path, about: object, **files: str) -> None:
    folder = mine / "leap/wrong/every_fourth"
    folder.mkdir(parents=True)
    for name, content in files.items():
        (folder / f"{name}.py").write_text(content)
    (folder / "about.json").write_text(json.dumps(about))


ABOUT = {"why": "Knows the first rule alone.", "fails": ["test_centuries"]}


def test_what_is_said_of_a_task_changes_no_digest(mine: Path) -> None:
    (before,) = catalog(mine).tasks()
    edit(mine, kind="repair", minutes=5, tags=["dates"], origin="us", licence="MIT")
    add_wrong(mine, ABOUT, leap="def leap(year): return year % 4 == 0\n")
    (task,) = catalog(mine).tasks()
    assert task.digest == before.digest
    assert task.about == {
        "title": "Leap year",
        "kind": "repair",
        "difficulty": "easy",
        "minutes": 5,
        "tags": ("dates",),
        "origin": "us",
        "licence": "MIT",
    }
    assert before.about == {"title": "Leap year", "difficulty": "easy", "tags": ("quickstart", "arithmetic")}
    wrong = task.wrong["every_fourth"]
    assert (wrong.why, wrong.fails, list(wrong.files)) == (ABOUT["why"], ("test_centuries",), ["leap.py"])


def remove(name: str) -> Callable[[Path], None]:
    def do(mine: Path) -> None:
        path = mine / "leap" / name
        shutil.rmtree(path) if path.is_dir() else path.unlink()

    return do


BROKEN: dict[str, tuple[Callable[[Path], None], str]] = {
    "unknown key": (
        lambda mine: edit(mine, titel="x"),
        r"titel: unknown option; did you mean 'title'",
    ),
    "wrong type": (lambda mine: edit(mine, editable="leap.py"), r"metadata\.editable: expected a list"),
    "wrong schema": (
        lambda mine: edit(mine, schema="x/2"),
        r"schema: expected one of llmbench\.task/1",
    ),
    "no json": (lambda mine: (mine / "leap/metadata.json").write_text("{") and None, r"metadata\.json"),
    "no tests": (remove("tests"), r"tests is missing"),
    "no workspace": (remove("workspace"), r"workspace is missing"),
    "no instructions": (remove("instructions.md"), r"instructions\.md can't be read"),
    "a kind that is none": (
        lambda mine: edit(mine, kind="rewrite"),
        r"metadata\.kind: expected one of .*implement.*, got 'rewrite'",
    ),
    "no minute": (lambda mine: edit(mine, minutes=0), r"metadata\.minutes: expected an integer ≥ 1.*got 0"),
    "a wrong solution that says nothing": (
        lambda mine: add_wrong(mine, {"why": "Guesses."}, leap=""),
        r"about.*fails",
    ),
    "a wrong solution for no test": (
        lambda mine: add_wrong(mine, ABOUT | {"fails": []}, leap=""),
        r"about\.fails: expected",
    ),
    "a wrong solution that is none": (
        lambda mine: add_wrong(mine, ABOUT),
        r"wrong/every_fourth is the solution itself",
    ),
    "a wrong solution outside of what may change": (
        lambda mine: add_wrong(mine, ABOUT, other=""),
        r"wrong/every_fourth/other\.py matches no pattern of 'editable'",
    ),
    "a solution outside of what may change": (
        lambda mine: edit(mine, editable=["other.py"]),
        r"solution/leap\.py matches no pattern of 'editable'",
    ),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_task_is_named(name: str, mine: Path) -> None:
    damage, words = BROKEN[name]
    damage(mine)
    with pytest.raises(DatasetError, match=words) as caught:
        list(catalog(mine).tasks())
    assert "leap" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_folder_that_is_none_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"dataset\.path: expected a folder of tasks, got '.*nowhere'"):
        list(catalog(tmp_path / "nowhere").tasks())


def test_an_empty_folder_says_how_to_begin(tmp_path: Path) -> None:
    with pytest.raises(LlmbenchError, match="llmbench new task"):
        list(catalog(tmp_path).tasks())


def test_what_is_said_of_twins_changes_no_original(mine: Path) -> None:
    (before,) = catalog(mine).tasks()
    edit(mine, twin={"keep": [], "names": {"is_leap": ["has_leap_day"]}})
    (after,) = catalog(mine).tasks()
    assert after.digest == before.digest
    (twin,) = Catalog(Options(path=str(mine), twin=1), CONTEXT).tasks()
    assert twin.about["renamed"] == {"is_leap": "has_leap_day"}
    assert b"has_leap_day" in twin.tests["test_leap.py"]
    edit(mine, twin={"names": {"is_leap": "one"}})
    with pytest.raises(DatasetError, match=r"metadata\.twin\.names.*expected"):
        list(catalog(mine).tasks())
