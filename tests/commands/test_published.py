"""Published figures in real runs: what stored answers, references and doing nothing are held against."""

import json
from pathlib import Path
from typing import Any

import pytest

from llmbench.api import Sandbox

NAME = "Qwen/Qwen2.5-Coder-32B-Instruct"


@pytest.fixture
def dataset(isolating_sandbox: Sandbox, evalplus_data: Path) -> list[str]:
    """Three tasks of HumanEval+."""
    return [
        "dataset=humanevalplus",
        f"dataset.path={evalplus_data / 'HumanEvalPlus.jsonl.gz'}",
        f"sandbox={type(isolating_sandbox).__name__.lower()}",
        "tasks=[HumanEval/2,HumanEval/3,HumanEval/4]",
    ]


def summary(here: Path) -> dict[str, Any]:
    [file] = here.glob("outputs/humanevalplus/*/summary.json")
    return dict(json.loads(file.read_text()))


def test_stored_answers_are_held_against_the_model_that_is_named(
    run: Any, here: Path, dataset: list[str]
) -> None:
    right = "def truncate_number(number):\n    return number % 1.0\n"
    answers = [{"task": f"HumanEval/{n}", "content": f"```python\n{right}```"} for n in (2, 3, 4)]
    Path("answers.jsonl").write_text("\n".join(map(json.dumps, answers)))
    words = [
        "backend=replay",
        "backend.path=answers.jsonl",
        "model=any",
        f"model.name={NAME}",
        "sampling=greedy",
    ]
    ran = run(*words, *dataset)
    assert ran.exit_code == 0, ran.stderr
    assert "87.2 % (EvalPlus leaderboard, 2024-12-26); not comparable: 164 tasks there, 3 here" in ran.stdout
    data = summary(here)
    assert data["published"] is None
    board = [beside for beside in data["published_figures"] if beside["source"] == "EvalPlus leaderboard"]
    assert [beside["differs"] for beside in board] == [["164 tasks there, 3 here"]] * 2
    shown = json.loads(run("report", "last", "--format", "json").stdout)
    assert shown["published_figures"] == data["published_figures"]


@pytest.mark.parametrize("agent", ["oracle", "nop"])
def test_no_figure_stands_beside_what_no_model_answered(
    run: Any, here: Path, dataset: list[str], agent: str
) -> None:
    ran = run(f"agent={agent}", "backend=replay", "model=any", f"model.name={NAME}", *dataset)
    assert ran.exit_code == 0, ran.stderr
    assert "EvalPlus leaderboard" not in ran.stdout
    assert summary(here)["published_figures"] == []
