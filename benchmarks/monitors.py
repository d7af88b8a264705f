"""What watching costs: CPU seconds of the thread that reads the monitors, for each second of a run.

    python benchmarks/monitors.py [--seconds 20] [--processes 8] [--library DIR]

The process that is watched has a tree of ``--processes`` children. ``--library`` names a folder with a
``libnvidia-ml.so.1``; without one the real driver is asked, where there is one. Prints a Markdown table; the
limit is 1 % of a core.
"""

import argparse
import asyncio
import os
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import psutil

CHILDREN = """
import subprocess, sys
count = int(sys.argv[1])
idle = [sys.executable, "-c", "import sys; sys.stdin.read()"]
children = [subprocess.Popen(idle, stdin=subprocess.PIPE) for _ in range(count)]
print("ready", flush=True)
sys.stdin.read()
for child in children:
    child.communicate()
"""


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--processes", type=int, default=8)
    parser.add_argument("--library", help="a folder with another libnvidia-ml.so.1")
    parser.add_argument("--again", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.library and not options.again:
        # Where libraries lie is read when a process starts.
        environment = {**os.environ, "LD_LIBRARY_PATH": options.library}
        argv = [sys.executable, __file__, *sys.argv[1:], "--again"]
        raise SystemExit(subprocess.run(argv, env=environment, check=False).returncode)
    command = [sys.executable, "-c", CHILDREN, str(options.processes)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        server.stdout.readline()
        print(f"{len(psutil.pids())} processes on the machine, {options.processes + 1} watched\n")
        print("| monitors | interval | CPU at the beginning | CPU of a reading | of a core |")
        print("|---|---|---|---|---|")
        for interval_s in (0.5, 0.1):
            asyncio.run(_measure(server.pid, interval_s, options.seconds))
        server.communicate()


async def _measure(pid: int, interval_s: float, seconds: float) -> None:
    from llmbench.api import Context, Watched
    from llmbench.records.masking import Mask
    from llmbench.records.monitors import read_monitors
    from llmbench.runner.monitoring import Monitors, Site
    from llmbench.runner.spec import Monitoring

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        context = Context(work_dir=folder, cache_dir=folder, secrets=dict(os.environ))
        site = Site(folder=folder, started="now", server=Watched(facts={"pid": pid}), mask=Mask({}))
        monitors = Monitors(Monitoring(interval_s=interval_s), context, site)
        with monitors, monitors.window().answering():
            await asyncio.sleep(2)
            before, began = _thread_s(), time.perf_counter()
            await asyncio.sleep(seconds)
            used, took = _thread_s() - before, time.perf_counter() - began
        [session] = read_monitors(folder)
    cells = (
        ", ".join(session.head.monitors),
        f"{1000 * interval_s:.0f} ms",
        f"{1000 * before:.0f} ms in 2 s",
        f"{1000 * used / (took / interval_s):.2f} ms",
        f"{100 * used / took:.2f} %",
    )
    print(f"| {' | '.join(cells)} |")


def _thread_s() -> float:
    """Return the CPU seconds of the thread that reads."""
    [thread] = [thread for thread in threading.enumerate() if thread.name == "monitors"]
    times = {entry.id: entry.user_time + entry.system_time for entry in psutil.Process().threads()}
    return times[thread.native_id or 0]


if __name__ == "__main__":
    main()
