"""``llmbench doctor``: what this configuration lacks here, each with what to do about it."""

import asyncio
import json
import platform
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Literal

from llmbench import __version__, registry
from llmbench.api import Backend, Sandbox, Task, Toolchain
from llmbench.commands.arguments import Parser
from llmbench.commands.setup import Parts, composed_spec, make_parts, scratch
from llmbench.config.build import named_variables
from llmbench.console import Console
from llmbench.errors import LlmbenchError, UsageError
from llmbench.records.kept_servers import read_kept
from llmbench.registry import load
from llmbench.runner.monitoring import unavailable
from llmbench.runner.plan import select
from llmbench.runner.spec import Part, RunSpec
from llmbench.runner.toolchains import needed_toolchains, unfit_tasks
from llmbench.wording import plural

Status = Literal["ok", "note", "missing"]
_MARKS = {"ok": "✓", "note": "·", "missing": "✗"}
_UNTRIED = "not tried, as --no-server says"
_STYLES = {"ok": "green", "note": "dim", "missing": "red"}


@dataclass(frozen=True, slots=True)
class Finding:
    """The result of one check; what is missing says in ``detail`` how to get it."""

    check: str
    status: Status
    detail: str


def main(argv: list[str]) -> int:
    """Check everything that a run needs; 0 if it could start now, else 2."""
    parser = Parser(
        "doctor",
        "Say what is missing here for a run, with the command that cures it. Starts and stops the model's "
        "server, for only that proves that it runs.",
        "[key=value …] [--no-server] [--json]",
    )
    parser.add_argument("--no-server", action="store_true", help="do not start the model's server")
    parser.add_argument("--json", action="store_true", help="for machines")
    options, words = parser.split(argv)
    # With --json, what plugins say while they work must not mix with the answer.
    console = Console(stderr=options.json)
    findings = _examine(words, with_server=not options.no_server, console=console)
    can_start = all(finding.status != "missing" for finding in findings)
    if options.json:
        print(json.dumps({"ok": can_start, "findings": [asdict(finding) for finding in findings]}, indent=2))
    else:
        _show(findings, console)
        console.print(_verdict(findings, can_start=can_start), highlight=False)
    return 0 if can_start else 2


def _examine(words: Sequence[str], *, with_server: bool, console: Console) -> list[Finding]:
    findings = [Finding("llmbench", "ok", f"{__version__} on Python {platform.python_version()}")]
    try:
        spec = composed_spec("doctor", words)
    except UsageError as error:
        return [*findings, Finding("configuration", "missing", str(error))]
    findings += [Finding("configuration", "ok", _summary(spec)), *_secrets(spec), *_kept_servers()]

    async def collect(parts: Parts) -> None:
        async for finding in _checks(parts, with_server=with_server):
            findings.append(finding)

    with scratch() as folder:
        asyncio.run(collect(make_parts(spec, console, Path(folder))))
    return findings


def _summary(spec: RunSpec) -> str:
    parts = {"backend": spec.backend, "agent": spec.agent, "dataset": spec.dataset}
    chosen = " ".join(f"{axis}={part.name}" for axis, part in parts.items())
    return f"model={spec.model.name} {chosen}, run {spec.folder}"


def _kept_servers() -> list[Finding]:
    """Return what `llmbench server` keeps running: it holds memory that this run may want."""
    return [
        Finding("server", "note", f"{kept.model} on {kept.backend} is up at {kept.url}; llmbench server stop")
        for kept in read_kept()
        if kept.alive
    ]


def _secrets(spec: RunSpec) -> list[Finding]:
    parts = (spec.backend, spec.agent, spec.dataset)
    names = {name for part in parts for name in named_variables(part.options)}
    if _is_its_own_server(spec.backend):
        names -= {name for name in _by_default(spec.backend) if not spec.secrets.get(name)}
    unset = "not set; if the server wants it, export it or write it into .env"
    return [
        Finding(
            "secret",
            "ok" if spec.secrets.get(name) else "note",
            name if spec.secrets.get(name) else f"{name} {unset}",
        )
        for name in sorted(names)
    ]


def _is_its_own_server(backend: Part) -> bool:
    """Say whether llmbench starts the server: one that it starts wants a key only where somebody set one."""
    return getattr(backend.options, "server", "attach") != "attach"


def _by_default(backend: Part) -> set[str]:
    """Return the variables that the backend looks at where nobody names one."""
    options = backend.options
    usual = {
        each.name: each.default for each in fields(options) if getattr(options, each.name) == each.default
    }
    return set(named_variables(usual))


async def _checks(parts: Parts, *, with_server: bool) -> AsyncIterator[Finding]:
    tasks: list[Task] = []
    try:
        tasks = list(select(parts.dataset.tasks(), parts.spec.selection, parts.spec.seed))
        yield Finding("dataset", "ok", f"{parts.spec.dataset.name}: {plural(len(tasks), 'task')}")
    except LlmbenchError as error:
        yield Finding("dataset", "missing", str(error))
    for finding in await _places(parts, tasks):
        yield finding
    if programs := await _agent(parts):
        yield programs
    for finding in _monitors(parts):
        yield finding
    if not parts.agent.asks_model:
        yield Finding("backend", "note", f"not needed: agent '{parts.spec.agent.name}' asks no model")
    elif parts.spec.misnamed:
        yield Finding("model", "missing", parts.spec.misnamed)
    elif with_server:
        yield await _backend(parts)
    else:
        yield Finding("backend", "note", f"{parts.spec.backend.name}: {_UNTRIED}")


