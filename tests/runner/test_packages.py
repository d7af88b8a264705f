"""Whole runs of tasks that name packages, where these can't be had."""

import shutil
from pathlib import Path
from typing import Any

import pytest

from llmbench.api import Outcome
from llmbench.commands.prepare import main as prepare
from llmbench.records.journal import read_journal
from llmbench.resources import resource_dir

NOWHERE = "http://127.0.0.1:9"
"""Nobody listens there."""


@pytest.fixture
def tasks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two tasks, of which one names a package that no index here has."""
    monkeypatch.setenv("PIP_INDEX_URL", NOWHERE)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    for name in ("leap", "caesar"):
        shutil.copytree(resource_dir("tasks") / "python" / name, tmp_path / "tasks" / name)
    (tmp_path / "tasks/caesar/requirements.txt").write_text("no-such-package-of-llmbench==1.0\n")
    return tmp_path / "tasks"


def test_the_task_is_skipped_with_the_reason_and_others_are_done(run: Any, tasks: Path) -> None:
    words = ("agent=oracle", f"dataset.path={tasks}", "sandbox=bubblewrap")
    result = run(*words, "dataset.install_deps=true")
    records = {task: record for (task, _), record in run.records(result).items()}
    assert records["leap"].outcome is Outcome.PASSED, records["leap"]
    assert records["caesar"].outcome is Outcome.SKIPPED
    assert records["caesar"].reason.startswith(
        "packages can't be installed (no-such-package-of-llmbench 1.0): ERROR: "
    )
    assert result.exit_code == 0
    before = (result.folder / "journal.jsonl").read_bytes()
    again = run(*words, "dataset.install_deps=true")
    assert again.folder == result.folder
    assert len(read_journal(again.folder / "journal.jsonl")) == 2
    assert (again.folder / "journal.jsonl").read_bytes().startswith(before), "it is tried again each time"


def test_a_run_that_installs_nothing_says_what_would(run: Any, tasks: Path) -> None:
    words = ("agent=oracle", f"dataset.path={tasks}", "sandbox=bubblewrap")
    result = run(*words)
    records = {task: record for (task, _), record in run.records(result).items()}
    assert records["leap"].outcome is Outcome.PASSED
    assert records["caesar"].outcome is Outcome.SKIPPED
    assert records["caesar"].reason.endswith("dataset.install_deps=true installs them")


def test_a_run_of_such_tasks_alone_is_whole_and_empty(run: Any, tasks: Path) -> None:
    words = ("agent=oracle", f"dataset.path={tasks}", "sandbox=bubblewrap", "tasks=[caesar]")
    for more in ((), ("dataset.install_deps=true",)):
        (record,) = run.records(run(*words, *more)).values()
        assert record.outcome is Outcome.SKIPPED


@pytest.mark.bubblewrap
def test_prepare_says_what_is_lacking(tasks: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["model=any", "agent=oracle", "backend=openai", f"dataset.path={tasks}", "sandbox=bubblewrap"]
    assert prepare([*words, "dataset.install_deps=true"]) == 1
    shown = " ".join(capsys.readouterr().out.split())
    assert "packages can't be installed (no-such-package-of-llmbench 1.0)" in shown
    assert "sandbox bubblewrap: ready for python" in shown
    assert prepare(words) == 0
