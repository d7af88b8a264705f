"""What the history costs: a leaderboard and a list over many runs, and making it anew.

    python benchmarks/history.py [--runs 2000] [--records 500] [--folder DIR] [--turns 5]

Run folders with manifests and journals are written quickly, without texts; then commands are run as a user
runs them, each in a process of its own, and the least times and the most memory of all turns are printed.
"""

import argparse
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import msgspec

from llmbench.api import Outcome
from llmbench.records.manifest import Manifest, write_manifest
from llmbench.records.masking import Mask
from llmbench.testing.runs import MadeSample, RunRecipe

_DATASETS = ("humanevalplus", "mbppplus", "exercism", "catalog")
_MODELS = 40
_SETTINGS = {f"section{one}": {f"key{two}": "some value" for two in range(8)} for one in range(15)}
"""About as many as a run has."""


@dataclass(frozen=True, slots=True)
class Measured:
    """One command."""

    wall_s: float
    cpu_s: float
    memory_mb: float


def write_runs(root: Path, runs: int, records: int) -> None:
    """Write run folders as runs leave them, without samples' folders."""
    chance = random.Random(1)  # noqa: S311 - the same runs every time
    lines = [list(_lines(records, chance)) for _ in range(20)]
    for number in range(runs):
        dataset, model = _DATASETS[number % len(_DATASETS)], f"model-{number % _MODELS}"
        folder = root / dataset / f"{model}-llamacpp-prompt-{number:010x}"
        folder.mkdir(parents=True)
        write_manifest(folder, _manifest(number, dataset, model, records), Mask({}))
        (folder / "journal.jsonl").write_bytes(b"".join(lines[number % len(lines)]))


def _lines(records: int, chance: random.Random) -> Iterator[bytes]:
    share = chance.uniform(0.2, 0.9)
    for task in range(records):
        outcome = Outcome.PASSED if chance.random() < share else Outcome.FAILED
        made = MadeSample(task=f"python/task_{task:04}", outcome=outcome, reason=f"test {task} failed")
        yield msgspec.json.encode(made.record()) + b"\n"


def _manifest(number: int, dataset: str, model: str, records: int) -> Manifest:
    recipe = RunRecipe(
        made=(),
        tasks=tuple(f"python/task_{task:04}" for task in range(records)),
        run_id=f"{number:010x}",
        model=model,
        dataset=dataset,
        config={**_SETTINGS, "sampling": {"temperature": number % 7 / 10}},
    )
    made = recipe.manifest()
    return replace(made, plan=replace(made.plan, whole=records))


def measure(root: Path | None, words: Sequence[str]) -> Measured:
    """Run a command, over the runs below ``root``, to its end and return what it used."""
    environment = {name: text for name, text in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    command = [sys.executable, "-m", "llmbench", *words]
    command += [] if root is None else ["--root", str(root)]
    started = time.perf_counter()
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    wall_s = time.perf_counter() - started
    if process.returncode:
        raise SystemExit(f"{command} ended with {process.returncode}")
    cpu_s = usage.ru_utime + usage.ru_stime
    return Measured(wall_s, cpu_s, usage.ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10))


def report(name: str, turns: Sequence[Measured], aim: str) -> None:
    """Print a row."""
    wall_s, cpu_s = min(turn.wall_s for turn in turns), min(turn.cpu_s for turn in turns)
    memory_mb = max(turn.memory_mb for turn in turns)
    print(f"| {name} | {wall_s:.2f} | {cpu_s:.2f} | {memory_mb:.0f} | {aim} |", flush=True)


def main() -> None:
    """Measure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--runs", type=int, default=2000)
    parser.add_argument("--records", type=int, default=500, help="of each run")
    parser.add_argument("--turns", type=int, default=5)
    parser.add_argument("--folder", type=Path, help="where to write (the system's temporary folder)")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        root = Path(folder) / "outputs"
        write_runs(root, options.runs, options.records)
        bytes_ = sum(path.stat().st_size for path in root.glob("*/*/*"))
        print(f"{options.runs} runs, {options.runs * options.records} records, {bytes_ / 2**20:.0f} MB")
        print(f"load {os.getloadavg()[0]:.1f}\n")
        print("| command | s | CPU s | MB | aim |\n| --- | ---: | ---: | ---: | ---: |")
        report("`llmbench index`", [measure(root, ["index"])], "60 s, 300 MB")
        turns = range(options.turns)
        report("`llmbench leaderboard`", [measure(root, ["leaderboard"]) for _ in turns], "0.2 s")
        report("`llmbench list runs`", [measure(root, ["list", "runs"]) for _ in turns], "0.3 s")
        report("`llmbench --version`", [measure(None, ["--version"]) for _ in turns], "")
        print(f"\nhistory.db: {(root / 'history.db').stat().st_size / 2**20:.0f} MB")


if __name__ == "__main__":
    main()
