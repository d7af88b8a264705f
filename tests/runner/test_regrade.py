"""`llmbench grade RUN`: stored answers, judged again; no model is asked."""

import json
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from llmbench.api import Outcome
from llmbench.cli import main
from llmbench.records.journal import read_journal
from llmbench.records.manifest import read_manifest
from llmbench.resources import resource_dir
from llmbench.testing.servers import Answer, StubServer

Answering = Callable[[Mapping[str, Any]], Answer | str]


@pytest.fixture
def tasks(tmp_path: Path) -> Path:
    """A catalog of two tasks that a test may change."""
    for name in ("leap", "caesar"):
        shutil.copytree(resource_dir("tasks") / "python" / name, tmp_path / "mine" / name)
    return tmp_path / "mine"


def sandbox_of(run: Any) -> str:
    return f"sandbox={run.sandbox}"


def test_right_answers_stay_right(run: Any, solver: Answering, tasks: Path) -> None:
    with StubServer(solver) as stub:
        result = run("backend=openai", f"backend.url={stub.url}", f"dataset.path={tasks}")
        asked = len(stub.requests)
        assert main(["grade", str(result.folder), sandbox_of(run)]) == 0
        assert len(stub.requests) == asked
    records = read_journal(result.folder / "journal.jsonl")
    assert {record.outcome for record in records.values()} == {Outcome.PASSED}
    assert all(record.regraded for record in records.values())
    folder = result.folder / "samples/leap/0/try-1"
    assert sorted(path.name for path in folder.glob("verdict*")) == ["verdict.1.json", "verdict.json"]


def test_mended_tests_change_the_verdict(
    run: Any, solver: Answering, tasks: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with StubServer(solver) as stub:
        result = run("backend=openai", f"backend.url={stub.url}", f"dataset.path={tasks}", "tries=2")
    meta = tasks / "leap/metadata.json"
    described = json.loads(meta.read_text())
    described["grading"]["tests"] += 1
    meta.write_text(json.dumps(described))
    (tasks / "leap/tests/test_more.py").write_text(
        "import unittest\nfrom leap import is_leap\n\nclass More(unittest.TestCase):\n"
        "    def test_more(self):\n        self.assertIs(is_leap(4), True)\n"
    )
    assert main(["grade", str(result.folder), sandbox_of(run)]) == 0
    record = read_journal(result.folder / "journal.jsonl")["leap", 0]
    assert record.outcome is Outcome.PASSED
    assert record.tries[0].tests_run == described["grading"]["tests"]
    shown = capsys.readouterr().out
    assert "changed since the run" in shown
    assert "leap" in shown


def test_a_harder_test_fails_what_passed(run: Any, tasks: Path, capsys: pytest.CaptureFixture[str]) -> None:
    half = "`leap.py`\n```python\ndef is_leap(year):\n    return year % 4 == 0\n```"
    tests = tasks / "leap/tests/test_leap.py"
    full, meta = tests.read_text(), tasks / "leap/metadata.json"
    described = json.loads(meta.read_text())
    tests.write_text(
        "import unittest\nfrom leap import is_leap\n\nclass T(unittest.TestCase):\n"
        "    def test_it(self):\n        self.assertIs(is_leap(2004), True)\n"
    )
    meta.write_text(json.dumps({**described, "grading": {**described["grading"], "tests": 1}}))
    with StubServer(half) as stub:
        words = ("backend=openai", f"backend.url={stub.url}", f"dataset.path={tasks}", "tasks=[leap]")
        result = run(*words)
    assert run.records(result)["leap", 0].outcome is Outcome.PASSED
    tests.write_text(full)
    meta.write_text(json.dumps(described))
    assert main(["grade", str(result.folder), sandbox_of(run)]) == 0
    assert run.records(result)["leap", 0].outcome is Outcome.FAILED
    assert "leap sample 0: passed → failed" in capsys.readouterr().out


def test_only_how_grading_is_done_may_change(run: Any, capsys: pytest.CaptureFixture[str]) -> None:
    result = run("agent=oracle", "tasks=[leap]")
    assert main(["grade", str(result.folder), "model=any"]) == 2
    assert "'model=any' would make it another run" in capsys.readouterr().err


def test_a_folder_without_a_run_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["grade", str(tmp_path)]) == 2
    assert str(tmp_path) in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_tasks_that_are_gone_keep_their_verdicts(
    run: Any, solver: Answering, tasks: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with StubServer(solver) as stub:
        result = run("backend=openai", f"backend.url={stub.url}", f"dataset.path={tasks}")
    before = read_manifest(result.folder).plan
    shutil.rmtree(tasks / "caesar")
    assert main(["grade", str(result.folder), sandbox_of(run)]) == 0
    shown = " ".join(capsys.readouterr().out.split())
    assert "1 of 2 tasks of this run keep their verdicts, first 'caesar'" in shown
    assert "1 samples graded again" in shown or "1 sample graded again" in shown
    records = read_journal(result.folder / "journal.jsonl")
    assert {task: record.regraded for (task, _), record in records.items()} == {"caesar": False, "leap": True}
    assert read_manifest(result.folder).plan.digests == before.digests


def test_a_run_without_any_of_its_tasks_is_left_alone(
    run: Any, solver: Answering, tasks: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with StubServer(solver) as stub:
        result = run("backend=openai", f"backend.url={stub.url}", f"dataset.path={tasks}", "tasks=[leap]")
    shutil.rmtree(tasks / "leap")
    assert main(["grade", str(result.folder), sandbox_of(run)]) == 2
    assert "task 'leap' of this run is not in the dataset any more" in capsys.readouterr().err
