"""Sandbox ``local``: plain processes of this host in a temporary folder. It isolates nothing."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from llmbench.api import (
    Box,
    Context,
    Leftover,
    Limits,
    NoOptions,
    Sandbox,
    Toolchain,
    closing,
)
from llmbench.api.toolchain import LIBRARIES
from llmbench.errors import PrerequisiteError, SandboxError
from llmbench_plugins.sandboxes.shared.folders import left_folders, new_folder
from llmbench_plugins.sandboxes.shared.leftovers import marked_by_environment
from llmbench_plugins.sandboxes.shared.local_box import MARK, LocalBox
from llmbench_plugins.sandboxes.shared.trial import TRIAL, try_programs


class Local(Sandbox):
    """Makes boxes that protect against accidents only: for code that is trusted."""

    Options = NoOptions
    isolates = False

    def __init__(self, options: Any, context: Context) -> None:
        super().__init__(options, context)
        self._boxes: set[LocalBox] = set()
        self._tried: dict[str, str] = {}

    async def missing(self, toolchain: Toolchain) -> str:
        """Return which program of the toolchain does not run on this host."""
        if toolchain.packages is not None:
            # They belong to one task, and plain processes see the host as it is.
            return f"packages of tasks ({', '.join(toolchain.packages.names)}) need docker or bubblewrap"
        place = Path(LIBRARIES, toolchain.name)
        if toolchain.install and not place.is_dir():
            # Plain processes see the host as it is, and only root could put something there.
            return f"the libraries of toolchain {toolchain.name} must be in {place}; use docker or bubblewrap"
        if toolchain.name not in self._tried:
            async with closing(await self.open(toolchain, TRIAL)) as box:
                self._tried[toolchain.name] = await try_programs(box, toolchain)
        return self._tried[toolchain.name]

    async def prepare(self, toolchain: Toolchain) -> None:
        """Check that the host has the programs; there is nothing to make.

        Raises:
            PrerequisiteError: one is missing.
        """
        if reason := await self.missing(toolchain):
            raise PrerequisiteError(f"sandbox=local: {reason}")

    async def open(self, toolchain: Toolchain, limits: Limits) -> Box:
        """Open a fresh box."""
        try:
            box = LocalBox(new_folder(self.context.label), toolchain, limits, self.context.label)
        except OSError as error:
            raise SandboxError(f"can't make a temporary folder for a box: {error}") from error
        self._boxes.add(box)
        box.on_close = self._boxes.discard
        return box

    async def close(self) -> None:
        """Close all boxes."""
        for box in tuple(self._boxes):
            await box.close()

    async def leftovers(self) -> Sequence[Leftover]:
        """Return the processes and folders of boxes, processes first."""
        processes = await asyncio.to_thread(marked_by_environment, MARK)
        return [*processes, *await asyncio.to_thread(left_folders)]
