"""A task whose tests are shown: where they lie in the workspace, and how an agent runs them."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from llmbench.api import Files, Task
from llmbench.errors import DatasetError
from llmbench_plugins.datasets.shared import running_tests
from llmbench_plugins.shared.test_files import holds_tests

_RUN_TESTS = "run_tests"
_FOLDER = "tests"
"""Where tests lie that are run by a command of the task's own."""
_ANSWER = "llmbench_answer"
_HERE = Path(__file__).parent / "remote" / f"{_ANSWER}.py"


def with_tests_shown(task: Task, folder: Path) -> Task:
    """Return a task whose tests the model sees and may run.

    Raises:
        DatasetError: a test lies where the workspace has another file.
    """
    by_command = "command" in task.grading
    shown = _in_folder(task.tests) if by_command else dict(task.tests)
    if twice := sorted(path for path in shown if path in task.starter):
        raise DatasetError(
            f"{folder}: dataset.show_tests=true: tests/ and workspace/ both have {twice[0]}; rename one"
        )
    usual = _own_command(task) if by_command else _usual_command(task)
    commands = {_RUN_TESTS: usual, **task.commands} if usual else task.commands
    return replace(task, shown_tests=shown, commands=commands, digest="")


def _in_folder(tests: Files) -> dict[str, bytes]:
    """Return tests below a folder, with what some of them import to run the answer as a program."""
    shown = {f"{_FOLDER}/{path}": content for path, content in tests.items()}
    if any(_ANSWER.encode() in content for content in tests.values()):
        shown[f"{_FOLDER}/{_HERE.name}"] = _HERE.read_bytes()
    return shown


def _own_command(task: Task) -> running_tests.Command | None:
    """Return what does over the workspace what the task's command does in grading, where that is known."""
    command = task.grading["command"]
    return running_tests.unittest_below(_FOLDER) if _RUN_TESTS in command else None


def _usual_command(task: Task) -> running_tests.Command | None:
    given: Mapping[str, object] = task.grading
    patterns, flags = given.get("test_files") or (), given.get("flags") or ()
    if not isinstance(patterns, list | tuple) or not isinstance(flags, list | tuple):
        return None  # the validator says what is wrong with them
    tests = {path: text for path, text in task.tests.items() if holds_tests(path, task.language, patterns)}
    support = {path: text for path, text in task.tests.items() if path not in tests}
    return running_tests.usual(task.language, tests=tests, support=support, flags=flags) if tests else None
