"""Tests of the catalog that are shown: an agent runs them in every language, and grading is as it was."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from llmbench.api import Context, Files, Limits, Outcome, Ran, Sandbox, Task, closing
from llmbench.commands.new import main as new
from llmbench.registry import load
from llmbench.testing.validator import OpenBoxes
from llmbench_plugins.datasets.catalog import Catalog, Options, Quickstart
from llmbench_plugins.validators.command import Command

LANGUAGES = ("python", "javascript", "go", "rust", "java", "cpp")
PLAIN = b"""\
from made import made
import helper


def test_one():
    assert made(4) == helper.expected


class TestMore:
    def test_two(self):
        assert made(5) == 15
"""


def tasks(path: Path | None, kind: type[Catalog] = Catalog, **options: bool) -> dict[str, Task]:
    context = Context(work_dir=Path("unused"), cache_dir=Path("unused"))
    chosen = Options(path=None if path is None else str(path), **options)
    return {task.id: task for task in kind(chosen, context).tasks()}


async def _run(task: Task, files: Files, sandbox: Sandbox) -> tuple[Ran, Files]:
    limits = Limits(wall_s=180, processes=512, memory_mb=2048, disk_mb=1024)
    async with closing(await sandbox.open(load("toolchain", task.toolchain), limits)) as box:
        await box.put(files)
        return await box.run(task.commands["run_tests"]), await box.get()


def ran(task: Task, files: Files, sandbox: Sandbox) -> Ran:
    """Run the tests as an agent does; what is built is no part of the workspace."""
    given = {**task.workspace, **files}
    result, after = asyncio.run(_run(task, given, sandbox))
    built = [path for path in after if path not in given and "__pycache__" not in path]
    assert built in ([], ["Cargo.lock"])
    return result


@pytest.fixture
def scaffold(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Task]:
    monkeypatch.chdir(tmp_path)

    def make(language: str) -> Task:
        new(["task", "made", "--language", language])
        return tasks(tmp_path / "tasks", show_tests=True)["made"]

    return make


@pytest.mark.slow
@pytest.mark.parametrize("language", LANGUAGES)
def test_an_agent_runs_them_in_every_language(
    language: str, scaffold: Callable[[str], Task], opened: Callable[[str], Sandbox]
) -> None:
    task = scaffold(language)
    sandbox = opened(task.toolchain)
    passed = ran(task, task.reference, sandbox)
    assert passed.exit_code == 0, (passed.stdout + passed.stderr).decode()
    failed = ran(task, {}, sandbox)
    assert failed.exit_code not in (0, 127)
    assert failed.stopped is None


def test_plain_functions_of_python_run_without_pytest(
    scaffold: Callable[[str], Task], opened: Callable[[str], Sandbox], tmp_path: Path
) -> None:
    scaffold("python")
    folder = tmp_path / "tasks/made"
    for path in (folder / "tests").iterdir():
        path.unlink()
    (folder / "tests/deep").mkdir()
    (folder / "tests/deep/test_made.py").write_bytes(PLAIN)
    (folder / "tests/deep/helper.py").write_bytes(b"expected = 10\n")
    task = tasks(tmp_path / "tasks", show_tests=True)["made"]
    answer = b"def made(n):\n    return n * (n + 1) // 2\n"
    sandbox = opened("python")
    passed = ran(task, {"made.py": answer}, sandbox)
    assert passed.exit_code == 0
    assert b"Ran 2 tests" in passed.stderr
    assert ran(task, {"made.py": answer + b"made = abs\n"}, sandbox).exit_code == 1


def test_those_of_a_tasks_own_command_run_over_the_workspace(opened: Callable[[str], Sandbox]) -> None:
    task = tasks(None, Quickstart, show_tests=True)["python/leap"]
    assert list(task.shown_tests) == ["tests/test_leap.py"]
    sandbox = opened("python")
    assert ran(task, task.reference, sandbox).exit_code == 0
    assert ran(task, {}, sandbox).exit_code == 1


def test_programs_run_in_the_workspace(tmp_path: Path, opened: Callable[[str], Sandbox]) -> None:
    test = (
        b"import unittest\nfrom llmbench_answer import run\n\n\nclass T(unittest.TestCase):\n"
        b"    def test_it(self):\n        done = run(['python3', 'leap.py'], stdin='x', timeout_s=5)\n"
        b"        self.assertEqual((done.exit_code, done.stdout), (3, 'said x'))\n"
        b"        with self.assertRaises(TimeoutError):\n"
        b"            run(['python3', '-c', 'input(); import time; time.sleep(9)'], 'y\\n', timeout_s=0.1)\n"
    )
    folder = tmp_path / "leap"
    for path, content in {
        "instructions.md": b"Do.",
        "workspace/leap.py": b"",
        "tests/test_it.py": test,
        "solution/leap.py": b"print('said', input(), end='')\nraise SystemExit(3)\n",
        "metadata.json": b'{"schema": "llmbench.task/1", "title": "t", "language": "python", '
        b'"toolchain": "python", "editable": ["leap.py"], '
        b'"grading": {"command": ["python3", "-m", "run_tests"], "tests": 1}}',
    }.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)
    task = tasks(tmp_path, show_tests=True)["leap"]
    passed = ran(task, task.reference, opened("python"))
    assert passed.exit_code == 0, passed.stderr.decode()
    assert ran(task, {}, opened("python")).exit_code == 1


@pytest.mark.parametrize(("kind", "name"), [(Quickstart, "python/leap"), (Catalog, "python/interval_map")])
def test_grading_is_the_same_and_the_answer_finds_no_test(
    kind: type[Catalog], name: str, opened: Callable[[str], Sandbox], tmp_path: Path
) -> None:
    task = tasks(None, kind, show_tests=True)[name]
    hidden = tasks(None, kind)[name]
    assert (task.starter, task.tests, task.grading) == (hidden.starter, hidden.tests, hidden.grading)
    boxes = OpenBoxes(opened("python"), [load("toolchain", "python")])
    validator = Command(Command.Options(), Context(work_dir=tmp_path, cache_dir=tmp_path))
    main, content = next(iter(task.reference.items()))
    looks = (
        b"import os\nfound = [f for _, _, fs in os.walk('.') for f in fs if f.startswith('test')]\n"
        b"if found: raise SystemExit(9)\n"
    )
    answer = {**task.reference, main: looks + content}
    verdict = asyncio.run(validator.grade(task, answer, boxes))
    assert verdict.outcome is Outcome.PASSED, verdict.reason
    assert asyncio.run(validator.grade(task, {}, boxes)).outcome is Outcome.FAILED
