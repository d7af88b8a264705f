"""Boxes for validators and agents: opened by the toolchain's name, with the run's limits, closed for sure."""

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager

from llmbench.api import Box, Limits, PythonProgram, Sandbox, Service, Task
from llmbench.runner.toolchains import packages_of, toolchain_named


class SandboxBoxes:
    """Implements ``api.Boxes`` over one sandbox, with the packages that ``tasks`` name."""

    def __init__(self, sandbox: Sandbox, limits: Limits, tasks: Iterable[Task]) -> None:
        self._sandbox = sandbox
        self._limits = limits
        self._packages = packages_of(tasks)

    @asynccontextmanager
    async def open(self, toolchain: str, limits: Limits | None = None) -> AsyncIterator[Box]:
        """Open a fresh box for the body of an ``async with``."""
        box = await self._sandbox.open(toolchain_named(toolchain, self._packages), limits or self._limits)
        try:
            yield box
        finally:
            await box.close()

    @asynccontextmanager
    async def serve(
        self, toolchain: str, program: PythonProgram, limits: Limits | None = None
    ) -> AsyncIterator[Service]:
        """Run a program as the only one in a fresh box for the body of an ``async with``."""
        found = toolchain_named(toolchain, self._packages)
        service = await self._sandbox.serve(found, limits or self._limits, program)
        try:
            yield service
        finally:
            await service.close()
