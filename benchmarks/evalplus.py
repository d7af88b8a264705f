"""Grade the same samples with EvalPlus and with llmbench, one after the other: verdicts, time and memory.

    python benchmarks/evalplus.py --data HumanEvalPlus.jsonl.gz --evalplus VENV
    python benchmarks/evalplus.py --data MbppPlus.jsonl.gz --evalplus VENV --each 2

EvalPlus is installed into the environment ``VENV`` if it is not there, and left out where none is given. Both
use two workers, and both have computed the expected outputs before; what that took is shown as "first".
"""

import argparse
import ast
import gzip
import json
import os
import random
import subprocess
import sys
import tempfile
import threading
import time
import venv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

WORKERS = 2
_EVALPLUS = "evalplus==0.3.1"
_SWAPPED: Mapping[type[ast.AST], type[ast.AST]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Add,
    ast.Div: ast.FloorDiv,
    ast.FloorDiv: ast.Div,
}


@dataclass(frozen=True)
class Measured:
    """A command's time, and the memory of it and all its children."""

    wall_s: float
    largest_mb: float
    together_mb: float


def main() -> int:
    """Compare, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="HumanEvalPlus or MbppPlus.jsonl.gz")
    parser.add_argument("--evalplus", type=Path, help="a virtual environment that has evalplus, or gets it")
    parser.add_argument("--each", type=int, default=1, help="samples a problem, every other one a mutant")
    parser.add_argument("--sandbox", default="auto")
    options = parser.parse_args()
    lines = gzip.decompress(options.data.read_bytes()).split(b"\n")
    rows = [json.loads(line) for line in lines if line.strip()]
    options.suite = "mbpp" if rows[0]["task_id"].startswith("Mbpp/") else "humaneval"
    with tempfile.TemporaryDirectory() as folder:
        here = Path(folder)
        samples = list(_samples(rows, options.each))
        for name, chosen in {"first": _samples(rows, 1), "all": samples}.items():
            (here / f"{name}.jsonl").write_text("".join(f"{json.dumps(each)}\n" for each in chosen))
        print(f"{len(samples)} samples, {WORKERS} workers; load {os.getloadavg()[0]:.1f} on {os.cpu_count()}")
        ours = _ours(options, here)
        theirs = _theirs(options, here) if options.evalplus else None
        if theirs is None:
            print("EvalPlus: not given (--evalplus), so nothing is compared")
        else:
            _compare(here, samples, theirs.wall_s, ours.wall_s)
    return 0


def _ours(options: argparse.Namespace, here: Path) -> Measured:
    words = [
        *(sys.executable, "-m", "llmbench", "grade", f"dataset={options.suite}plus"),
        *(f"dataset.path={options.data.resolve()}", f"sandbox={options.sandbox}", f"graders={WORKERS}"),
        f"output_root={here / 'outputs'}",
    ]
    env = {**os.environ, "XDG_CACHE_HOME": str(here / "cache")}
    first = _run([*words, "--solutions", str(here / "first.jsonl"), "--name", "first"], env, here)
    again = _run([*words, "--solutions", str(here / "all.jsonl"), "--name", "all"], env, here)
    _show("llmbench", first, again)
    return again


def _theirs(options: argparse.Namespace, here: Path) -> Measured:
    data = here / "data.jsonl"
    data.write_bytes(gzip.decompress(options.data.read_bytes()))
    program = [str(_installed(options.evalplus)), "-m", "evalplus.evaluate", "--dataset", options.suite]
    env = {
        **os.environ,
        "XDG_CACHE_HOME": str(here / "their-cache"),
        f"{options.suite.upper()}_OVERRIDE_PATH": str(data),
    }
    shared = ["--parallel", str(WORKERS), "--samples"]
    first = _run([*program, *shared, str(here / "first.jsonl")], env, here)
    again = _run([*program, *shared, str(here / "all.jsonl")], env, here)
    _show("EvalPlus", first, again)
    return again


def _installed(folder: Path) -> Path:
    """Return the Python of an environment that has EvalPlus."""
    python = folder.absolute() / "bin" / "python"
    if not python.exists():
        venv.create(folder, with_pip=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", _EVALPLUS], check=True)
    return python


def _run(argv: Sequence[str], env: Mapping[str, str], cwd: Path) -> Measured:
    """Run a command to its end, looking at its processes twenty times a second."""
    largest = together = 0
    started = time.monotonic()
    with (cwd / "log.txt").open("wb") as log:
        process = subprocess.Popen(argv, env=dict(env), cwd=cwd, stdout=log, stderr=subprocess.STDOUT)
        ended = threading.Event()
        watch = psutil.Process(process.pid)
        while not ended.wait(0.05) and process.poll() is None:
            sizes = [_resident(each) for each in _family(watch)]
            largest, together = max([largest, *sizes]), max(together, sum(sizes))
    took = time.monotonic() - started
    if process.returncode:
        raise SystemExit(f"{' '.join(argv[:4])} failed:\n{(cwd / 'log.txt').read_text()[-2000:]}")
    return Measured(took, largest / 1e6, together / 1e6)


def _family(process: psutil.Process) -> list[psutil.Process]:
    try:
        return [process, *process.children(recursive=True)]
    except psutil.Error:
        return []


def _resident(process: psutil.Process) -> int:
    try:
        return int(process.memory_info().rss)
    except psutil.Error:
        return 0


def _show(name: str, first: Measured, again: Measured) -> None:
    print(
        f"{name}: {again.wall_s:.1f} s (first: one sample each, and expected outputs {first.wall_s:.1f} s), "
        f"largest process {again.largest_mb:.0f} MB, all together {again.together_mb:.0f} MB"
    )


def _compare(here: Path, samples: Sequence[Mapping[str, str]], theirs_s: float, ours_s: float) -> None:
    print(f"llmbench takes {ours_s / theirs_s:.2f} of EvalPlus's time")
    (journal,) = (here / "outputs").glob("*plus/all-*/journal.jsonl")
    records = {(row["task"], row["sample"]): row for row in map(json.loads, journal.read_text().splitlines())}
    evaluated = json.loads((here / "all_eval_results.json").read_text())["eval"]
    places: dict[str, int] = {}
    different = []
    for sample in samples:
        task = sample["task_id"]
        place = places[task] = places.get(task, -1) + 1
        theirs = evaluated[task][place]
        mine = records[task, place]["tries"][0]["details"].get("parts", {})
        if _verdict(theirs["base_status"], theirs["plus_status"]) != _verdict(
            mine.get("base"), mine.get("plus")
        ):
            different.append(
                f"{task} sample {place}: {mine} here, {theirs['base_status']}/{theirs['plus_status']}"
            )
    print(f"{len(samples) - len(different)} of {len(samples)} verdicts are the same")
    print("\n".join(different[:20]))


def _verdict(base: Any, plus: Any) -> tuple[bool, bool]:
    return base == "pass", base == "pass" and plus == "pass"


def _samples(rows: Sequence[Mapping[str, Any]], each: int) -> Iterator[dict[str, str]]:
    """Yield of each problem half references (no two alike), and half mutants of them."""
    rng = random.Random(0)  # noqa: S311 - the same samples every time
    for number in range(each):
        for row in rows:
            # What MBPP+ calls the prompt is a text, and its solution is whole.
            prompt = row["prompt"] if row["task_id"].startswith("HumanEval") else ""
            source = prompt + row["canonical_solution"]
            changed = _mutant(source, rng) if number % 2 else f"{source}\n# {number}\n"
            yield {"task_id": row["task_id"], "solution": changed}


def _mutant(source: str, rng: random.Random) -> str:
    """Swap one operator, or make one number another."""
    tree = ast.parse(source)
    found = [node for node in ast.walk(tree) if _can_change(node)]
    node = rng.choice(found) if found else None
    if isinstance(node, ast.Compare):
        node.ops[0] = _SWAPPED[type(node.ops[0])]()  # type: ignore[call-overload]
    elif isinstance(node, ast.BinOp):
        node.op = _SWAPPED[type(node.op)]()  # type: ignore[assignment]
    elif isinstance(node, ast.Constant):
        node.value += 1  # type: ignore[operator]
    return ast.unparse(tree)


def _can_change(node: ast.AST) -> bool:
    if isinstance(node, ast.Compare):
        return type(node.ops[0]) in _SWAPPED
    if isinstance(node, ast.BinOp):
        return type(node.op) in _SWAPPED
    return isinstance(node, ast.Constant) and type(node.value) is int


if __name__ == "__main__":
    sys.exit(main())
