"""The sandbox ``docker``: the conformance suite, the pool, and what dead runs leave."""

import asyncio
import os
import socket
import subprocess
import sys
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

import pytest

from llmbench.api import Context, Limits, ServiceEnded, closing
from llmbench.errors import SandboxError
from llmbench.testing.sandbox import SandboxConformance
from llmbench_plugins.sandboxes.docker.sandbox import Docker, DockerOptions
from llmbench_plugins.toolchains.python import PYTHON

pytestmark = pytest.mark.docker
T = TypeVar("T")


class TestDocker(SandboxConformance):
    """All of it."""

    toolchain = PYTHON

    def make_sandbox(self, tmp_path: Path) -> Docker:
        """Return a sandbox with a label of its own, as others may run on this machine."""
        context = Context(
            work_dir=tmp_path, cache_dir=tmp_path, label=f"test-docker-{tmp_path.name}-{os.getpid()}"
        )
        return Docker(DockerOptions(), context)


_LIMITS = Limits(memory_mb=128, disk_mb=16, processes=32)


def _docker(*arguments: str) -> list[str]:
    return subprocess.run(["docker", *arguments], capture_output=True, text=True, check=True).stdout.split()


def _containers(label: str) -> list[str]:
    return _docker("ps", "--all", "--quiet", "--filter", f"label=llmbench.run={label}")


def _with_sandbox(tmp_path: Path, body: Callable[[Docker], Awaitable[T]]) -> T:
    async def main() -> T:
        sandbox = TestDocker().make_sandbox(tmp_path)
        try:
            await sandbox.prepare(PYTHON)
            return await body(sandbox)
        finally:
            await sandbox.close()

    return asyncio.run(main())


def test_a_clean_container_serves_again_and_an_unclean_one_does_not(tmp_path: Path) -> None:
    async def body(sandbox: Docker) -> list[list[str]]:
        used = []
        leave = "import ctypes; assert ctypes.CDLL(None).shmget(77, 4096, 0o1666) >= 0"
        for code in ("pass", leave, "pass", "pass"):
            async with closing(await sandbox.open(PYTHON, _LIMITS)) as box:
                assert (await box.run(["python3", "-c", code])).exit_code == 0
                used.append(_containers(sandbox.context.label))
        return used

    first, second, third, fourth = _with_sandbox(tmp_path, body)
    assert first == second
    assert len(first) == 1
    assert third == fourth
    assert set(third).isdisjoint(second)


def test_containers_of_other_limits_are_not_mixed_up(tmp_path: Path) -> None:
    async def body(sandbox: Docker) -> tuple[bytes, bytes]:
        said = []
        for limits in (_LIMITS, replace(_LIMITS, disk_mb=32)):
            async with closing(await sandbox.open(PYTHON, limits)) as box:
                code = "import os; s = os.statvfs('/box'); print(s.f_blocks * s.f_frsize >> 20)"
                said.append((await box.run(["python3", "-c", code])).stdout)
        return said[0], said[1]

    assert _with_sandbox(tmp_path, body) == (b"16\n", b"32\n")


def test_the_pool_is_bounded(tmp_path: Path) -> None:
    async def body(sandbox: Docker) -> int:
        boxes = await asyncio.gather(*(sandbox.open(PYTHON, _LIMITS) for _ in range(10)))
        for box in boxes:
            await box.close()
        return len(_containers(sandbox.context.label))

    assert _with_sandbox(tmp_path, body) == 8


def test_a_container_that_dies_is_an_error_of_the_sandbox(tmp_path: Path) -> None:
    async def body(sandbox: Docker) -> None:
        box = await sandbox.open(PYTHON, _LIMITS)
        running = asyncio.ensure_future(box.run(["sleep", "60"]))
        await asyncio.sleep(0.3)
        _docker("kill", *_containers(sandbox.context.label))
        with pytest.raises(SandboxError, match="has ended"):
            await running
        await box.close()
        async with closing(await sandbox.open(PYTHON, _LIMITS)) as box:
            assert (await box.run(["true"])).exit_code == 0

    _with_sandbox(tmp_path, body)


def test_a_box_that_a_program_has_filled_everywhere_can_be_used_on(tmp_path: Path) -> None:
    """What it fills counts as memory: the supervisor must keep what it needs."""
    fill = "for d in /box /tmp /dev/shm; do dd if=/dev/zero of=$d/big bs=1M count=500 2>/dev/null; done"

    async def body(sandbox: Docker) -> tuple[int, bytes]:
        limits = replace(_LIMITS, memory_mb=64, disk_mb=256)
        async with closing(await sandbox.open(PYTHON, limits)) as box:
            await box.run(["sh", "-c", fill])
            await box.run(["sh", "-c", fill])
            removed = await box.run(["rm", "-f", "/box/big", "/tmp/big", "/dev/shm/big"])
            await box.put({"a": b"1"})
            return removed.exit_code, (await box.get())["a"]

    assert _with_sandbox(tmp_path, body) == (0, b"1")


