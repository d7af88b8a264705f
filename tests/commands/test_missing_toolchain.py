"""A toolchain that this machine lacks: its tasks are skipped and said to be, the others are graded."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

# The local sandbox can't show a toolchain's libraries on any machine, so Rust is always missing in it.
WORDS = ("dataset.path=tasks", "agent=oracle", "sandbox=local", "validator=foo")
MISSING = "the libraries of toolchain rust must be in"


@pytest.fixture
def tasks(foo: Path, here: Path) -> Path:
    """Two tasks, one of which needs Rust."""
    folder = Path(shutil.copytree(foo / "tasks", here / "tasks"))
    shutil.copytree(folder / "greet", folder / "greet-rusty")
    path = folder / "greet-rusty" / "metadata.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "toolchain": "rust"}))
    return folder


def records(here: Path) -> dict[str, dict[str, Any]]:
    (journal,) = here.glob("outputs/*/*/journal.jsonl")
    found = [json.loads(line) for line in journal.read_text().splitlines()]
    return {record["task"]: record for record in found}


def test_its_tasks_are_skipped_and_tried_again_later(run: Any, tasks: Path, here: Path) -> None:
    ran = run(*WORDS)
    assert ran.exit_code == 0, ran.stderr
    assert "toolchain rust is missing: its tasks are skipped" in ran.stdout
    found = records(here)
    assert found["greet"]["outcome"] == "passed"
    assert found["greet-rusty"]["outcome"] == "skipped"
    assert found["greet-rusty"]["reason"].startswith(f"toolchain rust is missing: {MISSING}")
    # As a cured machine would have it.
    path = tasks / "greet-rusty" / "metadata.json"
    before = path.read_text()
    assert run(*WORDS).exit_code == 0
    assert records(here)["greet-rusty"]["outcome"] == "skipped"
    path.write_text(before.replace("rust", "python"))
    assert run(*WORDS).exit_code == 0
    assert records(here)["greet-rusty"]["outcome"] == "passed"


def test_without_any_toolchain_nothing_is_run(run: Any, tasks: Path, here: Path) -> None:
    ran = run(*WORDS, "tasks=[greet-rusty]")
    assert ran.exit_code == 2
    assert MISSING in ran.stderr
    assert not (here / "outputs").exists()


def test_doctor_says_which_and_how_many_tasks(run: Any, tasks: Path) -> None:
    ran = run("doctor", *WORDS, "--no-server")
    assert ran.exit_code == 0, ran.stdout
    assert "✓ sandbox: local serves python\n" in ran.stdout
    assert f"· toolchain: rust is missing, so its tasks would be skipped: {MISSING}" in ran.stdout
    assert "· tasks: 1 of 2 would be skipped\n" in ran.stdout


def test_prepare_says_so_and_exits_with_1(run: Any, tasks: Path) -> None:
    ran = run("prepare", *WORDS)
    assert ran.exit_code == 1
    assert "toolchain rust is missing" in ran.stdout + ran.stderr
    assert "sandbox local: ready for python\n" in ran.stdout
