"""From a task that is graded by tests in its own language to a suite: which files hold tests."""

from typing import Any

import pytest

from llmbench.api import Task
from llmbench.errors import DatasetError, UsageError
from llmbench_plugins.validators.command.grading import Grading, NativeGrading, grading_of
from llmbench_plugins.validators.command.layout import suite_of

CASES = {
    "python": (
        ("test_a.py", "deep/test_b.py", "c_test.py"),
        ("helper.py", "attest_a.py", "test_a.json", "test_/data.py"),
    ),
    "javascript": (
        ("a.test.js", "deep/b.test.mjs", "c.spec.js", "d.spec.cjs"),
        ("test.js", "a.test.json", "helper.mjs"),
    ),
    "html": (("a.test.js", "deep/b.spec.mjs"), ("index.html", "helper.js", "a.test.html")),
    "go": (("a_test.go", "internal/b/b_test.go"), ("helper.go", "testdata/a_test.txt")),
    "rust": (("tests/a.rs", "tests/b/main.rs"), ("tests/common/mod.rs", "src/a.rs", "tests/a.txt")),
    "cpp": (
        ("a_test.cpp", "test_b.cpp", "tests/c.cpp", "tests/deep/d.cpp"),
        ("a.cpp", "tests/h.hpp"),
    ),
    "java": (("src/test/java/ATest.java",), ("src/test/java/TestData.java", "src/test/resources/a.txt")),
}


def task(language: str, paths: tuple[str, ...], **grading: Any) -> Task:
    return Task(
        id=f"{language}/x",
        instructions="",
        starter={"start": b"s"},
        editable=("start",),
        language=language,
        toolchain=language,
        grading={"tests": 1, **grading},
        tests={path: path.encode() for path in paths},
        reference={"start": b"r"},
    )


def native(asked: Task) -> NativeGrading:
    grading = grading_of(asked)
    assert isinstance(grading, NativeGrading)
    return grading


@pytest.mark.parametrize("language", CASES)
def test_tests_are_told_from_what_they_need_by_the_usual_names(language: str) -> None:
    tests, support = CASES[language]
    asked = task(language, (*tests, *support))
    suite = suite_of(asked, native(asked), 30.0)
    assert set(suite.tests) == set(tests)
    assert set(suite.support) == set(support)
    assert (suite.tree, suite.reference) == ({"start": b"s"}, {"start": b"r"})


def test_a_task_may_name_its_files_of_tests_and_its_flags() -> None:
    asked = task(
        "cpp", ("checks/a.cpp", "tests/b.cpp"), test_files=["checks/*"], flags=["-O2"], memory_mb=512
    )
    suite = suite_of(asked, native(asked), 7.0)
    assert (list(suite.tests), list(suite.support)) == (["checks/a.cpp"], ["tests/b.cpp"])
    assert (suite.flags, suite.timeout_s, suite.limits.memory_mb) == (("-O2",), 7.0, 512)


def test_without_a_file_of_tests_there_is_no_suite() -> None:
    asked = task("go", ("tests.go",))
    with pytest.raises(DatasetError, match=r"^go/x: no file below tests/ .* grading\.test_files"):
        suite_of(asked, native(asked), 7.0)


def test_a_command_makes_the_difference() -> None:
    asked = task("python", ("test_a.py",), command=["python3", "-m", "run_tests"])
    assert isinstance(grading_of(asked), Grading)
    with pytest.raises(UsageError, match=r"python/x: grading\.flags: unknown option"):
        grading_of(task("python", ("test_a.py",), command=["x"], flags=["-O2"]))
