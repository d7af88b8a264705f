"""Where an exercise of Exercism keeps what: from a task and its config.json to a suite of the engine."""

from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Annotated

from llmbench.api import Limits, Task, option
from llmbench.api.options import from_mapping
from llmbench_plugins.validators.exercism.unskip import Rules, unskipped
from llmbench_plugins.validators.native import Suite

_REFERENCE_ONLY = ".reference/"
"""Where ``tests`` of a task keeps files of the reference that an answer may not bring."""
_BESIDE_TESTS: Mapping[str, tuple[str, ...]] = {
    "cpp": ("test/*",),
    "go": ("*_test.go",),
    "java": ("src/test/*",),
    "javascript": ("*.spec.js", "*.test.js", "*.spec.mjs", "*.test.mjs", "__tests__/*", "__mocks__/*"),
    "python": ("*_test.py", "test_*.py", "*/test_*.py"),
    "rust": ("tests/*",),
}
"""Patterns of files that are the tests' as well, though no config.json lists them."""
_LEFT_OUT = ("test/tests-main.cpp",)
"""Catch2's main program, which the engine brings."""
# As the exercises' CMakeLists.txt has it. Debugging information changes nothing but the time it takes.
_FLAGS = ("-std=c++17", "-Wall", "-Wextra", "-Wpedantic", "-Werror", "-DEXERCISM_RUN_ALL_TESTS")


@dataclass(frozen=True, slots=True, kw_only=True)
class Grading:
    """``grading`` of a task: the files that config.json of the exercise lists."""

    solution: Annotated[tuple[str, ...], option(min_length=1)]
    tests: Annotated[tuple[str, ...], option(min_length=1)]


def grading_of(task: Task) -> Grading:
    """Return what the exercise's config.json lists."""
    return from_mapping(Grading, task.grading, f"{task.id}: grading")


def suite_of(task: Task, rules: Rules, timeout_s: float, limits: Limits) -> Suite:
    """Return the exercise as it was published, with its tests woken."""
    listed = grading_of(task).tests
    published = {**task.starter, **task.tests}
    kept = [path for path in published if not path.startswith(_REFERENCE_ONLY) and path not in _LEFT_OUT]
    patterns = _BESIDE_TESTS.get(task.language, ())
    beside = [p for p in kept if p not in listed and any(fnmatchcase(p, pattern) for pattern in patterns)]
    return Suite(
        task_id=task.id,
        language=task.language,
        tree={path: published[path] for path in kept if path not in listed and path not in beside},
        tests={path: unskipped(task.language, published[path], rules) for path in listed},
        reference=reference_of(task),
        support={path: published[path] for path in beside},
        flags=_FLAGS if task.language == "cpp" else (),
        # As Aider's harness does by a flag.
        ignored_too=True,
        timeout_s=timeout_s,
        limits=limits,
    )


def reference_of(task: Task) -> dict[str, bytes]:
    """Return the whole reference, with what answers may not bring."""
    alone = {
        path.removeprefix(_REFERENCE_ONLY): content
        for path, content in task.tests.items()
        if path.startswith(_REFERENCE_ONLY)
    }
    return {**task.reference, **alone}
