"""From a task that is graded by tests in its own language to a suite of the engine."""

from llmbench.api import Limits, Task
from llmbench.errors import DatasetError
from llmbench_plugins.shared.test_files import holds_tests
from llmbench_plugins.validators.command.grading import NativeGrading
from llmbench_plugins.validators.native import Suite

_PROCESSES = 256
_DISK_MB = 1024


def suite_of(task: Task, grading: NativeGrading, timeout_s: float) -> Suite:
    """Return the task's tests, laid over its workspace.

    Raises:
        DatasetError: no file holds tests.
    """
    tests = {
        path: content
        for path, content in task.tests.items()
        if holds_tests(path, task.language, grading.test_files)
    }
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
        packages=task.packages.name if task.packages else "",
        flags=grading.flags,
        timeout_s=timeout_s,
        limits=Limits(wall_s=timeout_s, memory_mb=grading.memory_mb, processes=_PROCESSES, disk_mb=_DISK_MB),
    )
