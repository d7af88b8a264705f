"""Reports say what is so, write their files whole, and say nothing that was not measured."""

import io
import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import jsonschema
import pytest

from llmbench.api import Outcome, SelfTest
from llmbench.console import Console
from llmbench.errors import UsageError
from llmbench.records.record import UsageTotal
from llmbench.records.schemas import read_schema
from llmbench.report import close_run
from llmbench.report.advice import advise
from llmbench.report.read import read_run
from llmbench.testing.runs import ORDINARY_RUN, MadeSample, RunRecipe

MakeRun = Callable[..., Path]
UNTOLD = UsageTotal(completions=1)


def terminal(folder: Path, width: int = 200) -> str:
    screen = io.StringIO()
    close_run(folder, Console(file=screen, width=width))
    return screen.getvalue()


def test_it_writes_three_files_and_returns_the_summary(make_run: MakeRun) -> None:
    folder = make_run()
    summary = close_run(folder, Console(file=io.StringIO()))
    assert summary.score.pass_at_1 == pytest.approx(0.6)
    written = json.loads((folder / "summary.json").read_text())
    jsonschema.validate(written, read_schema("summary"))
    assert written["score"]["pass_at_1"] == pytest.approx(0.6)
    assert {path.name for path in folder.iterdir() if path.is_file()} == {
        "manifest.json",
        "journal.jsonl",
        "summary.json",
        "REPORT.md",
        "report.html",
    }


def test_the_trust_block_stands_before_the_score(make_run: MakeRun) -> None:
    folder = make_run()
    for text in (terminal(folder), (folder / "REPORT.md").read_text(), (folder / "report.html").read_text()):
        assert text.index("Can this number be believed?") < text.index("60.0 %")


def test_findings_are_words_too_and_the_worst_come_first(make_run: MakeRun) -> None:
    text = terminal(make_run())
    assert text.index("● problem") < text.index("● ok")


def test_bounds_name_the_samples_that_a_limit_ended(make_run: MakeRun) -> None:
    assert "60.0–80.0 % if the 1 that a limit ended had failed/passed" in terminal(make_run())
    passed = RunRecipe(made=[MadeSample(task="a")])
    assert "that a limit ended" not in terminal(make_run(passed, "b-1"))


@pytest.mark.parametrize(
    ("self_test", "words"),
    [
        (None, "no score: the grader's self-test was not run"),
        (
            SelfTest(passed=False, checked=("a",), problems=("a: the starter passed",)),
            "no score: the grader's self-test failed on this machine (a: the starter passed)",
        ),
    ],
)
def test_without_a_self_test_no_file_holds_a_score(
    make_run: MakeRun, self_test: SelfTest | None, words: str
) -> None:
    folder = make_run(replace(ORDINARY_RUN, self_test=self_test))
    shown = terminal(folder)
    assert words in shown
    assert "60.0" not in shown
    for name in ("summary.json", "REPORT.md", "report.html"):
        assert "60.0" not in (folder / name).read_text()
    assert json.loads((folder / "summary.json").read_text())["score"]["pass_at_1"] is None
    assert "llmbench doctor model=tiny seed=3" in shown


def test_nothing_graded_is_no_score(make_run: MakeRun) -> None:
    made = [MadeSample(task="a", outcome=Outcome.INFRA_ERROR, reason="died", usage=UsageTotal())]
    shown = terminal(make_run(RunRecipe(made=made, tasks=("a", "b"))))
    assert "no score: none of 2 samples was graded" in shown
    assert "0.0 %" not in shown


def test_what_was_not_measured_is_never_zero(make_run: MakeRun) -> None:
    folder = make_run(RunRecipe(made=[MadeSample(task="a", usage=UNTOLD)]))
    shown = terminal(folder)
    assert "prompt not measured, completion not measured, reasoning not measured" in shown
    assert "cost" not in shown
    assert json.loads((folder / "summary.json").read_text())["completion_tokens"] is None


def test_a_known_cost_is_shown(make_run: MakeRun) -> None:
    made = MadeSample(task="a", usage=UsageTotal(completions=1, cost_usd=0.0123))
    assert "$0.0123" in terminal(make_run(RunRecipe(made=[made])))


def test_a_run_without_a_model_says_so(make_run: MakeRun) -> None:
    shown = terminal(make_run(RunRecipe(made=[MadeSample(task="a", usage=UsageTotal())])))
    assert "no model was asked" in shown
    assert "decode speed" not in shown


def test_it_fits_80_columns_except_for_paths_and_commands(make_run: MakeRun) -> None:
    folder = make_run(replace(ORDINARY_RUN, notice="word " * 60))
    lines = [line.rstrip() for line in terminal(folder, width=80).splitlines()]
    long = [line for line in lines if len(line) > 80]
    assert [line for line in long if str(folder) not in line and not line.startswith("  llmbench ")] == []
    assert sum("word" in line for line in lines) > 2


