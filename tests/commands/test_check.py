"""check tasks, on first versions of tasks in every language: what is fair, and what is not and why."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from llmbench.api import Sandbox
from llmbench.commands.task_languages import TASK_LANGUAGES


@pytest.fixture
def sandbox(isolating_sandbox: Sandbox) -> str:
    """The override that chooses this machine's sandbox."""
    return f"sandbox={type(isolating_sandbox).__name__.lower()}"


@pytest.fixture
def task(run: Any, here: Path) -> Path:
    """A task in Python with a wrong solution, to be spoilt."""
    assert run("new", "task", "python/total").exit_code == 0
    return here / "tasks/python/total"


def checked(run: Any, *words: str) -> tuple[int, list[dict[str, Any]]]:
    ran = run("check", "tasks", *words, "--json")
    return ran.exit_code, json.loads(ran.stdout)


@pytest.mark.slow
@pytest.mark.parametrize("language", TASK_LANGUAGES)
def test_a_new_task_is_fair_solved_by_its_reference_and_not_by_nothing(
    run: Any, here: Path, sandbox: str, language: str
) -> None:
    ran = run("new", "task", f"{language}/my_sum", "--language", language)
    assert ran.exit_code == 0, ran.stderr
    checking = run("check", "tasks", f"tasks/{language}/my_sum", sandbox, "--once", "--json")
    if checking.exit_code == 2:
        pytest.skip(checking.stderr)  # its toolchain is missing
    (found,) = json.loads(checking.stdout)
    assert found["problems"] == []
    assert (found["reference"], found["starter"], found["tests"]) == ("passed", "failed", 2)
    (wrong,) = found["wrong"]
    assert (wrong["name"], wrong["outcome"], len(wrong["failed_tests"])) == ("careless", "failed", 1)
    for agent, solved in (("oracle", 1.0), ("nop", 0.0)):
        ran = run(f"agent={agent}", "dataset=catalog", "dataset.path=tasks", sandbox)
        assert ran.exit_code == 0, ran.stderr
        (summary,) = here.glob(f"outputs/catalog/*-{agent}-*/summary.json")
        assert json.loads(summary.read_text())["score"]["pass_at_1"] == solved


def test_a_wrong_solution_that_passes_is_named(run: Any, task: Path, sandbox: str) -> None:
    test = task / "tests/test_total.py"
    test.write_text(test.read_text().replace("        self.assertEqual(total(-3), 0)\n", ""))
    code, (found,) = checked(run, "tasks", sandbox)
    assert code == 1
    assert found["problem"] == "wrong/careless passes, though test_nothing_to_add should fail"
    assert (found["reference"], found["starter"]) == ("passed", "failed")


def test_a_wrong_solution_has_to_fail_in_each_test_that_is_named(run: Any, task: Path, sandbox: str) -> None:
    about = task / "wrong/careless/about.json"
    about.write_text(json.dumps({"why": "x", "fails": ["test_sum", "TotalTest.test_nothing_to_add"]}))
    code, (found,) = checked(run, "tasks", sandbox)
    assert code == 1
    assert re.fullmatch(
        r"wrong/careless is not caught by test_sum; those that fail: \S*\.test_nothing_to_add",
        found["problem"],
    )


def test_a_wrong_solution_that_cannot_be_loaded_shows_nothing(run: Any, task: Path, sandbox: str) -> None:
    (task / "wrong/careless/total.py").write_text("def total(:\n")
    code, (found,) = checked(run, "tasks", sandbox, "--once")
    assert code == 1
    assert found["problem"].startswith("wrong/careless fails before any test has run: ")


def test_twins_are_proven_as_originals_are(run: Any, task: Path, sandbox: str) -> None:
    folder = str(task.parent.parent)
    code, (found,) = checked(run, folder, sandbox, "dataset=catalog", "dataset.twin=1", "--once")
    assert (code, found["problems"]) == (0, [])
    assert (found["reference"], found["starter"]) == ("passed", "failed")
    assert [each["outcome"] for each in found["wrong"]] == ["failed"]
    listed = json.loads(run("list", "tasks", folder, "dataset=catalog", "dataset.twin=1", "--json").stdout)
    assert re.fullmatch(r"\w+ → \w+", listed[0]["renamed"])


