"""Inputs of EvalPlus' problems: JSON in the release files, packed one by one for the box.

JSON has no tuples, sets or complex numbers, so the release of MBPP+ leaves them to its reader: ``forms`` say
what each argument becomes. A form is read from its left, the outermost type first.
"""

import json
import marshal
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from llmbench.api import Task, option
from llmbench.api.options import from_mapping

FILE = "inputs.json"
"""The name in ``Task.tests`` of a problem's inputs."""
_PACKED = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Grading:
    """``grading`` of a task of HumanEval+ or MBPP+."""

    suite: Literal["humaneval", "mbpp"]
    entry_point: Annotated[str, option(pattern=r"^[^\W\d]\w*$")]
    atol: float
    """Absolute tolerance for floats; with 0, only floats that equal pass, until a float is expected."""
    base: Annotated[int, option(ge=1, help="how many of the inputs are the original ones")]
    forms: tuple[str, ...] = ()
    """One an argument; the last serves all further ones."""
    known_as: str = ""
    """The name by which the rules know a problem whose entry point has been renamed."""

    @property
    def rules(self) -> str:
        """The name by which the rules know the problem."""
        return self.known_as or self.entry_point


@dataclass(frozen=True, slots=True)
class Problem:
    """A task as its grader sees it."""

    task: Task
    grading: Grading
    inputs: tuple[bytes, ...]
    """Packed arguments, one an item: what is unpacked is always fresh."""

    @property
    def source(self) -> str:
        """The reference."""
        return self.task.reference["solution.py"].decode()

    def arguments(self, case: int) -> list[Any]:
        """Return the arguments of a case."""
        found: list[Any] = marshal.loads(self.inputs[case])  # noqa: S302 - packed by this process
        return found


def read_problem(task: Task) -> Problem:
    """Return what a task's grader needs.

    Raises:
        UsageError: the task is of another dataset.
    """
    grading = from_mapping(Grading, task.grading, f"{task.id}: grading")
    rows = json.loads(task.tests[FILE])
    return Problem(task, grading, tuple(marshal.dumps(formed(row, grading.forms), _PACKED) for row in rows))


def formed(row: Sequence[Any], forms: Sequence[str]) -> list[Any]:
    """Return arguments in the types that the problem speaks of."""
    if not forms:
        return list(row)
    last = len(forms) - 1
    return [_formed(value, forms[min(place, last)]) for place, value in enumerate(row)]


def _formed(value: Any, form: str) -> Any:
    if not form:
        return value
    kind, rest = form[0], form[1:]
    if kind == "T":  # tuples all the way down
        return tuple(_formed(item, form) for item in value) if isinstance(value, list) else value
    if kind == "u":  # a tuple where it is a list
        return tuple(value) if isinstance(value, list) else value
    if kind == "e":  # a set, and a dict where it is empty
        return set(value) if isinstance(value, list) and value else {}
    if kind == "d":
        return {key: _formed(item, rest) for key, item in value.items()}
    if kind in "fc":
        return (float if kind == "f" else complex)(value)
    items = [_formed(item, rest) for item in value]
    return tuple(items) if kind == "t" else items
