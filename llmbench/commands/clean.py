"""``llmbench clean``: list what crashed runs left behind, and remove it when told to."""

import asyncio
import shutil
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from llmbench import registry
from llmbench.api import Context, Leftover, Sandbox
from llmbench.commands.arguments import Parser
from llmbench.commands.setup import scratch
from llmbench.errors import LlmbenchError, UsageError
from llmbench.records.kept_servers import forget, read_kept
from llmbench.records.runs import find_runs
from llmbench.records.temporary import abandoned


@dataclass(frozen=True, slots=True)
class _Left:
    """Something that can be removed, as it is listed."""

    what: str
    remove: Callable[[], bool]


def main(argv: list[str]) -> int:
    """List what was left, ask, and remove it."""
    parser = Parser(
        "clean",
        "List the containers, processes and folders that crashed runs of this user left behind, ask, and "
        "remove them: those of the runs in --root, or of all with --all-roots. What a living run uses "
        "stays, unless the run is named. Off a terminal it removes nothing without --yes: that is an error.",
    )
    parser.add_argument("--run", metavar="RUN", help="only what this run left: its id, or its folder's name")
    parser.add_argument("--root", type=Path, default=Path("outputs"), help="where the runs are (outputs)")
    parser.add_argument("--all-roots", action="store_true", help="also what runs in other folders left")
    parser.add_argument("--yes", action="store_true", help="remove without asking")
    options = parser.parse_args(argv)
    with scratch() as folder:
        found = list(_found(Path(folder), options.run, options.root, every=options.all_roots))
        return _settle(found, sure=options.yes)


def _settle(found: Sequence[_Left], *, sure: bool) -> int:
    for left in found:
        print(left.what)
    if not found:
        print("nothing to remove")
        return 0
    if not sure and not _asked(len(found)):
        print("nothing was removed")
        return 0
    print(f"removed {sum(left.remove() for left in found)}")
    return 0


def _asked(count: int) -> bool:
    """Ask the person at the terminal.

    Raises:
        UsageError: there is none.
    """
    if not sys.stdin.isatty():
        raise UsageError(f"clean: {count} listed, none removed: without a terminal to ask on, say --yes")
    return input(f"Remove {'this' if count == 1 else f'these {count}'}? [y/N] ").strip().lower() in (
        "y",
        "yes",
    )


def _found(folder: Path, run: str | None, root: Path, *, every: bool) -> Iterator[_Left]:
    runs = {found.run_id for found in find_runs(root)}
    label = run.rstrip("/").rpartition("-")[2] if run else None
    context = Context(work_dir=folder, cache_dir=folder, label=label or "clean")
    known = label in runs
    for name, left in _leftovers(context):
        known = known or left.label == label
        wanted = left.label == label if label else not left.in_use and (every or left.label in runs)
        if wanted and left.is_ours:
            yield _Left(f"{name}: {left.what}", left.remove)
    if label is None:
        yield from (_Left(f"folder: {place}", partial(_removed, place)) for place in abandoned())
        for kept in (kept for kept in read_kept() if not kept.alive):
            what = f"server: note of {kept.key}, whose process is dead"
            yield _Left(what, partial(_forgotten, kept.key))
    elif not known:
        raise UsageError(
            f"clean: --run {run}: no run in {root} and nothing left bears it (llmbench list runs)"
        )


def _leftovers(context: Context) -> Iterator[tuple[str, Leftover]]:
    for name in registry.names("sandbox"):
        try:
            yield from ((name, left) for left in asyncio.run(_of(name, context)))
        except (LlmbenchError, OSError) as error:
            # A sandbox that can't be used here has left nothing here.
            print(f"{name}: not looked at: {error}")


def _removed(place: Path) -> bool:
    shutil.rmtree(place, ignore_errors=True)
    return not place.exists()


def _forgotten(key: str) -> bool:
    """Forget a server whose keeper is dead; the server itself has ended with it."""
    forget(key)
    return True


async def _of(name: str, context: Context) -> Sequence[Leftover]:
    kind: type[Sandbox] = registry.load("sandbox", name)
    sandbox = kind(kind.Options(), context)
    try:
        return await sandbox.leftovers()
    finally:
        await sandbox.close()
