"""All 225 exercises: every reference passes, doing nothing passes none. Over a checkout of the benchmark:

LLMBENCH_POLYGLOT=~/polyglot-benchmark pytest tests/validators/exercism/test_polyglot.py -k python

``LLMBENCH_POLYGLOT_SANDBOX`` names the sandbox (docker); without it the first is used that works here.
"""

import asyncio
import os
from collections.abc import Iterator
from pathlib import Path

import platformdirs
import pytest

from llmbench.api import Context, Outcome, Sandbox, Task, Verdict
from llmbench.errors import LlmbenchError
from llmbench.registry import load
from llmbench.testing.validator import OpenBoxes
from llmbench_plugins.datasets.exercism.dataset import Exercism as Exercises
from llmbench_plugins.datasets.exercism.dataset import Options as Chosen
from llmbench_plugins.validators.exercism.validator import Exercism, Options

pytestmark = [pytest.mark.polyglot, pytest.mark.slow]

CHECKOUT = os.environ.get("LLMBENCH_POLYGLOT", "")
SANDBOX = os.environ.get("LLMBENCH_POLYGLOT_SANDBOX", "")
EXERCISES = {"cpp": 26, "go": 39, "java": 47, "javascript": 49, "python": 34, "rust": 30}
AT_ONCE = max(1, (os.cpu_count() or 2) // 2)


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    cache = Path(platformdirs.user_cache_dir("llmbench"))
    context = Context(work_dir=tmp_path_factory.mktemp("polyglot"), cache_dir=cache, label="tests")
    for name in [SANDBOX] if SANDBOX else ["bubblewrap", "docker"]:
        kind: type[Sandbox] = load("sandbox", name)
        made = kind(kind.Options(), context)
        if not asyncio.run(made.missing(load("toolchain", "python"))):
            yield made
            asyncio.run(made.close())
            return
    pytest.skip("no isolating sandbox")


def exercises(language: str, folder: Path) -> list[Task]:
    context = Context(work_dir=folder, cache_dir=folder)
    options = Chosen(path=CHECKOUT, languages=(language,))  # type: ignore[arg-type]
    return list(Exercises(options, context).tasks())


async def verdicts(
    tasks: list[Task], validator: Exercism, sandbox: Sandbox, *, reference: bool
) -> dict[str, Verdict | str]:
    """Grade the references, or nothing, of all tasks; an error is told by its text."""
    names = {name for task in tasks for name in validator.toolchains(task)}
    toolchains = [load("toolchain", name) for name in names]
    for toolchain in toolchains:
        await sandbox.prepare(toolchain)
    boxes, slots = OpenBoxes(sandbox, toolchains), asyncio.Semaphore(AT_ONCE)

    async def one(task: Task) -> Verdict | str:
        async with slots:
            try:
                return await validator.grade(task, task.reference if reference else {}, boxes)
            except LlmbenchError as error:
                return str(error)

    return dict(zip([task.id for task in tasks], await asyncio.gather(*map(one, tasks)), strict=True))


@pytest.mark.parametrize("rules", ["strict", "aider"])
@pytest.mark.parametrize("language", EXERCISES)
def test_every_reference_passes_and_doing_nothing_never_does(
    language: str, rules: str, sandbox: Sandbox, tmp_path: Path
) -> None:
    tasks = exercises(language, tmp_path)
    assert len(tasks) == EXERCISES[language]
    validator = Exercism(Options(rules=rules), Context(work_dir=tmp_path, cache_dir=tmp_path))  # type: ignore[arg-type]
    found = asyncio.run(verdicts(tasks, validator, sandbox, reference=True))
    bad = {name: v if isinstance(v, str) else v.reason for name, v in found.items() if not passed(v)}
    assert not bad
    assert not [
        name
        for name, verdict in asyncio.run(verdicts(tasks, validator, sandbox, reference=False)).items()
        if passed(verdict)
    ]


def passed(verdict: Verdict | str) -> bool:
    return isinstance(verdict, Verdict) and verdict.outcome is Outcome.PASSED


@pytest.mark.parametrize("language", EXERCISES)
def test_no_answer_lies_in_the_open(language: str, tmp_path: Path) -> None:
    for task in exercises(language, tmp_path):
        assert all(task.may_change(path) and not task.is_protected(path) for path in task.reference), task.id
        seen = task.instructions.encode() + b"".join(task.starter.values())
        for path, content in {**task.tests, **task.reference}.items():
            # Some references bring a file along as it was given, but perhaps for a comment.
            given = content.strip() in task.starter.get(path, b"")
            assert given or not content.strip() or content.strip() not in seen, f"{task.id}: {path}"
