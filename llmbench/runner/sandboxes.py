"""Choosing the sandbox: the first one that works here and may be used for what will run in it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from llmbench.api import Context, Sandbox, Toolchain
from llmbench.errors import PrerequisiteError
from llmbench.registry import load
from llmbench.runner.spec import Part

_LOCAL = (
    "sandbox=local: the answers run on this machine without isolation, which is allowed because they are "
    "known beforehand; for any other model install Docker or bubblewrap"
)


@dataclass(frozen=True, slots=True)
class Chosen:
    """A sandbox that is ready for its toolchains."""

    name: str
    sandbox: Sandbox
    lacking: Mapping[str, str] = field(default_factory=dict)
    """Toolchains that it can't serve here, by name, each with the reason."""


async def choose(
    parts: Sequence[Part],
    context: Context,
    toolchains: Sequence[Toolchain],
    *,
    trusted: bool,
    partly: bool = False,
) -> Chosen:
    """Return the first of ``parts`` that can serve all toolchains here, prepared.

    Args:
        trusted: all code that will run is known beforehand, so a sandbox that does not isolate may be used.
        partly: where none serves all, take the one that serves most, and say what it lacks.

    Raises:
        PrerequisiteError: none can; the message says why of each, and what to do.
    """
    found: list[Chosen] = []
    try:
        for part in parts:
            sandbox = load("sandbox", part.name)(part.options, context)
            found.append(Chosen(part.name, sandbox, await _lacking(sandbox, toolchains, trusted=trusted)))
            if not found[-1].lacking:
                return _taken(found.pop(), context)
        best = min(found, key=lambda each: len(each.lacking), default=None)
        if partly and best is not None and len(best.lacking) < len(toolchains):
            found.remove(best)
            return _taken(best, context)
    finally:
        for each in found:
            await each.sandbox.close()
    reasons = [f"{each.name}: {next(iter(each.lacking.values()))}" for each in found]
    raise PrerequisiteError(
        f"sandbox: none can be used here; {'; '.join(reasons)}. Choices: a running Docker engine "
        "(sandbox=docker), bubblewrap on Linux (sandbox=bubblewrap); llmbench doctor checks them"
    )


def _taken(chosen: Chosen, context: Context) -> Chosen:
    if not chosen.sandbox.isolates:
        context.warn(_LOCAL)
    for name, reason in chosen.lacking.items():
        context.warn(f"toolchain {name} is missing: its tasks are skipped (sandbox={chosen.name}: {reason})")
    return chosen


async def _lacking(sandbox: Sandbox, toolchains: Sequence[Toolchain], *, trusted: bool) -> Mapping[str, str]:
    """Return why toolchains can't be used with a sandbox, by their names; all others are prepared."""
    if not sandbox.isolates and not trusted:
        reason = "gives no isolation, and only models and agents marked as trusted may run without"
        return {toolchain.id: reason for toolchain in toolchains} or {"": reason}
    reasons = {toolchain.id: await sandbox.missing(toolchain) for toolchain in toolchains}
    for toolchain in toolchains:
        if not reasons[toolchain.id]:
            try:
                await sandbox.prepare(toolchain)
            except PrerequisiteError as error:
                reasons[toolchain.id] = str(error)
    return {name: reason for name, reason in reasons.items() if reason}
