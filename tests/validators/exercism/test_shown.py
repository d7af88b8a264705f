"""What an agent that sees an exercise's tests runs: the tests themselves, in every language."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from llmbench.api import Files, Limits, Ran, Sandbox, Task, closing
from llmbench.registry import load

LANGUAGES = ("python", "javascript", "go", "rust", "java", "cpp")


async def _run(task: Task, files: Files, sandbox: Sandbox) -> tuple[Ran, Files]:
    limits = Limits(wall_s=180, processes=512, memory_mb=2048, disk_mb=1024)
    async with closing(await sandbox.open(load("toolchain", task.toolchain), limits)) as box:
        await box.put(files)
        ran = await box.run(task.commands["run_tests"])
        return ran, await box.get()


@pytest.mark.slow
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_reference_passes_the_tests_that_are_shown(
    language: str, opened: Callable[[str], Sandbox], exercise: Callable[..., Task], tmp_path: Path
) -> None:
    task = exercise(language, tmp_path, show_tests=True)
    sandbox = opened(task.toolchain)
    files = {**task.workspace, **task.reference}
    ran, after = asyncio.run(_run(task, files, sandbox))
    assert ran.exit_code == 0, (ran.stdout + ran.stderr).decode()
    built = [path for path in after if path not in files and "__pycache__" not in path]
    assert built in ([], ["Cargo.lock"]), "what is built is no part of the workspace"
    ran, _ = asyncio.run(_run(task, task.workspace, sandbox))
    assert ran.exit_code not in (0, None), "the starter fails"


def test_there_is_nothing_to_run_where_no_tests_are_shown(
    exercise: Callable[..., Task], tmp_path: Path
) -> None:
    assert [exercise(language, tmp_path).commands for language in LANGUAGES] == [{}] * len(LANGUAGES)
