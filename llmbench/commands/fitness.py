"""``llmbench fitness``: which protocol a model should call tools in, on this server, by trying."""

import asyncio
import hashlib
import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec

from llmbench.commands.arguments import Parser
from llmbench.commands.setup import composed_spec, scratch
from llmbench.config.arguments import key_of
from llmbench.config.identity import identity, joined_name
from llmbench.console import Console
from llmbench.errors import UsageError
from llmbench.records.fitness import Fitness, FitnessAttempt, write_fitness
from llmbench.records.manifest import machine, now
from llmbench.records.masking import Mask
from llmbench.report.fitness import fitness_data, show_fitness
from llmbench.report.read import relative
from llmbench.runner.fitness import PROTOCOLS, Measured, Plan, check_agent, measure
from llmbench.runner.probes import PROBES
from llmbench.runner.spec import RunSpec
from llmbench.runner.surroundings import make_context
from llmbench.runner.wishes import refuse_misnamed

_SECTIONS = ("backend", "model", "sampling", "agent")


def main(argv: list[str]) -> int:
    """Try small requests that need calls in both protocols, and say which to use."""
    parser = Parser(
        "fitness",
        "Try how well a model writes calls of tools on its server: parsed by the server (native) and as "
        "plain text. Takes the overrides of a run, asks seven kinds of small requests several times, runs "
        "nothing in boxes, and says which agent.protocol to use.",
        "[key=value …] [--repetitions N] [--minutes M] [--protocol native|text] [--json]",
    )
    parser.add_argument("--repetitions", type=int, default=5, metavar="N", help="of each probe (5)")
    parser.add_argument("--minutes", type=float, default=10.0, metavar="M", help="at most (10)")
    parser.add_argument("--protocol", choices=PROTOCOLS, help="only this one")
    parser.add_argument("--json", action="store_true", help="for machines")
    options, words = parser.split(argv)
    if options.repetitions < 1:
        raise UsageError(f"fitness: --repetitions: expected 1 or more, got {options.repetitions}")
    if not options.minutes > 0:
        raise UsageError(f"fitness: --minutes: expected more than 0, got {options.minutes:g}")
    plan = Plan(options.repetitions, options.minutes, (options.protocol,) if options.protocol else PROTOCOLS)
    return _fitness(words, plan, as_json=options.json)


def _fitness(words: Sequence[str], plan: Plan, *, as_json: bool) -> int:
    spec = composed_spec("fitness", _with_agent(words))
    check_agent(spec)
    refuse_misnamed(spec)
    mask = Mask(spec.secrets, spec.secret_names)
    console = Console(stderr=as_json)
    measured, started = Measured(), now()
    try:
        asyncio.run(_measure(spec, plan, measured, mask, console))
    finally:
        # What was asked is kept, however this ends.
        fitness = _record(spec, plan, measured, started)
        path = write_fitness(spec.folder.parents[1], fitness, mask) if measured.attempts else Path()
    if as_json:
        print(json.dumps(fitness_data(fitness, measured.stopped, relative(path)), indent=2))
        return 0
    show_fitness(fitness, measured.stopped, console)
    console.print(f"\nEvery attempt: {relative(path)}", style="dim", soft_wrap=True)
    return 0


async def _measure(spec: RunSpec, plan: Plan, measured: Measured, mask: Mask, console: Console) -> None:
    def say(message: str) -> None:
        console.print(mask.text(message), style="dim", highlight=False)

    with scratch() as folder, console.status("starting the server") as status:

        def tell(done: int, planned: int) -> None:
            status.update(f"{done} of {planned} tried")

        context = replace(make_context(spec, say, say), work_dir=Path(folder))
        await measure(spec, context, plan, measured, tell)


def _with_agent(words: Sequence[str]) -> list[str]:
    """Choose the agent that calls tools, unless another is named."""
    named = any("=" in word and key_of(word) == "agent" for word in words)
    return list(words) if named else ["agent=tools", *words]


def _record(spec: RunSpec, plan: Plan, measured: Measured, started: str) -> Fitness:
    return Fitness(
        key=_key(spec),
        started=started,
        ended=now(),
        model=spec.model.name,
        backend=spec.backend.name,
        agent=spec.agent.name,
        overrides=spec.overrides,
        config={name: spec.config[name] for name in _SECTIONS if name in spec.config},
        server=measured.server,
        machine=machine(),
        repetitions=plan.repetitions,
        minutes=plan.minutes,
        planned=measured.planned,
        not_possible=measured.not_possible,
        attempts=tuple(sorted(measured.attempts, key=_place)),
    )


def _place(attempt: FitnessAttempt) -> tuple[int, int, int]:
    """Return where an attempt stands in the plan, whichever ended first."""
    probes = [probe.name for probe in PROBES]
    return attempt.repetition, probes.index(attempt.probe), PROTOCOLS.index(attempt.protocol)


def _key(spec: RunSpec) -> str:
    """Return ``<model>-<backend>-<hash>``: the hash covers what can change how calls are written."""
    told: dict[str, Any] = {
        "backend": [spec.backend.name, identity(spec.backend.options)],
        "agent": [spec.agent.name, identity(spec.agent.options)],
        "model": [spec.model.name, identity(spec.model.reasoning)],
        "sampling": identity(spec.sampling),
        "seed": spec.seed,
    }
    digest = hashlib.sha256(msgspec.json.encode(told, order="sorted")).hexdigest()[:10]
    return joined_name((spec.model.name, spec.backend.name), digest)
