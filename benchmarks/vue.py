"""Type-check every Vue task with plain ``vue-tsc`` in its project and with the service kept warm, in turns.

    python benchmarks/vue.py --sandbox bubblewrap

Both run in boxes of the same sandbox; every reference is checked ``--rounds`` times by both, one after the
other, so that the machine's load weighs on both alike. Besides: what grading a reference costs in all.
"""

import argparse
import asyncio
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable
from pathlib import Path

import platformdirs
from against import compare_if_asked

from llmbench.api import Boxes, Context, Files, Outcome, Sandbox, Task
from llmbench.registry import load
from llmbench.testing.validator import OpenBoxes
from llmbench_plugins.datasets.vue import TYPE_CHECK
from llmbench_plugins.datasets.vue import Options as DatasetOptions
from llmbench_plugins.datasets.vue import Vue as Dataset
from llmbench_plugins.shared.vue_spec import Grading, Pattern
from llmbench_plugins.toolchains.vue import VUE
from llmbench_plugins.validators.vue.checking import SCRIPTS, check
from llmbench_plugins.validators.vue.services import Services
from llmbench_plugins.validators.vue.validator import Options, Vue


def main() -> int:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sandbox", default="bubblewrap", choices=("bubblewrap", "docker"))
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--limit", type=int, help="only the first so many tasks")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        cache = Path(platformdirs.user_cache_dir("llmbench"))
        context = Context(work_dir=Path(folder), cache_dir=cache, label="bench-vue")
        asyncio.run(_measure(options.sandbox, options.rounds, options.limit, context))
    return 0


async def _measure(name: str, rounds: int, limit: int | None, context: Context) -> None:
    kind: type[Sandbox] = load("sandbox", name)
    sandbox = kind(kind.Options(), context)
    await sandbox.prepare(VUE)
    boxes = OpenBoxes(sandbox, [VUE])
    try:
        tasks = list(Dataset(DatasetOptions(), context).tasks())[:limit]
        await _show(tasks, rounds, boxes, Vue(Options(), context))
    finally:
        await sandbox.close()


async def _show(tasks: list[Task], rounds: int, boxes: Boxes, validator: Vue) -> None:
    services = Services(*SCRIPTS)
    first = await _timed(_warm(tasks[0], services, boxes))
    await validator.grade(tasks[0], tasks[0].reference, boxes)
    print("| task | vue-tsc, s | warm check, s | ratio | whole grading, s |")
    print("|---|---|---|---|---|")
    ratios = []
    for task in tasks:
        pairs = [
            (await _timed(_plain(task, boxes)), await _timed(_warm(task, services, boxes)))
            for _ in range(rounds)
        ]
        plain, warm = (statistics.median(times) for times in zip(*pairs, strict=True))
        whole = await _timed(_graded(task, validator, boxes))
        ratios.append(plain / warm)
        print(f"| `{task.id}` | {plain:.2f} | {warm:.2f} | {plain / warm:.1f} | {whole:.2f} |", flush=True)
    print(f"\nmedian ratio {statistics.median(ratios):.1f}")
    print(f"the first check, with the start of its service, took {first:.2f} s")


async def _timed(action: Awaitable[None]) -> float:
    started = time.perf_counter()
    await action
    return time.perf_counter() - started


async def _plain(task: Task, boxes: Boxes) -> None:
    async with boxes.open("vue") as box:
        await box.put(_files(task))
        ran = await box.run(TYPE_CHECK, timeout_s=300)
        assert ran.exit_code == 0, ran.stdout.decode()


async def _warm(task: Task, services: Services, boxes: Boxes) -> None:
    # One pattern, as the syntax trees are no part of what vue-tsc does.
    grading = Grading(patterns=(Pattern(kind="no_any", file=task.editable[0]),), tests=("none",))
    checked = await check(task, grading, task.reference, services, boxes, 300)
    assert checked.compiles, checked.errors


async def _graded(task: Task, validator: Vue, boxes: Boxes) -> None:
    verdict = await validator.grade(task, task.reference, boxes)
    assert verdict.outcome is Outcome.PASSED, verdict.stderr


def _files(task: Task) -> Files:
    return {**task.starter, **task.reference}


if __name__ == "__main__":
    compare_if_asked(__file__)
    sys.exit(main())
