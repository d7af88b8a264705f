"""``llmbench prepare``: fetch the dataset and build what boxes need, so that a run starts at once."""

import asyncio
from pathlib import Path

from llmbench.commands.arguments import Parser
from llmbench.commands.setup import Parts, composed_spec, make_parts, scratch
from llmbench.console import Console
from llmbench.runner.plan import select
from llmbench.runner.progress import RunProgress
from llmbench.runner.sandboxes import choose
from llmbench.runner.toolchains import needed_toolchains
from llmbench.wording import plural


def main(argv: list[str]) -> int:
    """Prepare everything that the run needs besides the model."""
    parser = Parser(
        "prepare",
        "Fetch the dataset and build the sandbox's images for a run; run it with the run's own overrides.",
        "[key=value …]",
    )
    _, words = parser.split(argv)
    spec = composed_spec("prepare", words)
    console = Console()
    with scratch() as folder, RunProgress(console) as progress:
        parts = make_parts(spec, console, Path(folder), progress.waiting)
        is_whole = asyncio.run(_prepare(parts, console))
    return 0 if is_whole else 1


async def _prepare(parts: Parts, console: Console) -> bool:
    """Return whether the run could do all its tasks now; it can begin in any case."""
    spec = parts.spec
    await parts.dataset.prepare()
    tasks = list(select(parts.dataset.tasks(), spec.selection, spec.seed))
    console.print(f"dataset {spec.dataset.name}: {plural(len(tasks), 'task')}", highlight=False)
    toolchains = needed_toolchains(parts.validator, parts.agent, tasks)
    chosen = await choose(spec.sandbox, parts.context, toolchains, trusted=parts.trusted, partly=True)
    await chosen.sandbox.close()
    names = ", ".join(toolchain.id for toolchain in toolchains if toolchain.id not in chosen.lacking)
    console.print(f"sandbox {chosen.name}: ready for {names}", highlight=False)
    return not chosen.lacking
