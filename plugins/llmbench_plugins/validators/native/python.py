"""Python: unittest in one box, the answer in another, and plain data between them."""

import functools
import re
from fnmatch import fnmatchcase

from llmbench.api import Boxes, Files, PythonProgram
from llmbench_plugins.validators.native.apart import report
from llmbench_plugins.validators.native.conversation import WarmSide, converse, warm_program
from llmbench_plugins.validators.native.runner import Job, Rules, TestRun

_OFTEN = (
    *("calendar", "collections", "dataclasses", "datetime", "decimal", "enum", "fractions", "functools"),
    *("itertools", "math", "operator", "re", "string", "typing"),
)
"""Modules that answers or tests import, and no exercise has the name of."""
_TESTS = ("*_test.py", "test_*.py", "*/test_*.py")


class Python:
    """The tests of Python's exercises, which are all of unittest."""

    version = 1

    def toolchains(self) -> tuple[str, ...]:
        """Return Python's."""
        return ("python",)

    def unskipped(self, path: str, content: bytes, rules: Rules) -> bytes:
        """Return a file without its ``@unittest.skip``; Aider wakes none."""
        if rules == "aider":
            return content
        return re.sub(rb"(?m)^[ \t]*@(?:unittest\.)?skip\b(?:\([^\n]*\))?[ \t]*\r?\n", b"", content)

    async def run(self, job: Job, boxes: Boxes) -> TestRun:
        """Run the tests with stand-ins for the answer's modules."""
        hidden = {path: content for path, content in job.tree.items() if _is_test(path, job)}
        shown = {path: content for path, content in job.files.items() if path not in hidden}
        tests = WarmSide(
            toolchain="python",
            files={**{p: c for p, c in shown.items() if not p.endswith(".py")}, **hidden},
            program=_program("exercism_tests", "run_tests", preload=(*_OFTEN, "unittest.mock")),
        )
        answer = WarmSide(toolchain="python", files=shown, program=_program("exercism_answer"))
        order = {"modules": _modules(shown), "tests": [_module(path) for path in job.tests]}
        return report(await converse(boxes, tests, answer, order, limits=job.limits, timeout_s=job.timeout_s))


@functools.cache
def _program(module: str, *beside: str, preload: tuple[str, ...] = _OFTEN) -> PythonProgram:
    return warm_program(module, "exercism_wire", "wire", *beside, preload=preload)


def _is_test(path: str, job: Job) -> bool:
    return path in job.tests or any(fnmatchcase(path, pattern) for pattern in _TESTS)


def _module(path: str) -> str:
    return path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def _modules(files: Files) -> list[str]:
    """Return the names under which the answer's files can be imported, packages included."""
    names: set[str] = set()
    for path in files:
        if re.fullmatch(r"[\w/]+\.py", path):
            parts = _module(path).split(".")
            names.update(".".join(parts[: end + 1]) for end in range(len(parts)))
    return sorted(names)


RUNNER = Python()
