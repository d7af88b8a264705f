"""Boxes for validators and agents: opened by the toolchain's name, with the run's limits, closed for sure."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from llmbench.api import Box, Limits, Sandbox, Toolchain
from llmbench.registry import load


class SandboxBoxes:
    """Implements ``api.Boxes`` over one sandbox."""

    def __init__(self, sandbox: Sandbox, limits: Limits) -> None:
        self._sandbox = sandbox
        self._limits = limits

    @asynccontextmanager
    async def open(self, toolchain: str, limits: Limits | None = None) -> AsyncIterator[Box]:
        """Open a fresh box for the body of an ``async with``."""
        box = await self._sandbox.open(toolchain_named(toolchain), limits or self._limits)
        try:
            yield box
        finally:
            await box.close()


def toolchain_named(name: str) -> Toolchain:
    """Return the toolchain of that name.

    Raises:
        UnknownPluginError: none is installed.
    """
    toolchain: Toolchain = load("toolchain", name)
    return toolchain
