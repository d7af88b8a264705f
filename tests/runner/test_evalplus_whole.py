"""HumanEval+ and MBPP+ as they are released, in whole runs: references pass, and a real server is asked."""

import asyncio
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from llmbench.api import Context, Outcome, Sandbox
from llmbench.registry import load
from llmbench_plugins.toolchains.python import PYTHON

RELEASES = {
    "humanevalplus": ("HumanEvalPlus.jsonl.gz", 164),
    "mbppplus": ("MbppPlus.jsonl.gz", 378),
}


@pytest.mark.slow
@pytest.mark.parametrize("dataset", RELEASES)
def test_every_reference_passes(dataset: str, run: Any, evalplus_data: Path) -> None:
    file, count = RELEASES[dataset]
    result = run("agent=oracle", f"dataset={dataset}", f"dataset.path={evalplus_data / file}")
    records = run.records(result)
    wrong = {record.task: record.outcome for record in records.values() if record.outcome != Outcome.PASSED}
    assert wrong == {}
    assert len(records) == count
    assert Counter(str(record.tries[0].details["parts"]) for record in records.values()) == {
        "{'base': 'pass', 'plus': 'pass'}": count
    }


@pytest.mark.slow
@pytest.mark.parametrize(
    "sandbox",
    [
        pytest.param("docker", marks=pytest.mark.docker),
        pytest.param("bubblewrap", marks=pytest.mark.bubblewrap),
    ],
)
def test_a_real_server_is_asked_and_its_answers_graded(
    sandbox: str, run: Any, evalplus_data: Path, context: Context
) -> None:
    """The demo model has learned other tasks: it answers, and its answers are wrong."""
    pytest.importorskip("xllamacpp", reason="needs llmbench[embedded]")
    kind: type[Sandbox] = load("sandbox", sandbox)
    if reason := asyncio.run(kind(kind.Options(), context).missing(PYTHON)):
        pytest.skip(reason)
    release = evalplus_data / RELEASES["humanevalplus"][0]
    words = ("dataset=humanevalplus", f"dataset.path={release}", "limit=3", f"sandbox={sandbox}")
    result = run("backend=llamacpp", "model=demo", *words)
    assert result.exit_code == 0, run.screen.getvalue()
    records = run.records(result).values()
    assert len(records) == 3
    # Where no question is one that it knows, it may also repeat itself until its tokens are spent.
    outcomes = {record.outcome for record in records}
    assert Outcome.FAILED in outcomes
    assert outcomes <= {Outcome.FAILED, Outcome.BUDGET_EXHAUSTED}
    assert all(record.usage.completion_tokens for record in records)
    assert all(record.tries[0].notes["extraction"] for record in records)
