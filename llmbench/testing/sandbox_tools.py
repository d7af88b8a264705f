"""What the conformance suite of sandboxes is made with."""

import asyncio
import json
import os
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, Protocol, TypeVar

import psutil

from llmbench.api import Box, Limits, PythonProgram, Ran, Sandbox, ServiceEnded, Toolchain, closing

T = TypeVar("T")

LIMITS = Limits(wall_s=30.0, memory_mb=256, processes=48, disk_mb=48, output_bytes=200_000)

_RUNNER = b"""
import contextlib, io, json, sys
calls = []
def main():
    for line in sys.stdin:
        calls.append(line)
        order, said = json.loads(line), io.StringIO()
        sys.stdin = io.StringIO(order["stdin"])
        with contextlib.redirect_stdout(said):
            exec(order["code"], {"__name__": "__main__"})
        print(json.dumps(said.getvalue()), flush=True)
"""
RUNNER = PythonProgram(module="runner", files={"runner.py": _RUNNER}, preload=("json", "no_such_module"))
"""A program that executes the Python code that it is sent, once, and says what that printed."""


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


async def served(
    sandbox: Sandbox,
    toolchain: Toolchain,
    code: str,
    *,
    stdin: str = "",
    timeout_s: float = 60.0,
    limits: Limits = LIMITS,
) -> tuple[str, Ran]:
    """Run Python code as the only program of a box; return what it printed, if it came to its end."""
    service = await sandbox.serve(toolchain, limits, RUNNER)
    said = b'""'
    try:
        order = json.dumps({"code": code, "stdin": stdin}).encode()
        said = await service.ask(order, timeout_s=timeout_s)
    except (ServiceEnded, TimeoutError):
        pass
    finally:
        ran = await service.close()
    return json.loads(said), ran


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


def bearing(token: str) -> list[int]:
    """Return the living processes of this machine that have ``token`` in their arguments."""
    found = []
    for process in psutil.process_iter():
        try:
            if any(token in part for part in process.cmdline()) and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process.pid)
        except psutil.Error:
            continue
    return [pid for pid in found if pid != os.getpid()]


def gone(token: str, *, within_s: float = 5.0) -> bool:
    """Say whether no process bears ``token`` any more; one that was killed can be seen for a moment."""
    deadline = time.monotonic() + within_s
    while left := bearing(token):
        if time.monotonic() > deadline:
            return not left
        time.sleep(0.1)
    return True


async def appears(token: str) -> None:
    """Wait until a process bears ``token``."""
    async with asyncio.timeout(20):
        while not bearing(token):  # noqa: ASYNC110 - another process makes it
            await asyncio.sleep(0.05)