def test_the_tests_have_to_agree_with_their_count(run: Any, task: Path, sandbox: str) -> None:
    metadata = task / "metadata.json"
    metadata.write_text(metadata.read_text().replace('"tests": 2', '"tests": 3'))
    code, (found,) = checked(run, "tasks", sandbox, "--once")
    assert code == 1
    assert found["reference"] == "infra_error"
    assert found["problem"] == (
        "the reference passes 2 tests on this machine, but metadata.json says grading.tests: 3"
    )


def test_a_reference_that_needs_most_of_its_time_is_a_problem(run: Any, task: Path, sandbox: str) -> None:
    solution, metadata = task / "solution/total.py", task / "metadata.json"
    solution.write_text(f"import time\n\ntime.sleep(2.5)\n\n\n{solution.read_text()}")
    metadata.write_text(metadata.read_text().replace('"timeout_s": 60', '"timeout_s": 4.5'))
    code, (found,) = checked(run, "tasks", sandbox, "--once")
    assert code == 1
    assert re.fullmatch(
        r"the reference takes \d\.\d s, more than half of the 4\.5 s that answers have", found["problem"]
    )


def test_the_table_fits_a_terminal_and_problems_stand_below(
    run: Any, task: Path, sandbox: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    (task / "wrong/careless/total.py").write_text((task / "solution/total.py").read_text() + "\n")
    ran = run("check", "tasks", "tasks", sandbox, "--once")
    assert ran.exit_code == 1
    assert max(map(len, ran.stdout.splitlines())) <= 80
    assert "0 of 1" in ran.stdout
    assert "python/total: wrong/careless passes, though" in ran.stdout
    assert ran.stdout.endswith("1 task, 1 problem\n")


def test_a_task_without_its_toolchain_is_skipped_with_the_reason(run: Any, here: Path, foo: Path) -> None:
    # The local sandbox can't show a toolchain's libraries on any machine, so Rust is always missing in it.
    for name, language in (("mine", "python"), ("rusty", "rust")):
        assert run("new", "task", name, "--language", language).exit_code == 0
    ran = run("check", "tasks", "tasks", "sandbox=local", "--once", "--json")
    assert ran.exit_code == 0, ran.stderr
    mine, rusty = json.loads(ran.stdout)
    assert (mine["reference"], mine["skipped"]) == ("passed", "")
    assert (rusty["reference"], rusty["problem"]) == ("skipped", "")
    assert rusty["skipped"].startswith("toolchain rust is missing: ")
    assert run("check", "tasks", "tasks", "sandbox=local", "--once").stdout.endswith(
        "2 tasks, no problems, 1 skipped\n"
    )


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ('"tests": 2', '"tests": 0', "total: grading.tests: expected an integer ≥ 1, got 0"),
        ('"timeout_s"', '"timeout"', "total: grading.timeout: unknown option; did you mean 'timeout_s'?"),
        ('"tests": 2, ', "", "total: grading: 'tests' is missing"),
        ('"tests": 2', '"tests": 2, "test_files": ["*.x"]', "name those that hold tests: grading.test_files"),
        (
            '"language": "python"',
            '"language": "cobol"',
            "has a name that tests of cobol usually have",
        ),
    ],
)
def test_wrong_grading_is_told_in_one_line(
    run: Any, task: Path, sandbox: str, old: str, new: str, complaint: str
) -> None:
    metadata = task / "metadata.json"
    assert old in metadata.read_text()
    metadata.write_text(metadata.read_text().replace(old, new))
    ran = run("check", "tasks", "tasks", sandbox)
    assert ran.exit_code in (1, 2)
    assert complaint in ran.stderr
    assert ran.stderr.count("\n") == 1