async def _agent(parts: Parts) -> Finding | None:
    """Return what an agent with programs of its own says of them."""
    try:
        await parts.agent.prepare(parts.spec.model)
    except LlmbenchError as error:
        return Finding("agent", "missing", str(error))
    facts = {name: value for name, value in parts.agent.describe().items() if value != ""}
    detail = ", ".join(f"{name} {value}" for name, value in facts.items())
    return Finding("agent", "ok", detail) if facts else None


async def _places(parts: Parts, tasks: Sequence[Task]) -> list[Finding]:
    """Say where the tasks can be run, or why that can't be told."""
    try:
        toolchains = needed_toolchains(parts.validator, parts.agent, tasks)
    except LlmbenchError as error:
        return [Finding("toolchain", "missing", str(error))]
    return await _sandboxes(parts, toolchains, tasks)


async def _sandboxes(parts: Parts, toolchains: Sequence[Toolchain], tasks: Sequence[Task]) -> list[Finding]:
    """Say which sandbox a run would take, what it serves, and which tasks would be skipped."""
    lacking = {part.name: await _lacking(parts, part, toolchains) for part in parts.spec.sandbox}
    best = min(lacking, key=lambda name: len(lacking[name]), default="")
    served = [toolchain.id for toolchain in toolchains if toolchain.id not in lacking[best]]
    if lacking[best] and not served:
        return [Finding("sandbox", "missing", f"{name}: {_joined(why)}") for name, why in lacking.items()]
    if not toolchains:
        why = "the tasks need none" if tasks else "without tasks it is not known what it must hold"
        return [Finding("sandbox", "note", f"not checked: {why}")]
    unfit = unfit_tasks(parts.validator, parts.agent, tasks, lacking[best])
    return [
        Finding("sandbox", "ok", f"{best} serves {', '.join(served)}"),
        *(
            Finding("toolchain", "note", f"{name} is missing, so its tasks would be skipped: {reason}")
            for name, reason in lacking[best].items()
        ),
        *([Finding("tasks", "note", f"{len(unfit)} of {len(tasks)} would be skipped")] if unfit else []),
        *(
            Finding("sandbox", "note", f"{name}: {_joined(why)}")
            for name, why in lacking.items()
            if why and name != best
        ),
    ]


def _joined(reasons: Mapping[str, str]) -> str:
    return "; ".join(dict.fromkeys(reasons.values()))


async def _lacking(parts: Parts, part: Part, toolchains: Sequence[Toolchain]) -> Mapping[str, str]:
    """Return why a sandbox can't serve toolchains, by their names; nothing where it serves all."""
    try:
        kind: type[Sandbox] = load("sandbox", part.name)
        if not kind.isolates and not parts.trusted:
            reason = "gives no isolation, and neither the model nor the agent is marked as trusted"
            return _all_lack(toolchains, reason)
        sandbox = kind(part.options, parts.context)
        try:
            reasons = {toolchain.id: await sandbox.missing(toolchain) for toolchain in toolchains}
        finally:
            await sandbox.close()
    except LlmbenchError as error:
        return _all_lack(toolchains, str(error))
    return {name: reason for name, reason in reasons.items() if reason}


def _all_lack(toolchains: Sequence[Toolchain], reason: str) -> Mapping[str, str]:
    return {toolchain.id: reason for toolchain in toolchains} or {"": reason}


def _monitors(parts: Parts) -> list[Finding]:
    """Say which monitors work on this machine; only one that was asked for by name can be missing."""
    wanted = parts.spec.monitoring
    chosen = registry.names("monitor") if wanted.auto else [part.name for part in wanted.parts]
    given = {part.name: part.options for part in wanted.parts}
    findings = []
    for name in chosen:
        reason = unavailable(name, given.get(name), parts.context)
        status: Status = "ok" if not reason else "note" if wanted.auto else "missing"
        findings.append(Finding("monitor", status, f"{name}: {reason}" if reason else name))
    return findings


async def _backend(parts: Parts) -> Finding:
    spec = parts.spec
    kind: type[Backend] = load("backend", spec.backend.name)
    try:
        async with kind(spec.backend.options, spec.model, parts.context) as backend:
            server = dict(await backend.describe())
            capacity = backend.capacity
    except LlmbenchError as error:
        return Finding("backend", "missing", f"{spec.backend.name}: {error}")
    build = " ".join(str(server[key]) for key in ("server", "build") if server.get(key))
    return Finding(
        "backend",
        "ok",
        f"{spec.backend.name}: answers, {plural(capacity, 'request')} at once; {build}".rstrip("; "),
    )


def _verdict(findings: Sequence[Finding], *, can_start: bool) -> str:
    if not can_start:
        return "not ready: cure what is marked ✗ and run doctor again"
    if any(finding.detail.endswith(_UNTRIED) for finding in findings):
        return "nothing is missing; the server was not tried"
    return "ready: the run can start"


def _show(findings: Sequence[Finding], console: Console) -> None:
    for finding in findings:
        console.print(
            f"{_MARKS[finding.status]} {finding.check}: {finding.detail}",
            style=_STYLES[finding.status],
            highlight=False,
            soft_wrap=True,
        )
