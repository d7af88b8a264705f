"""Choosing the sandbox: the first one that works here and may be used for what will run in it."""

from collections.abc import Sequence
from dataclasses import dataclass

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


async def choose(
    parts: Sequence[Part], context: Context, toolchains: Sequence[Toolchain], *, trusted: bool
) -> Chosen:
    """Return the first of ``parts`` that can serve all toolchains here, prepared.

    Args:
        trusted: all code that will run is known beforehand, so a sandbox that does not isolate may be used.

    Raises:
        PrerequisiteError: none can; the message says why of each, and what to do.
    """
    reasons = []
    for part in parts:
        kind: type[Sandbox] = load("sandbox", part.name)
        sandbox = kind(part.options, context)
        reason = await _unusable(sandbox, toolchains, trusted=trusted)
        if not reason:
            if not kind.isolates:
                context.warn(_LOCAL)
            return Chosen(part.name, sandbox)
        await sandbox.close()
        reasons.append(f"{part.name}: {reason}")
    raise PrerequisiteError(
        f"sandbox: none can be used here; {'; '.join(reasons)}. Choices: a running Docker engine "
        "(sandbox=docker), bubblewrap on Linux (sandbox=bubblewrap); llmbench doctor checks them"
    )


async def _unusable(sandbox: Sandbox, toolchains: Sequence[Toolchain], *, trusted: bool) -> str:
    """Return why a sandbox can't be used, or an empty string once it is prepared."""
    if not sandbox.isolates and not trusted:
        return "gives no isolation, and only models and agents marked as trusted may run without"
    for toolchain in toolchains:
        if reason := await sandbox.missing(toolchain):
            return reason
    try:
        for toolchain in toolchains:
            await sandbox.prepare(toolchain)
    except PrerequisiteError as error:
        return str(error)
    return ""
