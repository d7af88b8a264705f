"""Boxes with a task's packages, for runners that know the toolchain by its own name alone."""

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager

from llmbench.api import Box, Boxes, Limits, PythonProgram, Service, Task


def with_packages(boxes: Boxes, task: Task) -> Boxes:
    """Return boxes in which the task's toolchain has its packages, by whichever name it is asked for."""
    return boxes if task.packages is None else _Packaged(boxes, task.packages.toolchain, task.toolchain)


def named_for(task: Task, wanted: Sequence[str]) -> tuple[str, ...]:
    """Return the toolchains that a task needs in whose place those with its packages are taken."""
    plain = task.packages.toolchain if task.packages else ""
    return tuple(dict.fromkeys([*(name for name in wanted if name != plain), task.toolchain]))


class _Packaged:
    """Implements ``api.Boxes`` over others."""

    def __init__(self, boxes: Boxes, plain: str, packaged: str) -> None:
        self._boxes = boxes
        self._names = {plain: packaged}

    def open(self, toolchain: str, limits: Limits | None = None) -> AbstractAsyncContextManager[Box]:
        """Open a fresh box."""
        return self._boxes.open(self._names.get(toolchain, toolchain), limits)

    def serve(
        self, toolchain: str, program: PythonProgram, limits: Limits | None = None
    ) -> AbstractAsyncContextManager[Service]:
        """Run a program as the only one in a fresh box."""
        return self._boxes.serve(self._names.get(toolchain, toolchain), program, limits)
