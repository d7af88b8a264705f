"""The nurseries of a sandbox: one for each program, started when it is first wanted."""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable

from llmbench.api import PythonProgram, Toolchain
from llmbench.errors import SandboxError
from llmbench_plugins.sandboxes.bubblewrap.nursery import Nursery

Start = Callable[[Toolchain, PythonProgram], Awaitable[Nursery]]


class Nurseries:
    """Keeps them; a program that can't be kept warm here is not tried again."""

    def __init__(self, start: Start, warn: Callable[[str], None]) -> None:
        self._start = start
        self._warn = warn
        self._starts: dict[str, asyncio.Task[Nursery | None]] = {}

    async def get(self, toolchain: Toolchain, program: PythonProgram) -> Nursery | None:
        """Return the nursery of a program, or None where it can't be kept warm."""
        key = _key(toolchain, program)
        found = self._starts.get(key)
        if found is None or _is_over(found):
            found = self._starts[key] = asyncio.ensure_future(self._try(toolchain, program))
        # Others wait for the same one: that one of them gives up is not its end.
        return await asyncio.shield(found)

    async def close(self) -> None:
        """End all."""
        starts, self._starts = self._starts, {}
        for each in starts.values():
            if each.get_loop() is asyncio.get_running_loop() and (nursery := await each) is not None:
                await nursery.close()

    async def _try(self, toolchain: Toolchain, program: PythonProgram) -> Nursery | None:
        try:
            return await self._start(toolchain, program)
        except SandboxError as error:
            self._warn(f"sandbox=bubblewrap: {error}; it is started anew for each box, which takes longer")
            return None


def _is_over(start: "asyncio.Task[Nursery | None]") -> bool:
    if start.get_loop() is not asyncio.get_running_loop() or start.cancelled():
        return True
    if not start.done():
        return False
    nursery = start.result()
    return nursery is not None and not nursery.alive


def _key(toolchain: Toolchain, program: PythonProgram) -> str:
    digest = hashlib.sha256(repr((toolchain.id, program.module, program.interpreter)).encode())
    for name, content in sorted(program.files.items()):
        digest.update(f"{name}\0{len(content)}\0".encode() + content)
    return digest.hexdigest()
