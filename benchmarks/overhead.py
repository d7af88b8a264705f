"""What the harness costs: many samples against a server that answers at once.

    python benchmarks/overhead.py [--tasks 164] [--samples 10] [--in-flight 64] [--runs 3] [--plain]
        [--folder DIR] [--against FOLDER]

The server is a process of its own, so that its CPU time is not counted as ours. Everything is: start-up, the
journal, every sample's files, the report. Beside it, in the same run, a bare aiohttp loop that sends the same
requests and throws the answers away, which is what the network alone costs. The best of all runs is printed.
"""

import argparse
import asyncio
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from against import compare_if_asked

ANSWER = "`answer.py`\n```python\ndef add(a, b):\n    return a + b\n```"


@dataclass(frozen=True, slots=True)
class Measured:
    """One run."""

    wall_s: float
    cpu_s: float
    memory_mb: float


def measure(command: list[str], environment: dict[str, str]) -> Measured:
    """Run a command to its end and return what it and its children used."""
    started = time.perf_counter()
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    wall_s = time.perf_counter() - started
    if process.returncode:
        raise SystemExit(f"{command} ended with {process.returncode}")
    scale = 2**20 if sys.platform == "darwin" else 2**10
    return Measured(wall_s, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / scale)


def run_llmbench(url: str, tasks: int, samples: int, in_flight: int, root: Path) -> Measured:
    """Run plain llmbench in a new folder below ``root``."""
    words = [
        "dataset=stub",
        f"dataset.count={tasks}",
        f"samples={samples}",
        "model=any",
        "model.trusted=true",
        "backend=openai",
        f"backend.url={url}",
        f"backend.concurrency={in_flight}",
        "sandbox=local",
        f"output_root={tempfile.mkdtemp(dir=root)}",
    ]
    environment = {**os.environ, "PYTHONPATH": _with_stub()}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    return measure([sys.executable, "-m", "llmbench", *words], environment)


def _with_stub() -> str:
    return os.pathsep.join(filter(None, [str(Path(__file__).parent / "stub"), os.environ.get("PYTHONPATH")]))


def run_bare(url: str, total: int, in_flight: int) -> Measured:
    """Send the same requests without a harness, in a process of its own."""
    command = [
        sys.executable,
        __file__,
        "--bare",
        url,
        "--samples",
        str(total),
        "--in-flight",
        str(in_flight),
    ]
    return measure(command, dict(os.environ))


async def bare_loop(url: str, total: int, in_flight: int) -> None:
    """The least that sends ``total`` requests."""
    import aiohttp

    text = "Write a function that returns the sum of two numbers. " * 10
    messages = [{"role": "user", "content": text}]
    body = {"model": "any", "messages": messages, "max_tokens": 4096, "stream": True}
    numbers = iter(range(total))
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=in_flight)) as session:

        async def worker() -> None:
            for _ in numbers:
                async with session.post(f"{url}/chat/completions", json=body) as response:
                    await response.read()

        await asyncio.gather(*(worker() for _ in range(in_flight)))


def best(runs: int, once: Callable[[], Measured]) -> Measured:
    """Return the run with the least wall time."""
    return min((once() for _ in range(runs)), key=lambda measured: measured.wall_s)


def main() -> None:
    """Measure and print a Markdown table."""
    compare_if_asked(__file__, own_script=False)
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tasks", type=int, default=164)
    parser.add_argument("--samples", type=int, default=10)
    parser.add_argument("--in-flight", type=int, default=64)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--plain", action="store_true", help="answers come whole, not as streams")
    parser.add_argument("--folder", help="where runs are written; the temporary folder by default")
    parser.add_argument("--bare", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.bare:
        asyncio.run(bare_loop(options.bare, options.samples, options.in_flight))
        return
    stub = [sys.executable, "-m", "llmbench.testing.servers", "--content", ANSWER]
    stub += ["--plain"] if options.plain else []
    # One folder for all runs, deleted at the end: ext4 is slow to reuse what was deleted a minute ago.
    with (
        tempfile.TemporaryDirectory(dir=options.folder) as folder,
        subprocess.Popen(stub, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server,
    ):
        root = Path(folder)
        assert server.stdin is not None
        assert server.stdout is not None
        url = server.stdout.readline().strip()
        total = options.tasks * options.samples
        bare = best(options.runs, lambda: run_bare(url, total, options.in_flight))
        ours = best(
            options.runs, lambda: run_llmbench(url, options.tasks, options.samples, options.in_flight, root)
        )
        few = best(options.runs, lambda: run_llmbench(url, options.tasks, 1, options.in_flight, root))
        server.stdin.close()
    print(f"{total} samples, {options.in_flight} in flight, best of {options.runs}\n")
    print("| | wall s | samples/s | CPU ms a sample | peak MB |")
    print("|---|---|---|---|---|")
    for name, measured, count in (
        ("bare aiohttp loop", bare, total),
        ("llmbench", ours, total),
        (f"llmbench, {options.tasks} samples", few, options.tasks),
    ):
        print(
            f"| {name} | {measured.wall_s:.2f} | {count / measured.wall_s:.0f} "
            f"| {measured.cpu_s / count * 1000:.2f} | {measured.memory_mb:.0f} |"
        )
    print(f"\nllmbench takes {ours.wall_s / bare.wall_s:.2f} times the wall time of the bare loop.")


if __name__ == "__main__":
    main()
