"""Finds out whether a host can serve a toolchain, by really running its programs in a box."""

from llmbench.api import Box, Limits, Toolchain

TRIAL = Limits(wall_s=30.0)


async def try_programs(box: Box, toolchain: Toolchain) -> str:
    """Return which program of ``toolchain`` does not run in ``box``, with the cure, or an empty string."""
    for program in toolchain.programs:
        ran = await box.run([program.name, *program.version_argv])
        if ran.exit_code != 0:
            said = (ran.stderr or ran.stdout).decode(errors="replace").strip()[-300:]
            cure = (
                f"install it: {program.cure}" if program.cure else "install it for all users of the machine"
            )
            return f"{program.name} does not run in a box (exit code {ran.exit_code}: {said}); {cure}"
    return ""
