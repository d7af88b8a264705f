"""Python: tests in one box, the answer in another, and plain data between them."""

import functools
import re
import sys
from collections.abc import Iterable
from pathlib import PurePosixPath

from llmbench.api import Boxes, PythonProgram
from llmbench_plugins.validators.native.apart import report
from llmbench_plugins.validators.native.conversation import WarmSide, converse, warm_program
from llmbench_plugins.validators.native.runner import TestRun
from llmbench_plugins.validators.native.suite import Job

_OFTEN = (
    *("calendar", "collections", "dataclasses", "datetime", "decimal", "enum", "fractions", "functools"),
    *("itertools", "math", "operator", "re", "string", "typing"),
)
"""Modules that answers or tests import, and no exercise has the name of."""


class Python:
    """Tests of unittest, and functions and classes that are named as tests."""

    version = 2

    def toolchains(self) -> tuple[str, ...]:
        """Return Python's."""
        return ("python",)

    async def run(self, job: Job, boxes: Boxes) -> TestRun:
        """Run the tests with stand-ins for the answer's modules."""
        suite, shown = job.suite, job.files
        tests = WarmSide(
            toolchain="python",
            files={**{p: c for p, c in shown.items() if not p.endswith(".py")}, **suite.hidden},
            program=_program("tests", (*_OFTEN, "unittest.mock")),
        )
        answer = WarmSide(toolchain="python", files=shown, program=_program("answer", _OFTEN))
        order = {"modules": _answered(job), "tests": list(suite.tests)}
        told = await converse(boxes, tests, answer, order, limits=suite.limits, timeout_s=suite.timeout_s)
        return report(told)


@functools.cache
def _program(module: str, preload: tuple[str, ...]) -> PythonProgram:
    return warm_program(module, preload=preload)


def _answered(job: Job) -> list[str]:
    """Return the names of modules for which tests get stand-ins.

    A file that only the answer brings takes no name from the tests' helpers or from the standard library.
    """
    given = _modules({**job.suite.tree, **job.suite.reference})
    # Helpers are imported from their own folder, too.
    helpers = {PurePosixPath(path).stem for path in job.suite.hidden}
    taken = _modules(job.suite.hidden) | helpers | sys.stdlib_module_names
    return sorted(given | {name for name in _modules(job.files) if name.partition(".")[0] not in taken})


def _modules(files: Iterable[str]) -> set[str]:
    """Return the names under which files can be imported, packages included."""
    names: set[str] = set()
    for path in files:
        if re.fullmatch(r"[\w/]+\.py", path):
            parts = path.removesuffix(".py").removesuffix("/__init__").split("/")
            names.update(".".join(parts[: end + 1]) for end in range(len(parts)))
    return names


RUNNER = Python()
