"""The samples of a run as lines: what is asked for, in pages."""

import os
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmbench.api import Outcome
from llmbench.report.sample_rows import Row
from llmbench.serve.opened import OpenRuns
from llmbench.serve.samples import SIZE, Wanted, fitting, place_of, samples_page
from llmbench.testing.runs import ORDINARY_RUN, MadeSample, RunRecipe, write_run


def _rows(*outcomes: str) -> list[Row]:
    return [
        Row(key=(f"go/t{place}", 0), anchor="", task=f"go/t{place}", outcome=outcome)
        for place, outcome in enumerate(outcomes)
    ]


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        (Wanted(), ["leap", "brackets", "caesar", "fizzbuzz", "lru_cache"]),
        (Wanted(outcome="failed"), ["brackets"]),
        (Wanted(outcome="unsolved"), ["brackets", "lru_cache"]),
        (Wanted(failure="ran out of tokens"), ["lru_cache"]),
        (Wanted(q="ASSERTION"), ["brackets"]),
        (Wanted(q="cae"), ["caesar"]),
        (Wanted(outcome="failed", q="cae"), []),
        (Wanted(group="go"), []),
    ],
)
def test_what_is_asked_for(tmp_path: Path, wanted: Wanted, expected: list[str]) -> None:
    recipe = replace(ORDINARY_RUN, made=[*ORDINARY_RUN.made, MadeSample(task="go/left")])
    opened = OpenRuns().read(write_run(tmp_path / "run", recipe))
    found = [row.key[0] for row in fitting(opened.rows, wanted) if row.key[0] != "go/left"]
    assert found == [f"python/{name}" for name in expected]


def test_samples_that_were_never_run_are_neither_solved_nor_unsolved() -> None:
    rows = _rows("not run", "skipped", "passed", "infra_error")
    assert [row.outcome for row in fitting(rows, Wanted(outcome="unsolved"))] == ["infra_error"]


def test_a_line_has_what_a_list_shows(tmp_path: Path) -> None:
    made = MadeSample(
        task="go/\x1b[31m", outcome=Outcome.FAILED, reason="got \u202e1", earlier=(Outcome.FAILED,)
    )
    opened = OpenRuns().read(write_run(tmp_path / "run", RunRecipe(made=[made], tries=2)))
    [line] = samples_page(opened.rows, 1).rows
    assert (line.task, line.name, line.tone) == ("go/\x1b[31m", "go/␛[31m", "bad")
    assert (line.tries, line.tests, line.reason) == (2, "4/4", "got \\u202e1")


@given(st.integers(0, 3 * SIZE), st.integers(1, 5))
def test_pages_hold_every_sample_once(number: int, page: int) -> None:
    rows = _rows(*["passed"] * number)
    found = samples_page(rows, page)
    assert found.total == number
    assert [line.place for line in found.rows] == [*range(number)][(page - 1) * SIZE : page * SIZE]
    assert sum(len(samples_page(rows, one).rows) for one in range(1, found.pages + 1)) == number


def test_a_sample_is_found_among_those_asked_for() -> None:
    rows = _rows("passed", "failed", "failed")
    failed = fitting(rows, Wanted(outcome="failed"))
    assert place_of(failed, ("go/t2", 0)) == 1
    assert place_of(failed, ("go/t0", 0)) is None


def test_addresses_keep_what_is_asked_for() -> None:
    wanted = Wanted(outcome="failed", q="a&b=c")
    assert wanted.query(page=2) == "?outcome=failed&q=a%26b%3Dc&page=2"
    assert wanted.query(outcome="", q="") == ""


def test_a_run_is_read_again_when_it_has_changed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("llmbench.serve.opened._FRESH_S", 0.0)
    folder = write_run(tmp_path / "run", ORDINARY_RUN)
    runs = OpenRuns()
    first = runs.read(folder)
    assert runs.read(folder) is first
    journal = folder / "journal.jsonl"
    *kept, _ = journal.read_bytes().splitlines(keepends=True)
    journal.write_bytes(b"".join(kept))
    os.utime(journal, (1, 1))
    assert runs.read(folder).rows[-1].outcome == "not run"


def test_only_the_last_runs_are_kept(tmp_path: Path) -> None:
    folders = [write_run(tmp_path / f"run{number}", ORDINARY_RUN) for number in range(8)]
    runs = OpenRuns()
    first = runs.read(folders[0])
    for folder in folders[1:]:
        runs.read(folder)
    assert runs.read(folders[0]) is not first
