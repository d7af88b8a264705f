"""The whole catalog proven fair, and solved by its references in both sandboxes."""

import asyncio
import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from llmbench.api import Context, Sandbox
from llmbench.registry import load
from llmbench_plugins.toolchains.python import PYTHON

TASKS = Path(__file__).parents[2] / "tasks/catalog"
FOLDERS = sorted(path.parent.relative_to(TASKS).as_posix() for path in TASKS.glob("*/*/metadata.json"))


@pytest.mark.slow
@pytest.mark.bubblewrap
@pytest.mark.parametrize("task", FOLDERS)
def test_a_task_is_fair(run: Any, task: str) -> None:
    """Its reference passes in time, its starter does not, and each wrong one fails where it is meant to."""
    found = checked(run, task)
    if found["problems"] and all(problem.startswith("wrong/") for problem in found["problems"]):
        found = checked(run, task)  # a race that a wrong solution has may not happen once
    assert found["problems"] == []


def checked(run: Any, task: str) -> Any:
    ran = run("check", "tasks", str(TASKS / task), "sandbox=bubblewrap", "--once", "--json")
    if ran.exit_code == 2 or not ran.stdout:
        pytest.skip(ran.stderr)
    (found,) = json.loads(ran.stdout)
    if found["skipped"]:
        pytest.skip(found["skipped"])
    return found


@pytest.mark.slow
@pytest.mark.docker
@pytest.mark.parametrize(("agent", "outcome"), [("oracle", "passed"), ("nop", "failed")])
def test_references_pass_in_docker_and_starters_do_not(
    run: Any, here: Path, context: Context, agent: str, outcome: str
) -> None:
    kind: type[Sandbox] = load("sandbox", "docker")
    if reason := asyncio.run(kind(kind.Options(), context).missing(PYTHON)):
        pytest.skip(reason)
    ran = run(f"agent={agent}", "dataset=catalog", "sandbox=docker")
    assert ran.exit_code == 0, ran.stderr
    (journal,) = here.glob(f"outputs/catalog/*-{agent}-*/journal.jsonl")
    records = [json.loads(line) for line in journal.read_text().splitlines()]
    assert Counter(record["outcome"] for record in records) == {outcome: len(FOLDERS)}
