"""``llmbench estimate``: what a run will take, before it is made."""

import asyncio
import json
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path

from llmbench.api import Task
from llmbench.commands.arguments import Parser
from llmbench.commands.setup import composed_spec, make_parts, scratch
from llmbench.config.foresight import foreseen
from llmbench.console import Console
from llmbench.errors import RunError, UsageError
from llmbench.records.journal import FILE
from llmbench.report.foresight import Foreseen
from llmbench.runner import execute
from llmbench.runner.plan import pending, planned, select
from llmbench.runner.spec import RunSpec, Selection
from llmbench.runner.standing import Standing
from llmbench.runner.subset import TRIAL, evenly


def main(argv: list[str]) -> int:
    """Say what the samples that are missing will take."""
    parser = Parser(
        "estimate",
        "Say what a run will take: time, tokens, price and energy, each with a range in which it lies in "
        "four cases of five. Takes the run's own overrides. It rests on earlier runs of the same model on "
        f"this machine; where there are none, {TRIAL} tasks of the run are asked and kept.",
        "[key=value …] [--no-calibration] [--json]",
    )
    parser.add_argument("--no-calibration", action="store_true", help="ask nothing, even if nothing is known")
    parser.add_argument("--json", action="store_true", help="for machines")
    options, words = parser.split(argv)
    spec = composed_spec("estimate", words)
    if spec.dry_run:
        raise UsageError("estimate: dry_run=true belongs to a run; leave it out")
    console = Console(stderr=options.json)
    tasks = _tasks(spec, console)
    found = foreseen(spec)
    if found.earlier is None and not options.no_calibration:
        found = _calibrated(spec, tasks, console)
    missing = _missing(spec, tasks)
    print(_as_json(found, missing) if options.json else _told(found, missing))
    return 0 if found.earlier or not missing else 1


def _calibrated(spec: RunSpec, tasks: Sequence[Task], console: Console) -> Foreseen:
    """Make a few samples of the run, as the run itself would, and look again."""
    drawn = evenly(tasks, TRIAL, spec.seed)
    console.print(f"no earlier run of this model here: {len(drawn)} tasks of this one are asked and kept")
    few = replace(spec, selection=Selection(tasks=tuple(task.id for task in drawn)))
    result = execute(few, console=console)
    if result.stopped:
        raise RunError(f"estimate: {result.stopped}")
    return foreseen(spec)


def _tasks(spec: RunSpec, console: Console) -> list[Task]:
    async def loaded(folder: Path) -> list[Task]:
        parts = make_parts(spec, console, folder)
        if not parts.agent.asks_model:
            raise UsageError(f"estimate: agent={spec.agent.name} asks no model; there is nothing to estimate")
        await parts.dataset.prepare()
        return select(parts.dataset.tasks(), spec.selection, spec.seed)

    with scratch() as folder:
        return asyncio.run(loaded(Path(folder)))


def _missing(spec: RunSpec, tasks: Sequence[Task]) -> int:
    wanted = planned(tasks, spec.samples, spec.selection)
    return len(list(pending(wanted, Standing(spec.folder / FILE).refreshed())))


def _told(found: Foreseen, missing: int) -> str:
    if not missing:
        return "all samples are made: nothing would be asked"
    told = found.told(missing)
    return (
        f"expected for {told}" if told else "no earlier run of this model on this machine: nothing is known"
    )


def _as_json(found: Foreseen, missing: int) -> str:
    forecast = found.forecast(missing)
    basis = found.earlier.basis if found.earlier else ""
    return json.dumps(
        {"samples": missing, "basis": basis, "expected": forecast and asdict(forecast)}, indent=2
    )
