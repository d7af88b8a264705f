"""The wheel works outside the checkout, beside a third party's: complete, and found by entry points."""

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "examples/llmbench-foo"

pytestmark = pytest.mark.slow


def run(*argv: str | Path, cwd: Path) -> str:
    # Nothing of the checkout may leak in.
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    ran = subprocess.run(argv, cwd=cwd, env=environment, capture_output=True, text=True, timeout=600)
    assert ran.returncode == 0, f"{argv}: {ran.stdout}{ran.stderr}"
    return ran.stdout


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The scripts of an environment that holds both wheels, each built from its sdist."""
    folder = tmp_path_factory.mktemp("wheel")
    for project in (ROOT, EXAMPLE):
        run(sys.executable, "-m", "build", "--no-isolation", "--outdir", folder, project, cwd=folder)
    run(sys.executable, "-m", "venv", folder / "venv", cwd=folder)
    scripts = folder / "venv/bin"
    run(scripts / "pip", "install", "--quiet", *sorted(folder.glob("*.whl")), cwd=folder)
    return scripts


@pytest.fixture
def empty(tmp_path: Path) -> Path:
    return tmp_path


def test_it_lists_what_both_bring(installed: Path, empty: Path) -> None:
    rows = json.loads(run(installed / "llmbench", "list", "backend", "--json", cwd=empty))
    assert {row["name"]: row["distribution"] for row in rows}["foo"] == "llmbench-foo"
    assert {"llamacpp", "foo"} <= {row["name"] for row in rows}
    models = json.loads(run(installed / "llmbench", "list", "models", "--json", cwd=empty))
    assert {row["model"]: row["from"] for row in models}["foo"] == "llmbench-foo 0.1.0"
    assert "python/leap" in run(installed / "llmbench", "list", "tasks", cwd=empty)
    assert list(empty.iterdir()) == []


def test_every_task_ships(installed: Path) -> None:
    [wheel] = (path for path in installed.parents[1].glob("llmbench-0*.whl"))
    with zipfile.ZipFile(wheel) as archive:
        shipped = {name.removeprefix("llmbench/") for name in archive.namelist()}
    found = (
        path for path in (ROOT / "tasks").rglob("*") if path.is_file() and "__pycache__" not in path.parts
    )
    ours = {path.relative_to(ROOT).as_posix() for path in found}
    assert "tasks/python/leap/solution/leap.py" in ours
    assert ours <= shipped


def test_a_third_partys_backend_runs(installed: Path, empty: Path) -> None:
    words = ("backend=foo", "model=foo", "tasks=[leap,caesar]", "sandbox=local")
    run(installed / "llmbench", *words, cwd=empty)
    [summary] = empty.glob("outputs/quickstart/foo-foo-prompt-*/summary.json")
    assert json.loads(summary.read_text())["score"]["pass_at_1"] == 0.5


def test_a_third_partys_validator_runs(installed: Path, empty: Path) -> None:
    words = (
        "backend=foo",
        "model=foo",
        "validator=foo",
        f"dataset.path={EXAMPLE / 'tasks'}",
        "sandbox=local",
    )
    run(installed / "llmbench", *words, cwd=empty)
    [summary] = empty.glob("outputs/quickstart/foo-foo-prompt-*/summary.json")
    assert json.loads(summary.read_text())["score"]["pass_at_1"] == 1.0


def test_a_new_plugin_installs_and_is_found(installed: Path, empty: Path) -> None:
    run(installed / "llmbench", "new", "plugin", "fresh", cwd=empty)
    run(installed / "pip", "install", "--quiet", "./llmbench-fresh", cwd=empty)
    run(installed / "llmbench", "backend=fresh", "dry_run=true", cwd=empty)
