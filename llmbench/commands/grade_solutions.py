"""``llmbench grade --solutions``: an ordinary run whose answers are files that somebody else made."""

import asyncio
import base64
import hashlib
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from llmbench.api import Task
from llmbench.commands.setup import Parts, composed_spec, make_parts, scratch
from llmbench.commands.solutions import Solution, read_solutions
from llmbench.console import Console
from llmbench.report import close_run
from llmbench.runner.plan import select
from llmbench.runner.run import execute
from llmbench.runner.spec import RunSpec

_FOLDER = "solutions"


def grade_solutions(path: Path, name: str, words: Sequence[str], console: Console) -> int:
    """Grade solutions through the same journal and report as a model's answers; return the exit code.

    Raises:
        UsageError: there is no solution, or an override is wrong.
    """
    # What somebody hands in is no answer that has to be read: it goes to the grader byte for byte.
    how = ("agent=prompt", "agent.extraction=files", "backend=replay", "model=any")
    fixed = [*how, f"model.name={json.dumps(name)}"]
    spec = composed_spec("grade", [*fixed, *words])
    with scratch() as folder:
        tasks = asyncio.run(_tasks(make_parts(spec, console, Path(folder))))

    def warn(message: str) -> None:
        console.print(message, style="yellow", highlight=False)

    found = read_solutions(path, tasks, warn)
    counts = Counter(solution.task for solution in found)
    if missing := len(tasks) - len(counts):
        warn(f"{missing} of {len(tasks)} tasks have no solution; the score is about the others")
    answers = _stored(found, folder=Path(spec.folder).parent.parent / _FOLDER)
    final = composed_spec(
        "grade",
        [*fixed, *words, f"backend.path={json.dumps(str(answers))}", f"samples={max(counts.values())}"],
    )
    result = execute(_only(final, counts), console=console)
    close_run(result.folder, console, result.tasks)
    return result.exit_code


async def _tasks(parts: Parts) -> list[Task]:
    await parts.dataset.prepare()
    return select(parts.dataset.tasks(), parts.spec.selection, parts.spec.seed)


def _stored(solutions: Sequence[Solution], folder: Path) -> Path:
    """Write the solutions as answers that backend=replay reads; the name is that of the content."""
    lines = [
        json.dumps({"task": solution.task, "content": _answer(solution.files)}) for solution in solutions
    ]
    content = "".join(f"{line}\n" for line in lines).encode()
    file = folder.resolve() / f"{hashlib.sha256(content).hexdigest()[:16]}.jsonl"
    file.parent.mkdir(parents=True, exist_ok=True)
    if not file.exists() or file.read_bytes() != content:
        file.write_bytes(content)
    return file


def _answer(files: Mapping[str, bytes]) -> str:
    """Return files as an answer that ``agent.extraction=files`` takes as it is, byte for byte."""
    return json.dumps({path: _value(content) for path, content in files.items()})


def _value(content: bytes) -> str | dict[str, str]:
    try:
        return content.decode()
    except UnicodeDecodeError:
        return {"base64": base64.b64encode(content).decode()}


def _only(spec: RunSpec, counts: Mapping[str, int]) -> RunSpec:
    """Return the spec for tasks that have solutions, each graded as often as it has."""
    only = replace(spec.selection, tasks=tuple(counts), filter="", limit=None, counts=dict(counts))
    return replace(spec, selection=only)
