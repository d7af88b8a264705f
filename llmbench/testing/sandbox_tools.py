"""What the conformance suite of sandboxes is made with."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, Protocol, TypeVar

from llmbench.api import Box, Limits, Ran, Sandbox, Toolchain, closing

T = TypeVar("T")

LIMITS = Limits(wall_s=30.0, memory_mb=256, processes=48, disk_mb=48, output_bytes=200_000)


class Suite(Protocol):
    """A test class that knows how to make its sandbox."""

    toolchain: Toolchain

    def make_sandbox(self, tmp_path: Path) -> Sandbox:
        """Return a new sandbox."""
        ...


def with_sandbox(suite: Suite, tmp_path: Path, body: Callable[[Sandbox], Awaitable[T]]) -> T:
    """Run ``body`` with a sandbox that is prepared before and closed after."""

    async def main() -> T:
        sandbox = suite.make_sandbox(tmp_path)
        try:
            async with asyncio.timeout(300):
                await sandbox.prepare(suite.toolchain)
                return await body(sandbox)
        finally:
            await sandbox.close()

    return asyncio.run(main())


def with_box(
    suite: Suite,
    tmp_path: Path,
    body: Callable[[Box], Awaitable[T]],
    *,
    limits: Limits = LIMITS,
    check: Callable[[], bool] = lambda: True,
) -> T:
    """Run ``body`` with a fresh box, and ``check`` while the box is still open."""

    async def opened(sandbox: Sandbox) -> T:
        async with closing(await sandbox.open(suite.toolchain, limits)) as box:
            result = await body(box)
            assert check()
            return result

    return with_sandbox(suite, tmp_path, opened)


async def python(box: Box, code: str, **options: Any) -> Ran:
    """Run Python code in a box."""
    return await box.run(["python3", "-c", code], **options)


def daemon(token: str) -> str:
    """Return code that leaves a process behind, out of session and family, with ``token`` in its argv."""
    return (
        "import os\n"
        "r, w = os.pipe()\n"
        "if os.fork() == 0:\n"
        "    os.setsid()\n"
        "    if os.fork() == 0:\n"
        "        os.set_inheritable(w, True)\n"
        "        code = f'import os, time; os.write({w}, b\"x\"); time.sleep(500)'\n"
        f"        os.execvp('python3', ['python3', '-c', code, '{token}'])\n"
        "    os._exit(0)\n"
        "os.wait(); os.read(r, 1); os.close(r); os.close(w)\n"
    )
