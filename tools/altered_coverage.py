"""Say how many tests of Exercism's exercises can be altered so that the reference fails, and which can't.

    python tools/altered_coverage.py --path polyglot-benchmark --languages go,rust

For each exercise the reference is run over its tests as they are, and then as sets of alterations have them
(docs/design/grading.md). What was found is kept in the user's cache, where grading finds it.
"""

import argparse
import asyncio
import sys
import tempfile
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import platformdirs

from llmbench.api import Context, Limits, Task
from llmbench.errors import SandboxError
from llmbench.registry import load
from llmbench.testing.validator import OpenBoxes
from llmbench_plugins.datasets.exercism.dataset import Exercism, Options
from llmbench_plugins.datasets.exercism.tasks import TRACKS
from llmbench_plugins.validators.exercism.layout import suite_of
from llmbench_plugins.validators.native import Judge
from llmbench_plugins.validators.native.altered import Rank
from llmbench_plugins.validators.native.altered.places import LANGUAGES

_AT_ONCE = 2
_LIMITS = Limits(wall_s=180, memory_mb=2048, processes=256, disk_mb=1024)


def main() -> int:
    """Print a table, and the tests that can't be altered."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--path", type=Path, required=True, help="a checkout of the polyglot benchmark")
    parser.add_argument("--languages", default=",".join(LANGUAGES), help="such as go,rust")
    parser.add_argument("--only", default="", help="only these exercises, such as leap,bowling")
    parser.add_argument("--sandbox", default="bubblewrap")
    options = parser.parse_args()
    print(
        "| language | exercises | tests | altered | share |",
        *(f" {rank.name.lower()} |" for rank in Rank),
    )
    print("|---|---:|---:|---:|---:|", *("---:|" for _ in Rank), sep="")
    missing: list[str] = []
    for language in options.languages.split(","):
        missing += asyncio.run(_language(language, options))
    print(*missing, sep="\n")
    return 0


async def _language(language: str, options: argparse.Namespace) -> list[str]:
    with tempfile.TemporaryDirectory() as folder:
        context = Context(work_dir=Path(folder), cache_dir=Path(platformdirs.user_cache_dir("llmbench")))
        toolchain = load("toolchain", TRACKS[language].toolchain)
        sandbox_class = load("sandbox", options.sandbox)
        sandbox = sandbox_class(sandbox_class.Options(), context)
        try:
            await sandbox.prepare(toolchain)
            found = await _found(_tasks(language, options, context), OpenBoxes(sandbox, [toolchain]), context)
        finally:
            await sandbox.close()
    tests = [rank for ranks in found.values() for rank in ranks.values()]
    counts = Counter(tests)
    made = len(tests) - counts[None]
    share = f"{made / len(tests):.1%}" if tests else ""
    print(
        f"| {language} | {len(found)} | {len(tests)} | {made} | {share} |",
        *(f" {counts[rank]} |" for rank in Rank),
    )
    return [
        f"{task}: {name}" for task, ranks in found.items() for name, rank in ranks.items() if rank is None
    ]


def _tasks(language: str, options: argparse.Namespace, context: Context) -> list[Task]:
    wanted = {name for name in options.only.split(",") if name}
    dataset = Exercism(Options(path=str(options.path.resolve()), languages=(language,)), context)  # type: ignore[arg-type]
    return [task for task in dataset.tasks() if not wanted or task.id.partition("/")[2] in wanted]


async def _found(
    tasks: list[Task], boxes: OpenBoxes, context: Context
) -> dict[str, Mapping[str, Rank | None]]:
    """Return the tests of each task with what is altered of them."""
    judge, free = Judge(context.cache_dir / "exercism"), asyncio.Semaphore(_AT_ONCE)

    async def one(task: Task) -> Mapping[str, Rank | None]:
        async with free:
            try:
                return await judge.altered(suite_of(task, "strict", _LIMITS.wall_s, _LIMITS), boxes)
            except SandboxError as error:
                print(f"{task.id}: {error}", file=sys.stderr)
                return {}

    return dict(
        zip([task.id for task in tasks], await asyncio.gather(*(one(task) for task in tasks)), strict=True)
    )


if __name__ == "__main__":
    sys.exit(main())
