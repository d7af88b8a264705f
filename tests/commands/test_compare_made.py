"""``llmbench compare`` of configurations: runs that are made first, whole or until it is clear."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Run = Callable[..., Any]


def test_missing_runs_are_made_and_then_compared(run: Run, here: Path) -> None:
    words = ("compare", "agent=oracle,nop", "sandbox=local", "tasks=[leap,brackets]")
    done = run(*words)
    assert done.exit_code == 0
    assert "A leads by 100.0 points" in done.stdout
    assert len(list(here.glob("outputs/quickstart/*/manifest.json"))) == 2
    again = run(*words)
    assert "2 samples were made before: nothing is asked" in again.stdout


def test_it_stops_when_it_is_clear(run: Run, here: Path) -> None:
    done = run("compare", "agent=oracle,nop", "sandbox=local", "--until-clear")
    assert "look 3 of 5, 6 of 10 tasks: 6 only A passed, 0 only B: not clear yet" in done.stdout
    assert "look 4 of 5, 8 of 10 tasks: 8 only A passed, 0 only B: clear" in done.stdout
    assert "Stopped at look 4 of 5: A is better" in done.stdout
    assert "2 of 10 tasks were not asked." in done.stdout
    assert "biased upward" in done.stdout
    assert "On the tasks asked, A leads by 100.0 points" in done.stdout
    assert "had this been planned as one look." in done.stdout
    assert "A is better than B" not in done.stdout
    journals = list(here.glob("outputs/quickstart/*/journal.jsonl"))
    assert [len(path.read_text().splitlines()) for path in journals] == [8, 8]


def test_it_stops_when_it_can_not_become_clear(run: Run, here: Path) -> None:
    """Arms that differ in their seed alone pass the same tasks."""
    done = run("compare", "agent=oracle", "seed=1,2", "sandbox=local", "--until-clear", "limit=5", "--json")
    found = json.loads(done.stdout)
    assert (found["better"], found["look"], found["planned"]) == (None, 1, 5)
    assert found["comparison"]["counts"]["both"] == found["tasks"] == 1


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("agent=oracle", "sandbox=local"), "the overrides describe one run; expected a key with two values"),
        (("agent=oracle,nop,prompt", "--until-clear"), "got 3 runs; expected two runs with samples=1"),
        (("agent=oracle,nop", "samples=3", "--until-clear"), "got samples=3; expected two runs"),
        (("aaaa", "bbbb", "--until-clear"), "--until-clear makes runs; expected overrides"),
        (("agent=oracle,oracel",), "no agent 'oracel'; did you mean 'oracle'?"),
        (("agent=oracle,nop", "dry_run=true"), "dry_run=true makes no run to compare; leave it out"),
    ],
)
def test_what_can_not_be_compared_is_said_before_anything_runs(
    run: Run, here: Path, words: tuple[str, ...], said: str
) -> None:
    done = run("compare", *words)
    assert (done.exit_code, done.stdout) == (2, "")
    assert said in done.stderr
    assert not (here / "outputs").exists()
