"""Grade the references of ``dataset=catalog`` with llmbench, language by language, and say how long it takes.

    python benchmarks/catalog.py --sandbox bubblewrap

Each row is the whole command ``llmbench dataset=catalog agent=oracle`` over the tasks of one language with
two graders: its start, self-test, boxes and report included; the last is the command over all tasks. Warm:
the same command was run once before, so that toolchains are in place and it is known what references pass.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

GRADERS = 2


def main() -> int:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--path", type=Path, help="a folder of tasks (the catalog)")
    parser.add_argument("--sandbox", default="auto")
    options = parser.parse_args()
    words = [f"sandbox={options.sandbox}"]
    if options.path:
        words.append(f"dataset.path={options.path.resolve()}")
    tasks = _tasks(words)
    print("| language | load | tasks | passed | seconds |")
    print("|---|---:|---:|---:|---:|")
    with tempfile.TemporaryDirectory() as folder:
        _oracle(words, Path(folder) / "first")
        for language in sorted(set(tasks.values())):
            chosen = [task for task, own in tasks.items() if own == language]
            _row(language, chosen, words, Path(folder) / language)
        _row("all", list(tasks), words, Path(folder) / "all")
    return 0


def _row(name: str, tasks: Sequence[str], words: Sequence[str], outputs: Path) -> None:
    load = os.getloadavg()[0]
    started = time.monotonic()
    passed = _oracle([*words, f"tasks=[{','.join(tasks)}]"], outputs)
    took = time.monotonic() - started
    print(f"| {name} | {load:.1f} | {len(tasks)} | {passed} | {took:.1f} |", flush=True)


def _oracle(words: Sequence[str], outputs: Path) -> int:
    """Run the references into a new folder, and return how many passed."""
    own = ("dataset=catalog", "agent=oracle", "model=any", f"graders={GRADERS}", f"output_root={outputs}")
    _llmbench([*own, *words])
    (journal,) = outputs.glob("catalog/*/journal.jsonl")
    records = [json.loads(line) for line in journal.read_text().splitlines()]
    return sum(record["outcome"] == "passed" for record in records)


def _tasks(words: Sequence[str]) -> dict[str, str]:
    """Return the languages of the tasks by their ids."""
    rows = json.loads(_llmbench(["list", "tasks", "dataset=catalog", *words, "--json"]))
    return {row["task"]: row["language"] for row in rows}


def _llmbench(words: Sequence[str]) -> str:
    command = [sys.executable, "-m", "llmbench", *words]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    if ran.returncode:
        raise SystemExit(f"llmbench failed:\n{(ran.stdout + ran.stderr)[-2000:]}")
    return ran.stdout


if __name__ == "__main__":
    sys.exit(main())
