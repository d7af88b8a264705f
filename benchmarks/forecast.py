"""How far estimates hold: each recorded run beside what the runs before it had said of it.

    python benchmarks/forecast.py OUTPUTS
    python benchmarks/forecast.py --make 12 FOLDER

Of every run of one session that was made whole, time and tokens are held against the range that earlier
runs of the same model, backend, dataset and agent give. ``--make`` first makes so many real runs with a stub
whose answers differ in length, on this machine with whatever else it does.
"""

import argparse
import random
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from llmbench.records.journal import FILE, read_journal
from llmbench.records.manifest import read_manifest
from llmbench.records.runs import find_runs
from llmbench.score.forecast import SAME, Observed, Range, forecast, observe, together
from llmbench.testing.servers import Answer, StubServer


@dataclass(frozen=True, slots=True)
class Seen:
    """A run as it went."""

    observed: Observed
    took_s: float
    """From the command's beginning to the last sample's end."""


def runs_below(root: Path) -> Iterator[tuple[tuple[str, ...], Seen]]:
    """Yield what each run of one session was about and how it went, the eldest first."""
    for run in reversed(find_runs(root)):
        manifest, records = read_manifest(run.folder), read_journal(run.folder / FILE).values()
        observed = observe(manifest.sessions, records)
        if observed is None or len(manifest.sessions) != 1 or len(observed.samples) < len(records):
            continue
        kind = tuple(manifest.names[axis] for axis in ("model", "backend", "dataset", "agent"))
        began = datetime.fromisoformat(manifest.sessions[0].started)
        ended = max(datetime.fromisoformat(record.timing.finished_at) for record in records)
        yield kind, Seen(observed, (ended - began).total_seconds())


def held(root: Path) -> Iterator[tuple[bool, bool | None]]:
    """Yield for each run with one before it whether time and tokens lie in the range, and print it."""
    before: dict[tuple[str, ...], list[Observed]] = defaultdict(list)
    for kind, seen in runs_below(root):
        if earlier := before[kind]:
            expected = forecast(together(earlier[:5]), len(seen.observed.samples), SAME)
            tokens = [one.completion_tokens for one in seen.observed.samples]
            span = expected.time_s
            print(f"{' '.join(kind)}: {seen.took_s:.1f} s of {span.low:.1f} to {span.high:.1f}")
            known = expected.completion_tokens is not None and None not in tokens
            yield (
                _lies(seen.took_s, span),
                _lies(sum(filter(None, tokens)), expected.completion_tokens) if known else None,
            )
        before[kind].insert(0, seen.observed)


def _lies(value: float, span: Range | None) -> bool:
    return span is not None and span.low <= value <= span.high


def make(root: Path, runs: int) -> None:
    """Make real runs of ten tasks with a stub."""
    dice = random.Random(1)  # noqa: S311 - lengths of answers

    def answer(body: Mapping[str, Any]) -> Answer | str:
        if body.get("max_tokens", 0) < 100:
            return "ready"
        words = max(int(12 * dice.lognormvariate(0, 0.8)), 1)
        return Answer(content="word " * words, piece_delay_s=0.05)

    with StubServer(answer) as stub:
        for seed in range(runs):
            words = ("backend=openai", "model=any", "backend.concurrency=2", "stop_when_suspicious=false")
            more = (f"backend.url={stub.url}", f"seed={seed}", f"output_root={root}")
            command = [sys.executable, "-m", "llmbench", *words, *more]
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL, timeout=300)


def main() -> None:
    """Print how many of the runs lie in their ranges."""
    parser = argparse.ArgumentParser(description="Hold estimates against recorded runs.")
    parser.add_argument("root", type=Path, help="a folder of runs")
    parser.add_argument("--make", type=int, default=0, metavar="RUNS", help="make so many there first")
    options = parser.parse_args()
    make(options.root, options.make)
    found = list(held(options.root))
    tokens = [of_tokens for _, of_tokens in found if of_tokens is not None]
    print(f"time in its range: {sum(of_time for of_time, _ in found)} of {len(found)} runs")
    print(f"completion tokens in their range: {sum(tokens)} of {len(tokens)} runs")


if __name__ == "__main__":
    main()
