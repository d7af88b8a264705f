"""``llmbench estimate``, the first lines of a run, ``budget.hours``: what earlier runs say of the next."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from llmbench.api import Sandbox
from llmbench.records.journal import read_journal
from llmbench.testing.servers import Answer, StubServer

from .conftest import Run


def _unhurried(body: Mapping[str, Any]) -> Answer | str:
    if body.get("max_tokens", 0) < 100:
        return "ready"
    return Answer(content="That is beyond me. " * 4, piece_delay_s=0.02)


def _slow(body: Mapping[str, Any]) -> Answer | str:
    """Take 1.6 s at least on any machine: twenty samples, two at once, take 16 s."""
    answer = _unhurried(body)
    return answer if isinstance(answer, str) else replace(answer, delay_s=1.6)


@pytest.fixture
def words(here: Path, isolating_sandbox: Sandbox) -> Iterator[list[str]]:
    with StubServer(_unhurried) as stub:
        yield _words(stub, isolating_sandbox)


@pytest.fixture
def slow_words(here: Path, isolating_sandbox: Sandbox) -> Iterator[list[str]]:
    with StubServer(_slow) as stub:
        yield _words(stub, isolating_sandbox)


def _words(stub: StubServer, sandbox: Sandbox) -> list[str]:
    fixed = ["backend=openai", "model=any", "backend.concurrency=2", "stop_when_suspicious=false"]
    return [*fixed, f"sandbox={type(sandbox).__name__.lower()}", f"backend.url={stub.url}"]


def journals() -> dict[str, int]:
    return {path.parent.name: len(read_journal(path)) for path in Path("outputs").rglob("journal.jsonl")}


def test_where_nothing_is_known_a_few_tasks_are_asked_and_kept(run: Run, words: list[str]) -> None:
    silent = run("estimate", *words, "--no-calibration")
    assert (silent.exit_code, journals()) == (1, {})
    assert silent.stdout == "no earlier run of this model on this machine: nothing is known\n"
    found = run("estimate", *words)
    assert found.exit_code == 0, found.stderr
    assert list(journals().values()) == [5]
    told = found.stdout.splitlines()[-1]
    assert re.match(r"expected for 5 samples: time [\d.]+ m?s \(.* to .*\), prompt tokens \d", told), told
    assert told.endswith("from 5 samples in 1 run of the same model, dataset and agent, on this machine")
    assert "price" not in told, "it costs nothing, or does not say"


def test_it_is_said_before_the_run_and_for_machines(run: Run, words: list[str]) -> None:
    assert run(*words, "limit=3").exit_code == 0
    data = json.loads(run("estimate", *words, "samples=2", "--json").stdout)
    assert data["samples"] == 20
    time_s = data["expected"]["time_s"]
    assert 0 < time_s["low"] < time_s["likely"] < time_s["high"]
    assert data["expected"]["cost_usd"] is None
    assert list(journals().values()) == [3], "nothing was asked"
    told = " ".join(run(*words).stdout.split())
    assert "expected for 7 samples: time" in told
    assert "from 3 samples in 1 run of the same model, dataset and agent, on this machine" in told
    assert run("estimate", *words).stdout == "all samples are made: nothing would be asked\n"


def test_another_dataset_tells_less_and_another_model_nothing(run: Run, words: list[str]) -> None:
    assert run(*words, "limit=3").exit_code == 0
    own, other = (
        json.loads(run("estimate", *words, *more, "--no-calibration", "--json").stdout)
        for more in (["seed=1", "limit=4"], ["dataset=catalog", "filter=^python/", "limit=4"])
    )
    assert own["samples"] == other["samples"] == 4
    assert "with other tasks or another agent" in other["basis"]
    assert other["expected"]["time_s"]["high"] > own["expected"]["time_s"]["high"]
    assert run("estimate", *words, "model.name=other", "--no-calibration").exit_code == 1


def test_hours_choose_tasks_that_fit_and_say_the_error_bar(run: Run, slow_words: list[str]) -> None:
    ran = run(*slow_words, "samples=2", "budget.hours=0.0042")
    assert ran.exit_code == 0, ran.stderr
    told = " ".join(ran.stdout.split())
    assert "budget.hours: how fast this model is here is not known: 5 tasks are asked first" in told
    found = re.search(r"budget.hours: (\d) tasks of 10 fit into 0.00\d+ h, drawn evenly from 3 groups", told)
    assert found, told
    assert re.search(r"the score will be known to ±\d\d.\d points at most, 95 % interval", told)
    (made,) = journals().values()
    assert made == 2 * int(found[1]) < 20
    assert f"graded {made} of {made} samples" in told, "a result, and no stump"


def test_an_agent_that_asks_no_model_is_refused(run: Run, words: list[str]) -> None:
    refused = run("estimate", *words, "agent=oracle")
    assert (refused.exit_code, refused.stdout) == (2, "")
    assert refused.stderr == "llmbench: estimate: agent=oracle asks no model; there is nothing to estimate\n"
