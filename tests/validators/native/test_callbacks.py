"""JavaScript's tests and answers call each other as in one process, however many calls are under way."""

import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from llmbench.api import Outcome
from llmbench_plugins.validators.native import Suite

from .tasks import ROOT, Grade, files

FOLDER = ROOT / "callbacks"
TESTS = 22
SUITE = Suite(
    task_id="javascript/callbacks",
    language="javascript",
    tree={},
    tests=files(FOLDER / "tests"),
    reference=files(FOLDER / "reference"),
    timeout_s=30,
)


def test_calls_that_are_under_way_together_do_not_wait_for_each_other(grade: Grade) -> None:
    verdict = grade(SUITE, SUITE.reference)
    assert verdict.outcome is Outcome.PASSED, verdict
    assert verdict.tests_passed == TESTS


@pytest.mark.skipif(shutil.which("node") is None, reason="no Node.js")
def test_one_process_passes_the_same_tests(tmp_path: Path) -> None:
    for folder in ("tests", "reference"):
        shutil.copytree(FOLDER / folder, tmp_path, dirs_exist_ok=True)
    command = ["node", "--test", "--test-reporter=tap", "test/starting.test.mjs"]
    ran = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False)
    assert ran.returncode == 0, ran.stdout
    assert f"# pass {TESTS}" in ran.stdout


@pytest.mark.parametrize(
    ("old", "new", "failed"),
    [
        ("splice(0)", "splice(0, 5)", "tasks wait until the test has pushed all of them"),
        ("reject(error);", "reject(new Error(error.message));", "an error of a task comes back as the same"),
        ("queueMicrotask(run)", "run()", "microtask: tasks run after what the test does now, in order"),
        ("this.#last = made", "made", "a queue of one takes five tasks at once"),
    ],
)
def test_an_answer_that_calls_otherwise_fails(old: str, new: str, failed: str, grade: Grade) -> None:
    source = SUITE.reference["starting.mjs"].decode()
    assert source.count(old) == 1
    verdict = grade(SUITE, {"starting.mjs": source.replace(old, new).encode()})
    assert verdict.outcome is Outcome.FAILED, verdict
    assert failed in verdict.failed_tests


def test_an_answer_whose_microtasks_never_end_is_a_timeout(grade: Grade) -> None:
    test = b"import { begin } from '../starting.mjs';\ntest('begins', async () => { begin(); });\n"
    harmless = {"starting.mjs": b"export const begin = () => {};\n"}
    endless = {"starting.mjs": b"export const begin = () => queueMicrotask(begin);\n"}
    suite = replace(SUITE, timeout_s=4, tests={"test/begin.test.mjs": test}, reference=harmless)
    assert grade(suite, harmless).outcome is Outcome.PASSED
    assert grade(suite, endless).outcome is Outcome.TIMEOUT