def test_next_steps_fit_the_run(make_run: MakeRun) -> None:
    def commands(recipe: RunRecipe, name: str) -> list[str]:
        return [advice.command for advice in advise(read_run(make_run(recipe, name)))]

    found = commands(ORDINARY_RUN, "a-1")
    assert found[0].startswith("llmbench show ")
    assert found[0].endswith(" python/brackets")
    assert found[1] == "llmbench model=tiny seed=3 model.reasoning.answer_tokens=800"
    assert found[2] == "llmbench model=tiny seed=3 tries=2"
    passed = RunRecipe(made=[MadeSample(task="a")], overrides=("++samples=2", "++x=1"))
    found = commands(passed, "b-1")
    assert found[0] == "llmbench x=1 samples=3"
    assert found[1].startswith("llmbench show ")
    asked_none = RunRecipe(made=[MadeSample(task="a", usage=UsageTotal())], overrides=("agent=oracle",))
    assert commands(asked_none, "e-1")[0] == "llmbench agent=prompt"
    named = replace(asked_none, overrides=("agent=nop", "model.name=x"))
    assert commands(named, "f-1")[0] == "llmbench list models"
    stored = replace(ORDINARY_RUN, config={"backend": {"name": "replay"}})
    assert all("tries=" not in command and "samples=" not in command for command in commands(stored, "g-1"))
    missing = RunRecipe(made=[MadeSample(task="a")], tasks=("a", "b"), overrides=())
    assert commands(missing, "c-1")[0] == "llmbench"
    noted = RunRecipe(made=[MadeSample(task="a")], notice="a toy")
    assert commands(noted, "d-1")[0] == "llmbench list models"


def test_stored_answers_can_not_be_asked_for_more(make_run: MakeRun) -> None:
    run = read_run(make_run())
    stored = replace(run, manifest=replace(run.manifest, names={**run.manifest.names, "backend": "replay"}))
    assert [advice.command.split()[1] for advice in advise(stored)] == ["show"]


def test_the_run_id_is_enough_where_show_would_find_it(
    make_run: MakeRun, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = make_run()
    assert advise(read_run(folder))[0].command == f"llmbench show {folder} python/brackets"
    monkeypatch.chdir(tmp_path)
    assert advise(read_run(folder))[0].command == "llmbench show 1a2b3c4d5e python/brackets"


def test_samples_and_tries_have_their_rows(make_run: MakeRun) -> None:
    made = [
        MadeSample(task="a", sample=0, earlier=(Outcome.FAILED,)),
        MadeSample(task="a", sample=1, outcome=Outcome.FAILED, earlier=(Outcome.FAILED,)),
    ]
    shown = terminal(make_run(RunRecipe(made=made, samples=2, tries=2)))
    assert "pass within 2 tries  50.0 %" in shown
    assert "pass@2" in shown
    assert "(1 task × 2)" in shown


def test_the_table_shows_what_was_not_run(make_run: MakeRun) -> None:
    folder = make_run(RunRecipe(made=[MadeSample(task="a")], tasks=("a", "b")))
    terminal(folder)
    assert "| b | `not run` |" in (folder / "REPORT.md").read_text()


def test_of_very_many_samples_those_that_did_not_pass_are_listed_first(
    make_run: MakeRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("llmbench.report.markdown._MOST_ROWS", 3)
    monkeypatch.setattr("llmbench.report.html._MOST_OTHERS", 2)
    made = [MadeSample(task=name) for name in "abcd"]
    folder = make_run(
        RunRecipe(made=[*made, MadeSample(task="e", outcome=Outcome.FAILED)], tasks=tuple("abcdef"))
    )
    terminal(folder)
    text, page = (folder / "REPORT.md").read_text(), (folder / "report.html").read_text()
    rows = re.findall(r"^\| ([a-f]) \|", text, re.MULTILINE)
    assert rows == ["e", "f", "a"]
    assert "… and 3 more samples: `llmbench export " in text
    assert "3 more samples: llmbench export" in page


def test_a_folder_without_a_run_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"manifest\.json"):
        close_run(tmp_path, Console(file=io.StringIO()))


def test_an_unchanged_report_is_not_rendered_again(make_run: MakeRun) -> None:
    folder = make_run()
    terminal(folder)
    before = (folder / "report.html").stat().st_mtime_ns
    terminal(folder)
    assert (folder / "report.html").stat().st_mtime_ns == before
    (folder / "report.html").unlink()
    terminal(folder)
    assert (folder / "report.html").exists()


def test_every_warning_can_be_read_in_the_report(make_run: MakeRun) -> None:
    warnings = tuple(f"warning {number}: {'word ' * 30}end {number}" for number in range(8))
    folder = make_run(RunRecipe(made=[MadeSample(task="a")], warnings=warnings))
    terminal(folder)
    text = (folder / "REPORT.md").read_text()
    assert "(and 7 more); weigh what that means for the score; all stand under Sessions" in text
    assert [number for number in range(8) if f"end {number}" not in text.partition("Sessions")[2]] == []
