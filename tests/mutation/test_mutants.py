"""The mutator as it is called: over a task whose tests notice some changes and not others."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from mutation.mutants import mutants_of

from llmbench_plugins.datasets.catalog.task import read_task

ROOT = Path(__file__).parents[2]
SOLUTION = '''"""Sums."""


def total(numbers):
    """Return the sum of the numbers above zero."""
    return sum(number for number in numbers if number > 0)
'''
TESTS = "from total import total\n\n\ndef test_total():\n    assert total([2, 1, -3]) == 3\n"
SURVIVES = {"file": "total.py", "line": "return sum(number for number in numbers if number > 0)"}
ZERO = {"change": "return sum(number for number in numbers if number >= 0)", "why": "zero adds nothing"}

pytestmark = pytest.mark.bubblewrap


@pytest.fixture
def task(tmp_path: Path) -> Path:
    folder = tmp_path / "total"
    for name, text in {
        "instructions.md": "Write total(numbers).\n",
        "metadata.json": json.dumps(
            {
                "schema": "llmbench.task/1",
                "title": "Total",
                "language": "python",
                "toolchain": "python",
                "editable": ["total.py"],
                "grading": {"tests": 1},
            }
        ),
        "workspace/total.py": "",
        "solution/total.py": SOLUTION,
        "tests/test_total.py": TESTS,
    }.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


def mutants(task: Path, *words: str) -> subprocess.CompletedProcess[str]:
    argv = [sys.executable, str(ROOT / "tools/mutants.py"), str(task), "sandbox=bubblewrap", *words]
    return subprocess.run(argv, capture_output=True, text=True, timeout=120)


def explain(task: Path, *explained: dict[str, str]) -> None:
    (task / "mutants.json").write_text(json.dumps(explained), encoding="utf-8")


def changed(text: str) -> dict[str, str]:
    return {**SURVIVES, "change": text, "why": "it is"}


def test_survivors_are_told_with_their_line_and_change(task: Path) -> None:
    ran = mutants(task)
    assert ran.returncode == 1, ran.stderr
    first, *survivors = ran.stdout.splitlines()
    assert first == (
        "total: 4 of 4 mutants tested, 3 killed, 1 survived, 0 of them explained; 0 did not compile"
    )
    assert survivors == [f"total.py:6: {SURVIVES['line']}  =>  {ZERO['change']}"]


def test_an_explained_survivor_is_no_problem(task: Path) -> None:
    explain(task, {**SURVIVES, **ZERO})
    ran = mutants(task)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "1 survived, 1 of them explained" in ran.stdout


def test_an_explanation_of_what_a_test_notices_or_of_nothing_is_told(task: Path) -> None:
    explain(task, {**SURVIVES, **ZERO}, changed("pass"), changed("return 7"))
    ran = mutants(task)
    assert ran.returncode == 1
    assert ran.stdout.splitlines()[1:] == [
        f"total.py:6: {SURVIVES['line']}  =>  pass: mutants.json has it, but a test fails",
        f"mutants.json: no mutant: total.py: {SURVIVES['line']}",
    ]


def test_explanations_are_no_part_of_the_task(task: Path) -> None:
    before = read_task(task, "total")
    explain(task, {**SURVIVES, **ZERO})
    after = read_task(task, "total")
    assert after == before
    assert after.digest == before.digest


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("{}", "mutants.json: expected a list"),
        ('[{"file": "total.py", "line": "", "change": ""}]', "why"),
    ],
)
def test_a_wrong_mutants_json_is_named(task: Path, content: str, expected: str) -> None:
    (task / "mutants.json").write_text(content, encoding="utf-8")
    ran = mutants(task)
    assert (ran.returncode, ran.stdout) == (2, "")
    assert expected in ran.stderr
    assert len(ran.stderr.splitlines()) == 1


def test_a_reference_that_does_not_pass_is_told(task: Path) -> None:
    (task / "solution/total.py").write_text("def total(numbers):\n    return 1 < 2\n", encoding="utf-8")
    ran = mutants(task)
    assert (ran.returncode, ran.stdout) == (2, "")
    assert ran.stderr.startswith("mutants: total: the reference does not pass")


def test_a_sample_is_as_great_as_was_asked_for(task: Path) -> None:
    assert mutants(task, "--max", "2").stdout.startswith("total: 2 of 4 mutants tested, ")


def test_a_seed_draws_the_same_mutants_again_and_another_one_others() -> None:
    reference = {"total.py": SOLUTION.encode(), "notes.txt": b"1 < 2"}
    draws = [mutants_of(reference, seed) for seed in (0, 0, 1)]
    assert draws[0] == draws[1] != draws[2]
    assert {mutant.key for mutant in draws[0]} == {mutant.key for mutant in draws[2]}
    assert {mutant.file for mutant in draws[0]} == {"total.py"}


@pytest.mark.parametrize(
    ("folder", "words", "expected"),
    [
        ("empty", (), "holds no task"),
        (".", (), "expected the folder of one task, got 2 tasks"),
        ("total", ("--max", "0"), "--max: expected a number from 1, got 0"),
        ("total", ("tsks=[x]",), "tsks"),
    ],
)
def test_what_is_no_task_and_no_sample_is_told_in_a_line(
    task: Path, tmp_path: Path, folder: str, words: tuple[str, ...], expected: str
) -> None:
    (tmp_path / "empty").mkdir()
    shutil.copytree(task, tmp_path / "other")
    ran = mutants(tmp_path / folder, *words)
    assert (ran.returncode, ran.stdout) == (2, "")
    assert expected in ran.stderr
    assert len(ran.stderr.splitlines()) == 1
