"""Tasks that are no exercises of Exercism: several files of tests and of a solution, helpers, data.

Each is a folder of ``tests/data/native``, with what an answer is laid over, the tests, what these need, a
reference, and files that make of it a wrong answer.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from llmbench.api import Files, Verdict
from llmbench_plugins.validators.native import Suite

Grade = Callable[[Suite, Files], Verdict]

ROOT = Path(__file__).parents[2] / "data" / "native"


def files(folder: Path) -> dict[str, bytes]:
    found = sorted(path for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in found}


@dataclass(frozen=True)
class Example:
    """A suite, and an answer that is wrong in one test."""

    suite: Suite
    wrong: dict[str, bytes]
    passed: int
    """How many tests the reference passes."""
    failed: str
    """What is said of the wrong answer."""


def _example(language: str, *, passed: int, failed: str, flags: tuple[str, ...] = ()) -> Example:
    folder = ROOT / language
    suite = Suite(
        task_id=f"{language}/own",
        language=language,
        tree=files(folder / "tree"),
        tests=files(folder / "tests"),
        support=files(folder / "support"),
        reference=files(folder / "reference"),
        flags=flags,
    )
    return Example(suite, files(folder / "wrong"), passed, failed)


PYTHON = _example("python", passed=4, failed="test_clock.test_hours_count: AssertionError")
JAVASCRIPT = _example("javascript", passed=7, failed="the limit: expect(received).toBe(expected)")
HTML = _example("html", passed=8, failed="the page's script failed: RangeError: never mind")
GO = _example("go", passed=3, failed="internal/clock/TestTicks")
RUST = _example("rust", passed=3, failed="chunks::in_pairs")
CPP = _example("cpp", passed=2, failed="a sum", flags=("-std=c++17", "-Wall", "-Werror", "-Iinclude"))
JAVA = _example("java", passed=3, failed="expected: null")
EXAMPLES = {each.suite.language: each for each in (PYTHON, JAVASCRIPT, HTML, GO, RUST, CPP, JAVA)}
