"""What `llmbench new` writes works as it is."""

import os
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from llmbench.commands.new import PLUGIN_AXES


@pytest.mark.parametrize("axis", PLUGIN_AXES)
def test_a_new_plugin_passes_its_tests_and_composes(run: Any, here: Path, axis: str) -> None:
    ran = run("new", "plugin", "my-own", "--axis", axis)
    assert ran.exit_code == 0, ran.stderr
    root = here / "llmbench-my-own"
    tested = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests"],
        cwd=root,
        env=os.environ | {"PYTHONPATH": "src"},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert tested.returncode == 0, tested.stdout + tested.stderr
    site = here / "site"
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-build-isolation"]
    subprocess.run([*pip, "--target", site, root], check=True, timeout=300)
    *_, advised = ran.stdout.splitlines()
    program, *words = shlex.split(advised)
    assert program == "llmbench"
    composed = subprocess.run(
        [sys.executable, "-m", "llmbench", *words],
        cwd=here,
        env=os.environ | {"PYTHONPATH": str(site)},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert composed.returncode == 0, composed.stderr


@pytest.mark.parametrize("name", ["two_sum", "python/two_sum"])
def test_a_new_task_passes_its_check(run: Any, here: Path, name: str) -> None:
    assert run("new", "task", name).exit_code == 0
    ran = run("check", "tasks", f"tasks/{name}", "sandbox=local")
    assert ran.exit_code == 0, ran.stdout + ran.stderr
    assert ran.stdout.endswith("1 task, no problems\n")


def test_a_new_model_composes(run: Any, here: Path) -> None:
    assert run("new", "model", "GLM-4.7_x").exit_code == 0
    ran = run("model=GLM-4.7_x", "agent=oracle", "dry_run=true")
    assert ran.exit_code == 0, ran.stderr


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (
            ["plugin", "Bad Name"],
            "llmbench: new: expected a name of small letters, digits, - and _ that begins",
        ),
        (["task", "../up"], "llmbench: new: expected a name of small letters, digits and _ that"),
        (
            ["plugin", "3x"],
            "llmbench: new: expected a name of small letters, digits, - and _ that",
        ),
        (
            ["model", "a/b"],
            "llmbench: new: expected a name of letters, digits, dots, - and _ that",
        ),
        (["poem", "x"], "llmbench: new: argument kind: invalid choice: 'poem'"),
    ],
)
def test_a_wrong_request_writes_nothing(run: Any, here: Path, words: list[str], expected: str) -> None:
    ran = run("new", *words)
    assert ran.exit_code == 2
    assert ran.stderr.startswith(expected)
    assert list(here.iterdir()) == []


@pytest.mark.parametrize("kind", ["plugin", "task", "model"])
def test_nothing_is_overwritten(run: Any, here: Path, kind: str) -> None:
    assert run("new", kind, "twice").exit_code == 0
    before = {path: path.read_bytes() for path in here.rglob("*") if path.is_file()}
    ran = run("new", kind, "twice")
    assert ran.exit_code == 2
    assert "is there already; nothing was written" in ran.stderr
    assert {path: path.read_bytes() for path in here.rglob("*") if path.is_file()} == before


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["model", "demo"], "there is model 'demo' already"),
        (["plugin", "replay"], "there is backend 'replay' already"),
        (["plugin", "oracle", "--axis", "agent"], "there is agent 'oracle' already"),
        (["plugin", "run-tests", "--axis", "tool"], "there is tool 'run_tests' already"),
        (["plugin", "process", "--axis", "monitor"], "there is monitor 'process' already"),
        (["task", "class"], "a word of Python itself"),
    ],
)
def test_a_name_that_could_not_be_used_is_refused(
    run: Any, here: Path, words: list[str], complaint: str
) -> None:
    ran = run("new", *words)
    assert ran.exit_code == 2
    assert complaint in ran.stderr
    assert list(here.iterdir()) == []
