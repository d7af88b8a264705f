"""What the programs of a box share, whoever looks after them: limits, ears, and a way to answer."""

from __future__ import annotations

import json
import os
import selectors
import signal
from contextlib import suppress
from typing import Any

from .usage import Usage


class Box:
    """Where programs run, and how it is spoken of to llmbench."""

    def __init__(self, limits: dict[str, int], work: str, sized: tuple[str, ...]) -> None:
        self.work = work
        self.output = limits["output_bytes"]
        self.usage = Usage(limits, sized)
        self.selector = selectors.DefaultSelector()

    def say(self, number: int, answer: dict[str, Any]) -> None:
        """Send an answer, whole."""
        view = memoryview(json.dumps({"id": number, **answer}).encode() + b"\n")
        while view:
            view = view[os.write(1, view) :]

    def forget(self, descriptor: int) -> None:
        """Listen to a descriptor no more."""
        if descriptor in self.selector.get_map():
            self.selector.unregister(descriptor)

    def kill_all(self) -> None:
        """Kill every process but this one, in one sweep of the kernel that nothing can outrun."""
        with suppress(ProcessLookupError):
            os.kill(-1, signal.SIGKILL)