def test_clean_removes_what_a_dead_process_left_and_nothing_else(tmp_path: Path) -> None:
    async def body(sandbox: Docker) -> None:
        await sandbox.open(PYTHON, _LIMITS)
        alive = _containers(sandbox.context.label)
        label = f"{sandbox.context.label}-dead"
        (image,) = _docker("inspect", "--format", "{{.Config.Image}}", *alive)
        labels = {
            "llmbench": "1",
            "llmbench.run": label,
            "llmbench.owner": f"{socket.gethostname()}:999999999:1",
        }
        marks = [part for name, value in labels.items() for part in ("--label", f"{name}={value}")]
        _docker("run", "--detach", "--network", "none", *marks, image, "sleep", "600")
        assert len(_containers(label)) == 1
        assert await sandbox.clean(None)
        assert _containers(label) == []
        assert _containers(sandbox.context.label) == alive

    _with_sandbox(tmp_path, body)


def _missing(**environment: str) -> str:
    program = (
        "import asyncio, pathlib\n"
        "from llmbench.api import Context\n"
        "from llmbench_plugins.sandboxes.docker.sandbox import Docker, DockerOptions\n"
        "from llmbench_plugins.toolchains.python import PYTHON\n"
        "context = Context(work_dir=pathlib.Path(), cache_dir=pathlib.Path())\n"
        "print(asyncio.run(Docker(DockerOptions(), context).missing(PYTHON)))\n"
    )
    argv = [sys.executable, "-c", program]
    return subprocess.run(
        argv, env={**os.environ, **environment}, capture_output=True, text=True, check=True
    ).stdout.strip()


def test_a_missing_engine_is_explained(tmp_path: Path) -> None:
    place = f"{tmp_path}/none.sock"
    assert _missing(DOCKER_HOST=f"unix://{place}") == (
        f"no Docker engine answers (DOCKER_HOST=unix://{place}: {place}: No such file or directory); "
        "start it: sudo systemctl start docker, or open Docker Desktop"
    )


def test_no_docker_command_is_needed(tmp_path: Path) -> None:
    assert _missing(PATH=str(tmp_path)) == ""


def test_an_opener_that_gives_up_leaves_no_container(tmp_path: Path) -> None:
    async def body(sandbox: Docker) -> list[list[str]]:
        left = []
        for patience_s in (0.0, 0.02, 0.1):
            opening = asyncio.ensure_future(sandbox.open(PYTHON, _LIMITS))
            await asyncio.sleep(patience_s)
            opening.cancel()
            with suppress(asyncio.CancelledError):
                await (await opening).close()  # it was quicker
            await sandbox.close()
            left.append(_containers(sandbox.context.label))
        return left

    assert _with_sandbox(tmp_path, body) == [[], [], []]


def test_clean_leaves_containers_of_others_alone(tmp_path: Path) -> None:
    async def body(sandbox: Docker) -> None:
        box = await sandbox.open(PYTHON, _LIMITS)
        (image,) = _docker("inspect", "--format", "{{.Config.Image}}", *_containers(sandbox.context.label))
        await box.close()
        (other,) = _docker("run", "--detach", "--network", "none", image, "sleep", "600")
        try:
            await sandbox.clean(None)
            await sandbox.clean("")
            assert _docker("ps", "--quiet", "--no-trunc", "--filter", f"id={other}") == [other]
        finally:
            _docker("rm", "--force", other)

    _with_sandbox(tmp_path, body)


def test_a_program_that_takes_the_supervisors_memory_has_broken_its_limit(tmp_path: Path) -> None:
    """What it is given is more than the container holds, so that it is the supervisor that is killed."""

    async def body(sandbox: Docker) -> None:
        async with closing(await sandbox.open(PYTHON, _LIMITS)) as box:
            ran = await box.run(["cat"], stdin=bytes(200 << 20))
        assert ran.stopped == "memory"
        assert ran.exit_code != 0
        async with closing(await sandbox.open(PYTHON, _LIMITS)) as box:
            service = await box.serve(["cat"])
            with pytest.raises(ServiceEnded, match="its memory ran out"):
                await service.ask(b"x" * (200 << 20), timeout_s=60)
            assert (await service.close()).stopped == "memory"

    _with_sandbox(tmp_path, body)


def test_a_container_that_another_ends_is_no_fault_of_the_program(tmp_path: Path) -> None:
    async def body(sandbox: Docker) -> None:
        async with closing(await sandbox.open(PYTHON, _LIMITS)) as box:
            running = asyncio.ensure_future(box.run(["sleep", "60"]))
            await asyncio.sleep(0.5)
            for name in _containers(sandbox.context.label):
                _docker("kill", name)
            with pytest.raises(SandboxError, match="has ended"):
                await running

    _with_sandbox(tmp_path, body)
