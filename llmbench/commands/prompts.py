"""``llmbench prompts``: take tasks out to an outside agent; ``grade --solutions`` brings its answers back."""

import asyncio
from pathlib import Path

from llmbench.api import Task
from llmbench.commands.arguments import Parser
from llmbench.commands.setup import Parts, composed_spec, make_parts, scratch
from llmbench.commands.solutions import PROMPT, folder_name
from llmbench.console import Console
from llmbench.errors import UsageError
from llmbench.runner.plan import select
from llmbench.wording import plural


def main(argv: list[str]) -> int:
    """Write a folder for each task: its prompt and its files, never references or hidden tests."""
    parser = Parser(
        "prompts",
        "Write a folder for each task of a dataset, PROMPT.md and the starter files, for an agent of yours. "
        "Let it change the files there, and grade them: llmbench grade --solutions DIR dataset=…",
        "dataset=… --output DIR [key=value …]",
    )
    parser.add_argument("--output", type=Path, required=True, metavar="DIR", help="where; new or empty")
    options, words = parser.split(argv)
    output: Path = options.output
    if output.exists() and (not output.is_dir() or any(output.iterdir())):
        raise UsageError(f"prompts: --output: expected a new or empty folder, got '{output}'")
    console = Console()
    with scratch() as folder:
        tasks = asyncio.run(_tasks(make_parts(composed_spec("prompts", words), console, Path(folder))))
    for task in tasks:
        _write(task, output / folder_name(task.id))
    console.print(f"{plural(len(tasks), 'prompt')} in {output}", highlight=False)
    return 0


async def _tasks(parts: Parts) -> list[Task]:
    await parts.dataset.prepare()
    return select(parts.dataset.tasks(), parts.spec.selection, parts.spec.seed)


def _write(task: Task, folder: Path) -> None:
    files = {PROMPT: f"{task.instructions.strip()}\n\nYou may change: {', '.join(task.editable)}\n".encode()}
    for path, content in (files | dict(task.workspace)).items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
