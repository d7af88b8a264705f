"""From a task that is graded by tests in its own language to a suite of the engine."""

import re
from collections.abc import Mapping
from fnmatch import fnmatchcase

from llmbench.api import Limits, Task
from llmbench.errors import DatasetError
from llmbench_plugins.validators.command.grading import NativeGrading
from llmbench_plugins.validators.native import Suite

_USUAL: Mapping[str, str] = {
    "cpp": r"(.*/)?(test_[^/]*|[^/]*_test)\.cpp|tests/.*\.cpp",
    "go": r".*_test\.go",
    "html": r".*\.(test|spec)\.[cm]?js",
    "java": r".*Test\.java",
    "javascript": r".*\.(test|spec)\.[cm]?js",
    "python": r"(.*/)?(test_[^/]*|[^/]*_test)\.py",
    "rust": r"tests/[^/]+(/main)?\.rs",
}
"""Paths, once laid over the workspace, of files that hold tests; all others are what tests need."""
_PROCESSES = 256
_DISK_MB = 1024


def suite_of(task: Task, grading: NativeGrading, timeout_s: float) -> Suite:
    """Return the task's tests, laid over its workspace.

    Raises:
        DatasetError: no file holds tests.
    """
    tests = {path: content for path, content in task.tests.items() if _holds_tests(path, task, grading)}
    if not tests:
        raise DatasetError(
            f"{task.id}: no file below tests/ has a name that tests of {task.language} usually have; name "
            "those that hold tests: grading.test_files in metadata.json"
        )
    return Suite(
        task_id=task.id,
        language=task.language,
        tree=task.starter,
        tests=tests,
        reference=task.reference,
        support={path: content for path, content in task.tests.items() if path not in tests},
        flags=grading.flags,
        timeout_s=timeout_s,
        limits=Limits(wall_s=timeout_s, memory_mb=grading.memory_mb, processes=_PROCESSES, disk_mb=_DISK_MB),
    )


def _holds_tests(path: str, task: Task, grading: NativeGrading) -> bool:
    if grading.test_files:
        return any(fnmatchcase(path, pattern) for pattern in grading.test_files)
    return re.fullmatch(_USUAL.get(task.language, "(?!)"), path) is not None
