"""What the dashboard costs: its pages' first bytes, fifty who watch one run, and what stays in memory.

    python benchmarks/dashboard.py [--samples 10000] [--runs 500] [--clients 50] [--seconds 20] [--pages 1000]

The server is a process of its own, as `llmbench serve` starts it; who asks and who watches is another one.
"""

import argparse
import asyncio
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median

import httpx
import psutil
from history import write_runs  # the benchmark of the history, beside this one
from websockets.asyncio.client import connect

from llmbench.api import Outcome
from llmbench.testing.runs import MadeSample, RunRecipe, write_run

RUN = "humanevalplus/large-llamacpp-prompt-1a2b3c4d5e"
_TURNS = 7
_LONG = 5_000_000
_LINES_A_SECOND = 20


@dataclass(frozen=True, slots=True)
class Served:
    """A dashboard that runs."""

    url: str
    process: psutil.Process

    @property
    def memory_mb(self) -> float:
        """What it holds."""
        return float(self.process.memory_info().rss) / 2**20

    @property
    def cpu_s(self) -> float:
        """What it has used of the processor."""
        times = self.process.cpu_times()
        return float(times.user + times.system)


@contextmanager
def served(root: Path) -> Iterator[Served]:
    """Start `llmbench serve` on a free port, and end it."""
    words = [sys.executable, "-m", "llmbench", "serve", "--port", "0", "--root", str(root)]
    process = subprocess.Popen(words, stdout=subprocess.PIPE, text=True, cwd=root)
    assert process.stdout
    try:
        found = re.search(r"http://\S+?/", process.stdout.readline())
        if found is None:
            raise SystemExit("the dashboard did not start")
        yield Served(found[0], psutil.Process(process.pid))
    finally:
        process.terminate()
        process.wait(timeout=30)


def write_large_run(root: Path, samples: int) -> None:
    """Write a run of many samples; the first that failed has an answer of 5 MB."""
    made = [MadeSample(task=f"python/task_{number:05}") for number in range(samples)]
    made[0] = replace(made[0], outcome=Outcome.FAILED, answer="x = 1\n" * (_LONG // 6), reason="too long")
    write_run(root / RUN, RunRecipe(made=made, dataset="humanevalplus", model="large"))


def timed(client: httpx.Client, path: str) -> tuple[float, float, int]:
    """Return seconds to the first byte and to the last, and how many bytes there were."""
    began = time.perf_counter()
    with client.stream("GET", path) as answer:
        first = time.perf_counter() - began
        size = sum(map(len, answer.iter_raw()))
        if answer.status_code != 200:
            raise SystemExit(f"{path}: {answer.status_code}")
    return first, time.perf_counter() - began, size


def show_pages(at: Served, paths: Sequence[str]) -> None:
    """Print a row a page: the first time, which reads the runs, and the median of others."""
    print("| page | first time, ms | then, ms to first byte | ms to last | kB |\n|---|---:|---:|---:|---:|")
    with httpx.Client(base_url=at.url, timeout=60) as client:
        for path in paths:
            whole = [timed(client, path) for _ in range(_TURNS)]
            first, last = (median(one[place] for one in whole[1:]) for place in (0, 1))
            row = (1e3 * whole[0][1], 1e3 * first, 1e3 * last, whole[0][2] / 1e3)
            print(f"| `{path}` | {row[0]:.0f} | {row[1]:.1f} | {row[2]:.1f} | {row[3]:.0f} |", flush=True)


async def watch(url: str, after: int, seconds: float) -> int:
    """Watch a run for a while, and return how many events came, each once."""
    seen = after
    async with asyncio.timeout(seconds + 30), connect(f"{url}?after={after}", proxy=None) as socket:
        ends = time.monotonic() + seconds
        while (left := ends - time.monotonic()) > 0:
            try:
                async with asyncio.timeout(left):
                    message = json.loads(await socket.recv())
            except TimeoutError:
                break
            for event in message["events"]:
                if event["seq"] != seen + 1:
                    raise SystemExit(f"event {event['seq']} came after {seen}")
                seen = event["seq"]
    return seen - after


async def append(journal: Path, seconds: float) -> int:
    """Append lines to a journal for a while, and return how many."""
    line = journal.read_bytes().splitlines(keepends=True)[1]
    written, began = 0, time.monotonic()
    with journal.open("ab") as file:
        while time.monotonic() - began < seconds:
            file.write(line)
            file.flush()
            written += 1
            await asyncio.sleep(1 / _LINES_A_SECOND)
    return written


async def all_watching(at: Served, root: Path, clients: int, samples: int, seconds: float) -> None:
    """Let many watch a run that finishes twenty samples a second, and print what that costs the server."""
    url = f"ws{at.url.removeprefix('http')}api/events/{RUN}"
    watching = [asyncio.create_task(watch(url, samples, seconds + 4)) for _ in range(clients)]
    await asyncio.sleep(2)
    before, began = at.cpu_s, time.monotonic()
    written = await append(root / RUN / "journal.jsonl", seconds)
    share = (at.cpu_s - before) / (time.monotonic() - began)
    got = await asyncio.gather(*watching)
    if set(got) != {written}:
        raise SystemExit(f"{written} lines were written, and {sorted(set(got))} came")
    print(f"\n{clients} watch a run that finishes {_LINES_A_SECOND} samples a second: {share:.1%} of a core")
    print(f"({written} lines, each came to each once)")


def show_memory(at: Served, paths: Sequence[str], pages: int) -> None:
    """Open pages again and again, and print what the server holds meanwhile."""
    held = []
    with httpx.Client(base_url=at.url, timeout=60) as client:
        for number in range(pages):
            client.get(paths[number % len(paths)]).raise_for_status()
            if number % (pages // 10) == pages // 10 - 1:
                held.append(at.memory_mb)
    print(f"\nmemory over {pages} opened pages, MB: {', '.join(f'{one:.0f}' for one in held)}")


def main() -> None:
    """Measure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--samples", type=int, default=10_000)
    parser.add_argument("--runs", type=int, default=500)
    parser.add_argument("--clients", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--pages", type=int, default=1000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        write_runs(root, options.runs, 20)
        write_large_run(root, options.samples)
        last = -(-options.samples // 200)
        sample = f"{RUN}/samples/python/task_00000"
        pages = ["", "runs", "leaderboard", f"runs/{RUN}", f"runs/{RUN}?page={last}", f"runs/{sample}"]
        api = ["api/runs", "api/leaderboard", f"api/runs/{RUN}", f"api/runs/{RUN}/samples?page={last}"]
        api += [f"api/runs/{sample}", f"api/events/{RUN}?after={options.samples}", "metrics"]
        with served(root) as at:
            show_pages(at, [*pages, *api])
            show_memory(at, pages, options.pages)
            asyncio.run(all_watching(at, root, options.clients, options.samples, options.seconds))
            print(f"memory at the end: {at.memory_mb:.0f} MB, on {os.cpu_count()} cores")


if __name__ == "__main__":
    main()
