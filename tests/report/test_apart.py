"""What tells runs apart comes first: in comparisons, in the list of runs, and on a narrow terminal."""

import io
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from llmbench.cli import main
from llmbench.console import Console
from llmbench.report.apart import apart
from llmbench.report.compare import show_runs
from llmbench.report.read import read_run
from llmbench.testing.runs import ORDINARY_RUN, write_run

RECIPES = {
    "1111111111": replace(ORDINARY_RUN, run_id="1111111111", model="qwen2.5-coder-7b-instruct"),
    "2222222222": replace(
        ORDINARY_RUN, run_id="2222222222", model="glm-4.7-flash", config={"sampling": {"temperature": 0.0}}
    ),
    "3333333333": replace(
        ORDINARY_RUN, run_id="3333333333", model="glm-4.7-flash", config={"sampling": {"temperature": 0.8}}
    ),
    "4444444444": replace(
        ORDINARY_RUN, run_id="4444444444", model="qwen2.5-coder-7b-instruct", dataset="humanevalplus"
    ),
}


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name, recipe in RECIPES.items():
        write_run(tmp_path / "outputs" / recipe.dataset / f"{recipe.model}-llamacpp-prompt-{name}", recipe)
    return tmp_path / "outputs"


@pytest.mark.parametrize("width", [80, 100, 200])
def test_a_comparison_never_leaves_out_what_tells_runs_apart(root: Path, width: int) -> None:
    runs = [read_run(path.parent) for path in sorted(root.glob("*/*/manifest.json"))]
    screen = io.StringIO()
    show_runs(runs, Console(file=screen, width=width))
    table = screen.getvalue().partition("Note")[0]
    head = next(line for line in table.splitlines() if "trust" in line).split()
    assert head[:4] == ["model", "dataset", "settings", "run"]
    for words in ("qwen2.5-coder-7b-instruct", "glm-4.7-flash", "humanevalplus", "60.0 %", *RECIPES):
        assert words in table or width < 200
    # A name may go on below; no piece of it is lost.
    letters = "".join(table.split())
    assert all(name[:7] in letters for name in ("qwen2.5-coder", "glm-4.7", "humanevalplus"))
    assert ("wall time" in table) is (width == 200)


def listed(capsys: pytest.CaptureFixture[str], *words: str) -> list[Any]:
    assert main(["list", "runs", *words, "--json"]) == 0
    return [row["run"][-10:] for row in json.loads(capsys.readouterr().out)]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["model=glm*"], {"2222222222", "3333333333"}),
        (["model=GLM-4.7-flash", "sampling.temperature=0.8"], {"3333333333"}),
        (["dataset=humanevalplus"], {"4444444444"}),
        (["qwen"], {"1111111111", "4444444444"}),
        (["qwen", "dataset=catalog"], {"1111111111"}),
        (["model=short"], set()),
    ],
)
def test_runs_are_filtered(
    root: Path, capsys: pytest.CaptureFixture[str], words: list[str], expected: set[str]
) -> None:
    assert set(listed(capsys, *words)) == expected


def test_runs_are_sorted(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert listed(capsys, "--sort", "model")[:2] == ["2222222222", "3333333333"] or listed(
        capsys, "--sort", "model"
    )[:2] == ["3333333333", "2222222222"]
    assert listed(capsys, "--sort", "dataset")[-1] == "4444444444"


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (
            ["runs", "modle=glm"],
            "--where modle: no run has it; did you mean 'model'? known: ",
        ),
        (
            ["runs", "nonsense"],
            "list runs: no run has 'nonsense' in its name; expected a part of one, or key=",
        ),
        (["runs", "--sort", "size"], "--sort size: expected one of accuracy, "),
        (["models", "glm"], "list models: takes no more words, got 'glm'"),
        (["plugins", "--sort", "model"], "list plugins: --dataset, --where, --since and --sort are for runs"),
    ],
)
def test_words_that_would_be_ignored_are_refused(
    root: Path, capsys: pytest.CaptureFixture[str], words: list[str], complaint: str
) -> None:
    assert main(["list", *words]) == 2
    assert capsys.readouterr().err.startswith(f"llmbench: {complaint}")


def test_the_list_says_what_differs(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["list", "runs", "model=glm*"]) == 0
    head, *lines = capsys.readouterr().out.splitlines()
    assert head.split()[:3] == ["MODEL", "DATASET", "SETTINGS"]
    assert {line.split()[2] for line in lines} == {"sampling.temperature=0.0", "sampling.temperature=0.8"}


def test_settings_are_told_where_they_are_unusual() -> None:
    same = {"model": "m", "backend": "b", "agent": "a", "dataset": "d"}
    usual: dict[str, Any] = {"samples": 1, "limit": None, "output_root": "x"}
    configs = [usual, {**usual, "limit": 3}, {**usual, "samples": 3, "output_root": "y"}]
    assert apart([same] * 3, configs) == ["", "", "samples=3"]
    assert apart([same, {**same, "model": "n"}], [usual, {**usual, "samples": 3}]) == ["", ""]
