"""Two runs held against each other: the command line's answer, its samples, and what was not alike."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from llmbench.api import Outcome
from llmbench.cli import main
from llmbench.testing.runs import ORDINARY_RUN, MadeSample, RunRecipe, write_run

Read = Callable[[str], Any]
A, B = "catalog/tiny-llamacpp-prompt-1a2b3c4d5e", "catalog/large-llamacpp-prompt-2a2b3c4d5e"
OTHER = "other/tiny-llamacpp-prompt-3a2b3c4d5e"
BOTH = f"/compare?a={A}&b={B}"


def test_the_answer_is_that_of_the_command_line(
    read: Read, root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["compare", str(root / A), str(root / B), "--format", "md"])
    printed = capsys.readouterr().out.replace("\\", "")
    page = read(BOTH)
    verdict = next(line.strip("*") for line in printed.splitlines() if line.startswith("**"))
    assert verdict in page.text
    for row in page.rows:
        if len(row) in (2, 3) and row[0] in ("test", "can show", "left out", "pass@1", "completion tokens"):
            assert all(cell in printed for cell in row)


@pytest.mark.parametrize(
    ("words", "tasks"),
    [
        ("1 both passed", ["python/caesar"]),
        ("1 only A passed", ["python/leap"]),
        ("1 only B passed", ["python/brackets"]),
        ("1 neither passed", ["python/lru_cache"]),
        ("flipped 2", ["python/leap", "python/brackets"]),
        ("broken by machine or server 1", ["python/fizzbuzz"]),
        ("ended by a limit 1", ["python/lru_cache"]),
        ("all", [f"python/{task}" for task in ("leap", "brackets", "caesar", "fizzbuzz", "lru_cache")]),
    ],
)
def test_each_count_leads_to_its_tasks(read: Read, words: str, tasks: list[str]) -> None:
    page = read(BOTH)
    href = next(href for said, href in page.links if said.replace("▲ ", "").replace("▼ ", "") == words)
    assert read(href.partition("#")[0]).column("task") == tasks


def test_flips_bear_a_sign_and_a_word(read: Read) -> None:
    page = read(BOTH)
    assert [row[-1] for row in page.rows if row and row[0] in ("python/leap", "python/brackets")] == [
        "▲ only A",
        "▼ only B",
    ]


def test_each_outcome_leads_to_its_sample(read: Read) -> None:
    page = read(f"{BOTH}&show=only_a")
    hrefs = [href for words, href in page.links if words.endswith(": python/leap")]
    assert hrefs == [f"/runs/{run}/samples/python/leap?sample=0" for run in (A, B)]


def test_only_settings_that_differ_and_on_request_all(read: Read) -> None:
    page = read(BOTH)
    assert ["tokens and limits", "config.model.reasoning.answer_tokens", "400", "800"] in page.rows
    assert "config.seed" not in page.text
    every = read(page.link("show all settings").partition("#")[0])
    assert ["sampler", "config.seed", "3"] in every.rows
    assert "config.model.reasoning.answer_tokens" in every.text


def test_runs_of_other_tasks_are_told_and_never_a_table_of_numbers(read: Read) -> None:
    page = read(f"/compare?a={A}&b={OTHER}")
    assert "They can't be compared. 1a2b3c4d5e asked catalog, 3a2b3c4d5e asked other" in page.text
    assert "only A passed" not in page.text
    assert ["tasks", "names.dataset", "catalog", "other"] in page.rows


def test_what_was_not_asked_alike_is_told(read: Read, root: Path) -> None:
    recipe = replace(
        ORDINARY_RUN,
        run_id="5a2b3c4d5e",
        tries=2,
        made=[*ORDINARY_RUN.made, MadeSample(task="python/more")],
        overrides=("preset=quick",),
    )
    write_run(root / "catalog" / "more", recipe)
    text = read(f"/compare?a={A}&b=catalog/more").text
    assert "A allowed 1 try a sample, B 2" in text
    assert "1 task asked by B only: python/more" in text
    assert "They are of different presets: A none, B quick." in text


def test_more_tries_count_when_asked_for(read: Read, root: Path) -> None:
    for name, earlier in (("c", Outcome.FAILED), ("d", Outcome.PASSED)):
        made = [MadeSample(task="go/a", earlier=(earlier,))]
        write_run(root / "go" / name, RunRecipe(made=made, tries=2, dataset="go", run_id=name * 10))
    page = read("/compare?a=go/c&b=go/d")
    assert "1 ▼ only B passed" in page.text
    assert "1 both passed" in read("/compare?a=go/c&b=go/d&tries=2").text
    told = read("/compare?a=go/c&b=go/d&tries=3")
    assert "--tries 3: " in told.text


def test_tasks_of_several_samples_are_counted_by_rate(read: Read, root: Path) -> None:
    for name, outcome in (("c", Outcome.FAILED), ("d", Outcome.PASSED)):
        made = [MadeSample(task="go/a"), MadeSample(task="go/a", sample=1, outcome=outcome, reason="no")]
        write_run(root / "go" / name, RunRecipe(made=made, samples=2, dataset="go", run_id=name * 10))
    page = read("/compare?a=go/c&b=go/d&show=only_b")
    assert "1 ▼ B passed more often" in page.text
    assert page.column("task") == ["go/a", "go/a · sample 1"]


def test_runs_of_the_same_tasks_are_offered_first(read: Read) -> None:
    html = read(f"/compare?a={A}").html
    groups = html[html.index('name="b"') :].split("<optgroup")[1:]
    assert 'label="the same tasks"' in groups[0]
    assert B in groups[0]
    assert OTHER in groups[1]
    assert "Choose A and B" in html


def test_both_answers_to_a_task_stand_beside_each_other(read: Read) -> None:
    page = read(f"/compare/task?a={A}&b={B}&task=python/leap&show=flipped")
    assert page.html.count("return year % 4 == 0") == 4  # answer and conversation of both
    opened = [href for words, href in page.links if words == "Open it by itself"]
    assert opened == [f"/runs/{run}/samples/python/leap?sample=0" for run in (A, B)]
    assert all(read(href).status == 200 for href in opened)
    assert "1 of 2" in page.text
    assert "task=python%2Fbrackets" in page.link("Next →")


def test_a_task_that_only_one_has(read: Read, root: Path) -> None:
    page = read(f"/compare/task?a={A}&b={OTHER}&task=go/maze")
    assert page.status == 200
    assert "has no sample 0 of a task 'go/maze'" in page.text


def test_runs_that_are_not_there(client: TestClient) -> None:
    for path in ("/compare?a=x/y", "/compare?a=nothing", f"/compare?a={A}&b=../x", "/compare/task?task=x"):
        assert client.get(path).status_code == 404
    assert client.get(f"{BOTH}&page=0").status_code == 422
    assert client.get(f"{BOTH}&show=nonsense").status_code == 200


def test_the_same_run_twice(read: Read) -> None:
    assert "A and B are the same run." in read(f"/compare?a={A}&b={A}").text
