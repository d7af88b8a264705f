"""``llmbench show``: one sample, from its folder."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from llmbench.api import Outcome
from llmbench.testing.runs import ORDINARY_RUN, MadeSample, RunRecipe, write_run

Run = Callable[..., Any]
MADE = [
    MadeSample(task="python/leap", answer="first \x1b[31m[bold]answer[/]", prompt="What is a leap year?"),
    MadeSample(
        task="python/leap", sample=2, outcome=Outcome.FAILED, reason="it fails", earlier=(Outcome.FAILED,)
    ),
    MadeSample(task="js/leap"),
    MadeSample(task="python/bob", outcome=Outcome.SKIPPED),
]


@pytest.fixture
def folder(here: Path) -> Path:
    recipe: RunRecipe = replace(ORDINARY_RUN, made=MADE, samples=3, tries=2, tasks=None)
    return write_run(here / "outputs" / "catalog" / "tiny-llamacpp-prompt-1a2b3c4d5e", recipe)


def test_it_shows_all_parts(folder: Path, run: Run) -> None:
    done = run("show", "last", "python/leap")
    assert done.exit_code == 0
    for part in ("passed", "What is a leap year?", "answer[/]", "+return 1", "1 test failed", "Traceback"):
        assert part in done.stdout
    assert "\x1b" not in done.stdout
    assert "leap.py: fence at line 1: parses, defines is_leap" in done.stdout


@pytest.mark.parametrize("word", ["-", "last", "1a2b3c4d5e"])
def test_the_run_has_several_names(folder: Path, run: Run, word: str) -> None:
    assert run("show", word, "js/leap").exit_code == 0


@pytest.mark.parametrize(
    ("part", "held"),
    [("prompt", "leap year?"), ("answer", "answer"), ("diff", "+return 1"), ("tests", "1 test")],
)
def test_one_part_alone(folder: Path, run: Run, part: str, held: str) -> None:
    shown = run("show", "last", "python/leap", "--part", part).stdout
    assert held in shown
    assert "sample 0" not in shown


def test_a_diff_is_fit_for_a_pipe(folder: Path, run: Run) -> None:
    expected = (folder / "samples/python/leap/0/try-1/patch.diff").read_text()
    assert run("show", "last", "python/leap", "--part", "diff").stdout == expected


def test_samples_and_tries(folder: Path, run: Run) -> None:
    shown = run("show", "last", "python/leap", "--sample", "2").stdout
    assert "it fails" in shown
    assert "try 2 of 2" in shown
    assert "try 1 of 2" in run("show", "last", "python/leap", "--sample", "2", "--try", "1").stdout


def test_the_transcript(folder: Path, run: Run) -> None:
    shown = run("show", "last", "python/leap", "--transcript").stdout
    for part in ("try 1", "What is a leap year?", "answer (stop)", "60 written, 1.5 s", "x.bin (1 bytes)"):
        assert part in shown
    assert "\x1b" not in shown


def test_the_transcript_as_markdown_and_json(folder: Path, run: Run) -> None:
    words = ("show", "last", "python/leap", "--transcript")
    assert run(*words, "--format", "markdown").stdout.startswith(
        "# python/leap, sample 0: passed\n\n## Try 1"
    )
    told = json.loads(run(*words, "--format", "json").stdout)
    assert (told["task"], told["sample"], told["outcome"]) == ("python/leap", 0, "passed")
    assert [entry["kind"] for entry in told["entries"]] == ["system", "user", "answer", "files", "verdict"]
    raw = run(*words, "--raw").stdout.splitlines()
    assert [json.loads(line)["call"] for line in raw] == [0]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["last", "leap"], "fits several tasks; name one of: python/leap, js/leap"),
        (["last", "python/leep"], "did you mean 'python/leap'?"),
        (["last", "python/leap", "--sample", "1"], "has no sample 1; there are: 0, 2"),
        (["last", "python/leap", "--try", "9"], "has no try 9; there are: 1"),
        (["last", "bob"], "nothing is stored of python/bob, sample 0"),
        (["last", "leap", "--part", "soul"], "soul"),
        (["last", "python/leap", "--transcript", "--try", "9"], "try 9 was not begun"),
        (["last", "python/leap", "--format", "json"], "add --transcript"),
        (["last", "python/leap", "--transcript", "--raw", "--format", "json"], "leave --format out"),
        (["nope", "leap"], "no run 'nope'"),
    ],
)
def test_a_wrong_request_is_one_line_and_exit_code_2(
    folder: Path, run: Run, words: list[str], said: str
) -> None:
    done = run("show", *words)
    assert done.exit_code == 2
    assert done.stderr.count("\n") == 1
    assert said in done.stderr
    assert done.stdout == ""


def test_without_a_task_it_lists_what_did_not_pass(folder: Path, run: Run) -> None:
    done = run("show", "last")
    assert done.exit_code == 0, done.stderr
    head, *rows, _, told = done.stdout.splitlines()
    assert head.split() == ["TASK", "SAMPLE", "OUTCOME", "WHY"]
    assert [row.split()[:4] for row in rows] == [
        ["python/leap", "2", "failed", "it"],
        ["python/bob", "0", "skipped"],
    ]
    assert told.startswith(
        "2 of 9 samples did not pass; 5 samples not run; see one: llmbench show 1a2b3c4d5e "
    )
    refused = run("show", "last", "--sample", "2")
    assert refused.exit_code == 2
    assert "show: --sample is about a sample; name its task" in refused.stderr


def test_a_task_is_known_by_its_beginning(folder: Path, run: Run) -> None:
    assert "python/leap" in run("show", "last", "python/l").stdout
    assert "fits several tasks; name one of: python/leap, js/leap" in run("show", "last", "lea").stderr
