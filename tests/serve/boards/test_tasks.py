"""The pages of the tasks: what a model may see, and nothing of what grades it."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from llmbench.resources import resource_dir
from llmbench.serve.tasks import Tasks, read

HIDDEN = "the-hidden-answer"
HOSTILE = "<script>alert(1)</script>\u202e"


@pytest.fixture
def mine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A dataset of the current folder, with one task that says what it can to do harm."""
    task = tmp_path / "mine/evil"
    for name, text in {
        "instructions.md": f"# Do it\n\n{HOSTILE}\n\n[x](javascript:alert(1))\n\n|a|b|\n|-:|-|\n|1|2|\n",
        "workspace/main.py": f"# {HOSTILE}\n",
        "workspace/notes.bin": "",
        "tests/test_main.py": HIDDEN,
        "solution/main.py": HIDDEN,
        "wrong/careless/main.py": f"{HIDDEN} too",
        "wrong/careless/about.json": json.dumps({"why": HIDDEN, "fails": [HIDDEN]}),
        "metadata.json": json.dumps(
            {
                "schema": "llmbench.task/1",
                "title": HOSTILE,
                "language": "python",
                "toolchain": "python",
                "editable": ["main.py"],
                "protected": ["test_*.py"],
                "grading": {"command": ["run_tests", HIDDEN], "tests": 7},
                "kind": "repair",
                "difficulty": "hard",
                "tags": [HOSTILE],
            }
        ),
    }.items():
        (task / name).parent.mkdir(parents=True, exist_ok=True)
        (task / name).write_text(text)
    (task / "workspace/notes.bin").write_bytes(b"\xff\x00")
    conf = tmp_path / "conf/dataset"
    conf.mkdir(parents=True)
    defaults = "defaults:\n  - override /validator@_global_.validator: command\n  - _self_\n"
    text = f"# Mine\n{defaults}name: catalog\npath: {task.parent}\n"
    (conf / "mine.yaml").write_text(text)
    (conf / "odd.yaml").write_text("name: catalog\ncolour: blue\n")
    monkeypatch.chdir(tmp_path)
    return task


def test_the_catalog(place: Any) -> None:
    page = place.open("/tasks")
    assert len(page.column("task")) == 31
    assert page.links["python/event_store"] == "/tasks/python/event_store?dataset=catalog"
    assert page.column("solved here")[0] == "not asked"


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("language=rust&difficulty=easy", ["rust/chunk_iterator"]),
        ("kind=repair&language=python", ["python/interval_map", "python/ledger_repair"]),
        ("find=LEDGER+repair", ["python/ledger_repair"]),
        ("find=no+such+words", []),
        ("language=cobol", []),
        ("after=30", ["rust/time_bucketer"]),
    ],
)
def test_filters_are_in_the_address(place: Any, query: str, expected: list[str]) -> None:
    page = place.open(f"/tasks?dataset=catalog&{query}")
    assert (page.column("task") if page.tables else []) == expected
    assert ("No task fits" in page.text) == (not expected)


def test_how_often_it_was_solved(place: Any) -> None:
    place.add("glm", 1, dataset="quickstart")
    place.add("phi", 4, dataset="quickstart")
    page = place.open("/tasks?dataset=quickstart")
    solved = dict(zip(page.column("task"), page.column("solved here"), strict=True))
    assert (solved["python/leap"], solved["python/brackets"]) == ("2 of 2", "1 of 2")


def test_a_task_with_how_runs_did_on_it(place: Any) -> None:
    first = place.add("glm", 1, dataset="quickstart")
    place.add("other", 1)
    page = place.open("/tasks/python/leap?dataset=quickstart")
    assert page.column("model") == ["glm llamacpp · prompt"]
    assert page.column("passed") == ["1 of 1"]
    assert page.links["sample 0"] == f"/runs/{first}/samples/python/leap"
    assert page.links["Launch this task"] == "/launch?dataset=quickstart&tasks=python%2Fleap"
    assert "def is_leap" in page.text or "leap.py" in page.text


def test_a_task_is_found_without_its_dataset(place: Any) -> None:
    assert "Tasks of catalog" in place.open("/tasks/rust/lru_cache").links
    assert "Tasks of quickstart" in place.open("/tasks/python/leap").links


@pytest.mark.parametrize(
    "path",
    [
        "/tasks?dataset=no-such",
        "/tasks/no/such",
        "/tasks/python/leap?dataset=no-such",
        "/tasks/../../etc/passwd",
        "/tasks/%00",
        "/tasks/python%2Fleap%2F..%2F..",
    ],
)
def test_what_is_not_there(place: Any, path: str) -> None:
    assert place.open(path).status == 404


def test_neither_tests_nor_solutions_are_shown(place: Any, mine: Path) -> None:
    for path in ("/tasks?dataset=mine", "/tasks/evil?dataset=mine"):
        page = place.open(path)
        assert page.status == 200
        assert HIDDEN not in page.html
    assert "command, 7 tests, 1 file that no model sees" in page.text
    assert HIDDEN not in repr(read("mine"))


def test_of_all_bundled_tasks_nothing_hidden_is_kept() -> None:
    for dataset, folder in (("quickstart", "python"), ("catalog", "catalog"), ("vue", "vue")):
        listing = read(dataset)
        kept, given = repr(listing), {file.text for task in listing.tasks.values() for file in task.files}
        hidden = [path.read_text(encoding="utf-8") for path in _hidden(resource_dir("tasks") / folder)]
        assert len(hidden) > 10
        assert not [text for text in hidden if text not in given and repr(text)[1:-1] in kept]


def _hidden(root: Path) -> Iterator[Path]:
    for path in root.rglob("*"):
        kinds = {"tests", "solution", "wrong"} & set(path.relative_to(root).parts)
        if kinds and path.is_file() and path.stat().st_size > 200:
            yield path


def test_a_hostile_task_is_harmless(place: Any, mine: Path) -> None:
    for path in ("/tasks?dataset=mine", "/tasks/evil?dataset=mine"):
        page = place.open(path)
        assert "<script>alert" not in page.html
        assert "\u202e" not in page.html
        assert "style=" not in page.html
        assert not [href for href in page.links.values() if href.startswith("javascript")]
    assert "<script>alert(1)</script>\\u202e" in page.text
    assert "<h3>Do it</h3>" in page.html
    assert "No text." in page.text


def test_what_can_not_be_listed_says_why(place: Any, mine: Path) -> None:
    page = place.open("/tasks?dataset=odd")
    assert (page.status, "dataset.colour: unknown option" in page.text) == (200, True)


def test_a_dataset_that_is_not_prepared_says_how_to_get_it(
    place: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    page = place.open("/tasks?dataset=humanevalplus")
    assert "llmbench prepare" in page.text


def test_only_known_datasets_are_remembered() -> None:
    tasks = Tasks()
    assert tasks.task("x", "no-such") is None
    assert tasks._jobs == {}
