"""What one sandboxed run of a small program costs, each way in the same run, as ratios to the quickest.

    python benchmarks/sandboxes.py [--rounds 30] [--against FOLDER]

Prints a Markdown table. The rounds are interleaved, so that a busy moment of the machine hits all ways alike.
"""

import argparse
import asyncio
import statistics
import subprocess
import tempfile
import time
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path

from against import compare_if_asked

from llmbench.api import Box, Context, Limits, NoOptions, Sandbox, closing
from llmbench_plugins.sandboxes.bubblewrap import Bubblewrap
from llmbench_plugins.sandboxes.docker.sandbox import Docker, DockerOptions
from llmbench_plugins.sandboxes.local import Local
from llmbench_plugins.toolchains.python import PYTHON

PROGRAMS = {"true": ["true"], "python3 -c pass": ["python3", "-c", "pass"]}
BWRAP = [
    *(
        "bwrap",
        "--unshare-all",
        "--die-with-parent",
        "--ro-bind",
        "/usr",
        "/usr",
        "--symlink",
        "usr/bin",
        "/bin",
    ),
    *("--symlink", "usr/lib", "/lib", "--symlink", "usr/lib64", "/lib64", "--proc", "/proc", "--dev", "/dev"),
    *("--tmpfs", "/tmp", "--"),
]
Way = Callable[[list[str]], Awaitable[None]]


def command(*prefix: str) -> Way:
    """Return a way that runs a command line of the host."""

    async def run(argv: list[str]) -> None:
        process = await asyncio.create_subprocess_exec(
            *prefix, *argv, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
        )
        _, said = await process.communicate()
        if process.returncode:
            raise RuntimeError(said.decode(errors="replace"))

    return run


def in_box(box: Box) -> Way:
    """Return a way that runs a program in an open box."""

    async def run(argv: list[str]) -> None:
        ran = await box.run(argv)
        if ran.exit_code:
            raise RuntimeError(repr(ran))

    return run


def in_fresh_box(sandbox: Sandbox) -> Way:
    """Return a way that opens a box for the program and closes it."""

    async def run(argv: list[str]) -> None:
        async with closing(await sandbox.open(PYTHON, Limits())) as box:
            await in_box(box)(argv)

    return run


async def ways(stack: AsyncExitStack, sandbox: Sandbox, name: str) -> dict[str, Way]:
    """Return what can be measured with a sandbox; nothing where this machine lacks it."""
    if reason := await sandbox.missing(PYTHON):
        print(f"{name} is left out: {reason}\n")
        return {}
    await sandbox.prepare(PYTHON)
    stack.push_async_callback(sandbox.close)
    box = await stack.enter_async_context(closing(await sandbox.open(PYTHON, Limits())))
    return {f"{name}: run in an open box": in_box(box), f"{name}: open, run, close": in_fresh_box(sandbox)}


def docker_ways(stack: AsyncExitStack) -> dict[str, Way]:
    """Return plain ``docker run`` and ``docker exec`` with the image of our boxes."""
    images = ["docker", "images", "--quiet", "llmbench-python"]
    image = subprocess.run(images, capture_output=True, text=True, check=True).stdout.split()[0]
    start = ["docker", "run", "--detach", "--rm", "--network", "none", image, "sleep", "3600"]
    container = subprocess.run(start, capture_output=True, text=True, check=True).stdout.strip()
    stack.callback(subprocess.run, ["docker", "rm", "--force", container], capture_output=True, check=True)
    return {
        "`docker run`": command("docker", "run", "--rm", "--network", "none", image),
        "`docker exec`": command("docker", "exec", container),
    }


async def measure(all_ways: dict[str, Way], rounds: int) -> dict[str, dict[str, float]]:
    """Return the median milliseconds of each way and program."""
    seconds: dict[str, dict[str, list[float]]] = {way: {name: [] for name in PROGRAMS} for way in all_ways}
    for _ in range(rounds + 1):
        for way, run in all_ways.items():
            for name, argv in PROGRAMS.items():
                started = time.perf_counter()
                await run(argv)
                seconds[way][name].append(time.perf_counter() - started)
    return {
        way: {name: 1000 * statistics.median(times[1:]) for name, times in by_name.items()}
        for way, by_name in seconds.items()
    }


def table(found: dict[str, dict[str, float]]) -> str:
    """Return the medians, and their ratios to the quickest way, as Markdown."""
    best = {name: min(by_name[name] for by_name in found.values()) for name in PROGRAMS}
    lines = [
        "| way | " + " | ".join(f"{name}, ms | ratio" for name in PROGRAMS) + " |",
        "| --- |" + " ---: | ---: |" * len(PROGRAMS),
    ]
    for way, by_name in sorted(found.items(), key=lambda item: item[1]["true"]):
        cells = [f"{by_name[name]:.1f} | {by_name[name] / best[name]:.1f}" for name in PROGRAMS]
        lines.append(f"| {way} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


async def main(rounds: int) -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as folder:
        context = Context(work_dir=Path(folder), cache_dir=Path(folder), label="benchmark")
        async with AsyncExitStack() as stack:
            docker = await ways(stack, Docker(DockerOptions(), context), "docker")
            bubblewrap = await ways(stack, Bubblewrap(NoOptions(), context), "bubblewrap")
            found = {
                **await ways(stack, Local(NoOptions(), context), "local"),
                **(bubblewrap and {"plain `bwrap`": command(*BWRAP)} | bubblewrap),
                **(docker and docker_ways(stack) | docker),
            }
            print(table(await measure(found, rounds)))


if __name__ == "__main__":
    compare_if_asked(__file__)
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=30)
    asyncio.run(main(parser.parse_args().rounds))
