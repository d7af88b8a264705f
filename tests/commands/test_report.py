"""``llmbench report``: the newest run or those that are named, in every format."""

import csv
import io
import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from llmbench.api import Outcome
from llmbench.testing.runs import ORDINARY_RUN, MadeSample, write_run

Run = Callable[..., Any]


@pytest.fixture
def two(here: Path) -> Path:
    """Two runs, the second newer; returns the folder that holds them."""
    root = here / "outputs"
    write_run(root / "catalog" / "tiny-llamacpp-prompt-aaaaaaaaaa", ORDINARY_RUN)
    better = replace(ORDINARY_RUN, made=[MadeSample(task="python/leap", reason="=1+1")])
    write_run(root / "catalog" / "tiny-llamacpp-prompt-bbbbbbbbbb", better)
    for number, name in enumerate(("a" * 10, "b" * 10)):
        os.utime(root / f"catalog/tiny-llamacpp-prompt-{name}/manifest.json", (1000 + number, 1000 + number))
    return root


def test_without_a_name_it_shows_the_newest(two: Path, run: Run) -> None:
    done = run("report")
    assert done.exit_code == 0
    assert "100.0 %" in done.stdout
    assert (two / "catalog/tiny-llamacpp-prompt-bbbbbbbbbb/REPORT.md").exists()
    assert not (two / "catalog/tiny-llamacpp-prompt-aaaaaaaaaa/REPORT.md").exists()


@pytest.mark.parametrize(
    "word", ["aaaaaaaaaa", "aaaa", "prompt-a", "outputs/catalog/tiny-llamacpp-prompt-aaaaaaaaaa", "PROMPT-A"]
)
def test_a_run_is_named_by_folder_id_or_part(two: Path, run: Run, word: str) -> None:
    assert "60.0 %" in run("report", word).stdout


def test_another_root(two: Path, run: Run) -> None:
    two.rename(two.with_name("elsewhere"))
    assert "100.0 %" in run("report", "last", "--root", "elsewhere").stdout
    done = run("report")
    assert (done.exit_code, done.stderr.count("\n")) == (2, 1)
    assert "holds no run" in done.stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["tiny"], ["fits 2 runs", "prompt-aaaaaaaaaa", "prompt-bbbbbbbbbb"]),
        (["nothing"], ["no run 'nothing'", "prompt-aaaaaaaaaa"]),
        (["tiny-llamacpp-prompt-aaaaaaaaab"], ["did you mean 'tiny-llamacpp-prompt-aaaaaaaaaa'?"]),
        (["--format", "pdf"], ["pdf", "terminal"]),
        (["aaaa", "--output", "no/such/folder.md"], ["folder.md"]),
    ],
)
def test_a_wrong_request_is_one_line_and_exit_code_2(
    two: Path, run: Run, words: list[str], said: list[str]
) -> None:
    done = run("report", *words)
    assert done.exit_code == 2
    assert done.stderr.count("\n") == 1
    for part in said:
        assert part in done.stderr


def test_formats_of_one_run(two: Path, run: Run) -> None:
    assert run("report", "aaaa", "--format", "md").stdout.startswith("# tiny")
    assert run("report", "aaaa", "--format", "html").stdout.startswith("<!doctype html>")
    assert json.loads(run("report", "aaaa", "--format", "json").stdout)["graded"] == 5
    rows = list(csv.DictReader(io.StringIO(run("report", "aaaa", "--format", "csv").stdout)))
    assert [row["outcome"] for row in rows].count("passed") == 3
    assert rows[0]["reasoning_tokens"] == ""


def test_a_cell_is_no_formula(two: Path, run: Run) -> None:
    rows = list(csv.DictReader(io.StringIO(run("report", "bbbb", "--format", "csv").stdout)))
    assert rows[0]["reason"] == "'=1+1"


def test_several_runs_are_compared_in_all_formats(two: Path, run: Run) -> None:
    words = ("report", "aaaa", "bbbb", "--format")
    shown = run(*words, "terminal").stdout
    assert "60.0 %" in shown
    assert "100.0 %" in shown
    assert "| --- |" in run(*words, "md").stdout
    assert "<table>" in run(*words, "html").stdout
    assert [summary["graded"] for summary in json.loads(run(*words, "json").stdout)] == [5, 1]
    rows = list(csv.DictReader(io.StringIO(run(*words, "csv").stdout)))
    assert [row["pass_at_1"] for row in rows] == ["0.6", "1.0"]


def test_two_runs_of_a_dataset_are_pointed_to_compare(two: Path, run: Run) -> None:
    command = "llmbench compare aaaaaaaaaa bbbbbbbbbb"
    words = ("report", "aaaa", "bbbb", "--format")
    line = f"Which of them is better, or whether that can't be told: {command}"
    assert run("report", "aaaa", "bbbb").stdout.splitlines()[-1] == line
    assert run(*words, "md").stdout.endswith(line.replace(command, f"`{command}`\n"))
    assert f"<code>{command}</code>" in run(*words, "html").stdout
    assert "llmbench compare" not in run("report", "aaaa").stdout
    write_run(two / "catalog/tiny-llamacpp-prompt-cccccccccc", replace(ORDINARY_RUN, run_id="c" * 10))
    assert "llmbench compare" not in run("report", "aaaa", "bbbb", "cccc").stdout
    write_run(two / "other/dddddddddd", replace(ORDINARY_RUN, run_id="d" * 10, dataset="other"))
    assert "llmbench compare" not in run("report", "aaaa", "dddd").stdout


def test_runs_that_asked_different_tasks_are_not_compared_silently(here: Path, run: Run) -> None:
    for name, digest in (("x-1", "5"), ("x-2", "6")):
        folder = write_run(here / "outputs/catalog" / name, ORDINARY_RUN)
        path = folder / "manifest.json"
        path.write_text(path.read_text().replace("5" * 64, digest * 64))
    assert "asked different tasks" in run("report", "x-1", "x-2").stdout


def test_the_output_file_says_its_format(two: Path, run: Run, here: Path) -> None:
    assert run("report", "aaaa", "--output", "out.csv").stdout == "wrote out.csv\n"
    assert (here / "out.csv").read_text().startswith("task,")
    run("report", "aaaa", "--output", "out.txt")
    assert "Can this number be believed?" in (here / "out.txt").read_text()
    assert "\x1b" not in (here / "out.txt").read_text()


def test_it_is_computed_from_the_journal_anew(two: Path, run: Run) -> None:
    folder = two / "catalog/tiny-llamacpp-prompt-aaaaaaaaaa"
    run("report", "aaaa")
    failed = json.dumps(json.loads((folder / "journal.jsonl").read_text().splitlines()[1]))
    with (folder / "journal.jsonl").open("a") as file:
        file.write(failed.replace('"failed"', f'"{Outcome.PASSED}"') + "\n")
    assert "80.0 %" in run("report", "aaaa").stdout
    assert json.loads((folder / "summary.json").read_text())["score"]["pass_at_1"] == 0.8


def test_it_imports_nothing_heavy(two: Path) -> None:
    code = (
        "import sys; from llmbench.cli import main; main(['report', 'aaaa']); main(['report', 'aaaa']);"
        "print(*sys.modules, file=sys.stderr)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, timeout=300)
    done = subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True, timeout=300
    )
    modules = set(done.stderr.split())
    assert "llmbench.report" in modules
    assert not modules & {
        "hydra",
        "omegaconf",
        "jsonschema",
        "stevedore",
        "asyncio",
        "aiohttp",
        "httpx",
        "httpx_aiohttp",
        "pygments",
        "markdown_it",
        "psutil",
    }
