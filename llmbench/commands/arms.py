"""Two configurations to be compared: made on the same tasks, and only as many of them as it takes."""

import asyncio
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import msgspec

from llmbench.api import Task
from llmbench.commands.setup import make_parts, scratch
from llmbench.config.arguments import parse
from llmbench.config.build import build_spec
from llmbench.config.compose import compose
from llmbench.config.sweep import cells_of
from llmbench.console import Console
from llmbench.errors import RunError, UsageError
from llmbench.report.files import write_files
from llmbench.report.read import Run, narrowed, read_run
from llmbench.runner import execute
from llmbench.runner.plan import select
from llmbench.runner.spec import RunSpec, Selection
from llmbench.score.comparison import compare
from llmbench.score.pairing import Arm
from llmbench.score.sequential import LOOKS, Look, Standing, standing


@dataclass(frozen=True, slots=True)
class Stopped:
    """How two arms ended that were looked at while they were made."""

    runs: list[Run]
    standing: Standing
    tasks: int
    """That both were asked."""
    planned: int


def specs_of(words: Sequence[str]) -> list[RunSpec]:
    """Return the runs that overrides describe, a key with several values giving several.

    Raises:
        UsageError: they are wrong, ask for a dry run, or describe fewer than two different runs.
    """
    arguments = parse(["-m", *words])
    specs = [build_spec(compose(arguments, tuple(cell))) for cell in cells_of(arguments)]
    specs = list({spec.run_id: spec for spec in specs}.values())
    if any(spec.dry_run for spec in specs):
        raise UsageError("compare: dry_run=true makes no run to compare; leave it out")
    if len(specs) < 2:
        raise UsageError(
            "compare: the overrides describe one run; expected a key with two values or more: "
            "llmbench compare model=a,b dataset=humanevalplus"
        )
    return specs


def made(specs: Sequence[RunSpec], console: Console) -> list[Run]:
    """Make what is missing of each run, whole."""
    return [_made(spec, console) for spec in specs]


def until_clear(specs: Sequence[RunSpec], console: Console) -> Stopped:
    """Make two runs in turns, and stop when it is clear which is better or can't become clear.

    At each look both have the same tasks, drawn by the first run's seed: more tasks keep those before.

    Raises:
        UsageError: there are more than two runs, or several samples a task.
    """
    if len(specs) != 2 or any(spec.samples > 1 for spec in specs):
        what = f"{len(specs)} runs" if len(specs) != 2 else "samples=" + str(specs[0].samples)
        raise UsageError(f"compare: --until-clear: got {what}; expected two runs with samples=1")
    every = _tasks(specs[0], console)
    planned = len(every)
    looks: list[Look] = []
    for asked in dict.fromkeys(math.ceil(share * planned) for share in LOOKS):
        chosen = select(every, Selection(limit=asked), specs[0].seed)
        runs = made([_asking(spec, chosen) for spec in specs], console)
        counts = compare(*(Arm(run.manifest, run.planned) for run in runs)).counts
        looks.append(Look(asked / planned, counts.only_a, counts.only_b))
        found = standing(looks, planned - asked)
        console.print(_told(found, looks[-1], asked, planned), style="bold", highlight=False)
        if found.better or found.hopeless:
            break
    return Stopped(runs, found, asked, planned)


def _told(found: Standing, look: Look, asked: int, planned: int) -> str:
    state = "clear" if found.better else "can't become clear" if found.hopeless else "not clear yet"
    counts = f"{look.only_a} only A passed, {look.only_b} only B"
    return f"look {found.look} of {len(LOOKS)}, {asked} of {planned} tasks: {counts}: {state}"


def _asking(spec: RunSpec, tasks: Sequence[Task]) -> RunSpec:
    return replace(spec, selection=Selection(tasks=tuple(task.id for task in tasks)))


def _made(spec: RunSpec, console: Console) -> Run:
    result = execute(spec, console=console)
    run = read_run(spec.folder)
    write_files(run)
    if result.stopped:
        raise RunError(f"compare: run {spec.run_id}: {result.stopped}")
    # The run may hold more than is asked for here, and so would have looked at too much too early.
    return narrowed(run, result.tasks)


def _tasks(spec: RunSpec, console: Console) -> list[Task]:
    async def loaded(folder: Path) -> list[Task]:
        parts = make_parts(spec, console, folder)
        await parts.dataset.prepare()
        return select(parts.dataset.tasks(), spec.selection, spec.seed)

    with scratch() as folder:
        return asyncio.run(loaded(Path(folder)))


def ending(stopped: Stopped) -> Iterator[str]:
    """Yield what is to be said of a comparison that may have ended early."""
    found, saved = stopped.standing, stopped.planned - stopped.tasks
    if found.better:
        verdict = f"{found.better.upper()} is better"
    else:
        verdict = "it can't become clear on these tasks" if found.hopeless else "it did not become clear"
    yield f"Stopped at look {found.look} of {len(LOOKS)}: {verdict} (exact group-sequential sign test, 5 %)."
    if saved:
        yield f"{saved} of {stopped.planned} tasks were not asked."
    if saved and found.better:
        yield "Stopping favours the winner: the difference below is biased upward, its interval descriptive."


def as_json(stopped: Stopped) -> str:
    """Return how it ended and the comparison as JSON."""
    found = stopped.standing
    told = {
        "schema": "llmbench.until_clear/1",
        "better": found.better or None,
        "look": found.look,
        "looks": len(LOOKS),
        "tasks": stopped.tasks,
        "planned": stopped.planned,
        "comparison": compare(*(Arm(run.manifest, run.planned) for run in stopped.runs)),
    }
    return msgspec.json.format(msgspec.json.encode(told), indent=2).decode()
