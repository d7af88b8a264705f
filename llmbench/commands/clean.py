"""``llmbench clean``: remove what crashed runs left behind, and nothing that does not bear our label."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

from llmbench import registry
from llmbench.api import Context, Sandbox
from llmbench.commands.arguments import Parser
from llmbench.commands.setup import scratch
from llmbench.errors import LlmbenchError
from llmbench.runner.servers import forget, read_kept


def main(argv: list[str]) -> int:
    """Clean up after every sandbox and list what was removed."""
    parser = Parser(
        "clean",
        "Remove containers, control groups and folders that crashed runs left behind. What a living run uses "
        "stays, unless the run is named.",
    )
    parser.add_argument("--run", metavar="RUN", help="only what this run left: its id, or its folder's name")
    options = parser.parse_args(argv)
    label = options.run.rstrip("/").rpartition("-")[2] if options.run else None
    removed = asyncio.run(_clean(label))
    if label is None:
        removed += [f"server: note of {key}, whose process is dead" for key in _forgotten()]
    for line in removed:
        print(line)
    print(f"removed {len(removed)}" if removed else "nothing to remove")
    return 0


async def _clean(label: str | None) -> list[str]:
    removed = []
    with scratch() as folder:
        context = Context(work_dir=Path(folder), cache_dir=Path(folder), label=label or "clean")
        for name in registry.names("sandbox"):
            try:
                removed += [f"{name}: {item}" for item in await _clean_one(name, context, label)]
            except (LlmbenchError, OSError) as error:
                # A sandbox that can't be used here has left nothing here.
                print(f"{name}: not looked at: {error}")
    return removed


def _forgotten() -> list[str]:
    """Forget the servers whose keeper is dead; the servers themselves have ended with it."""
    dead = [kept.key for kept in read_kept() if not kept.alive]
    for key in dead:
        forget(key)
    return dead


async def _clean_one(name: str, context: Context, label: str | None) -> Sequence[str]:
    kind: type[Sandbox] = registry.load("sandbox", name)
    sandbox = kind(kind.Options(), context)
    try:
        return await sandbox.clean(label)
    finally:
        await sandbox.close()
