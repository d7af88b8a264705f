"""A run's report is about what the run holds; a narrower command shows its own selection, and says so."""

import io
import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from llmbench.api import Task
from llmbench.cli import main
from llmbench.config.arguments import parse
from llmbench.config.build import build_spec
from llmbench.config.compose import compose
from llmbench.console import Console
from llmbench.records.manifest import read_manifest, write_manifest
from llmbench.records.masking import Mask
from llmbench.report import close_run
from llmbench.report.read import read_run
from llmbench.resources import resource_dir
from llmbench.runner import RunResult
from llmbench.runner.holding import held_plan
from llmbench.score.summary import Summary

ORACLE = ("agent=oracle", "sandbox=local")
EVERY = 10
"""Quickstart tasks."""


def closed(result: RunResult) -> tuple[Summary, str]:
    """Close a run as its command does; return what the command says of it, and its screen."""
    screen = io.StringIO()
    return close_run(result.folder, Console(file=screen, width=100), result.tasks), screen.getvalue()


def stored(result: RunResult) -> Any:
    return json.loads((result.folder / "summary.json").read_bytes())


@pytest.fixture
def whole(run: Any) -> RunResult:
    result: RunResult = run(*ORACLE)
    closed(result)
    return result


@pytest.mark.parametrize("word", ["limit=1", "preset=quick", "tasks=[leap]", "filter=leap"])
def test_a_narrower_command_takes_nothing_out_of_sight(
    run: Any, whole: RunResult, word: str, capsys: pytest.CaptureFixture[str]
) -> None:
    before = read_manifest(whole.folder)
    result = run(*ORACLE, word)
    asked = len(result.tasks)
    assert (result.folder, result.made) == (whole.folder, 0)
    assert asked < EVERY
    summary, screen = closed(result)
    assert (summary.graded, summary.planned, summary.tasks) == (asked, asked, asked)
    assert f"alone, as selected; the run holds {EVERY}: llmbench report" in screen
    assert f"{asked} of {EVERY} tasks" in " ".join(screen.split())

    assert (stored(result)["graded"], stored(result)["planned"], stored(result)["tasks"]) == (EVERY,) * 3
    assert f"{EVERY} of {EVERY} samples" in (result.folder / "REPORT.md").read_text()
    manifest = read_manifest(result.folder)
    assert manifest.plan == before.plan
    assert manifest.dataset == before.dataset
    assert manifest.overrides == before.overrides, "what makes the run whole again is still the wide command"
    assert main(["list", "runs", "--root", str(run.root)]) == 0
    assert f"{EVERY} of {EVERY}" in capsys.readouterr().out


def test_a_command_that_asks_for_all_says_nothing_of_a_selection(run: Any, whole: RunResult) -> None:
    _, screen = closed(run(*ORACLE))
    assert "as selected" not in screen


def test_selections_add_up_and_a_part_is_named_as_one(run: Any) -> None:
    run(*ORACLE, "tasks=[leap]")
    result = run(*ORACLE, "tasks=[caesar]")
    assert read_manifest(result.folder).plan.tasks == ("python/caesar", "python/leap"), (
        "in the dataset's order"
    )
    closed(result)
    assert (stored(result)["graded"], stored(result)["planned"]) == (2, 2)
    found = {finding["rule"]: finding for finding in stored(result)["trust"]}
    assert found["whole dataset"]["text"].startswith(f"2 of {EVERY} tasks")
    everything = run(*ORACLE)
    assert everything.made == EVERY - 2
    assert read_manifest(result.folder).plan.whole == EVERY


def test_a_held_task_that_has_changed_since_is_missed_and_not_dropped(run: Any, tmp_path: Path) -> None:
    tasks = tmp_path / "mine"
    for name in ("leap", "caesar"):
        shutil.copytree(resource_dir("tasks") / "python" / name, tasks / name)
    words = (*ORACLE, f"dataset.path={tasks}")
    result = run(*words)
    with (tasks / "leap/instructions.md").open("a") as file:
        file.write("\nMind the centuries.\n")
    closed(run(*words, "tasks=[caesar]"))
    assert (stored(result)["graded"], stored(result)["planned"]) == (1, 2)
    assert stored(result)["outcomes"] == {"passed": 1, "not run": 1}


def test_a_manifest_of_before_is_read_and_made_whole_by_the_next_command(run: Any, whole: RunResult) -> None:
    manifest = read_manifest(whole.folder)
    narrow = {
        "tasks": manifest.plan.tasks[:1],
        "digests": manifest.plan.digests[:1],
        "about": (),
        "whole": None,
    }
    write_manifest(whole.folder, replace(manifest, plan=replace(manifest.plan, **narrow)), Mask({}))
    summary = read_run(whole.folder).summary
    assert summary.planned == 1
    (told,) = [finding for finding in summary.trust if finding.rule == "other tasks"]
    assert told.text.startswith(f"{EVERY - 1} stored samples are of other tasks, not counted")
    run(*ORACLE, "limit=1")
    assert read_run(whole.folder).summary.planned == EVERY


def test_a_sweeps_cells_are_about_what_the_sweep_selected(
    run: Any, whole: RunResult, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ("model=any", *ORACLE, f"output_root={run.root}", "limit=2")
    assert main(["-m", *words, "seed=0,1"]) == 0
    (matrix,) = (run.root / "sweeps").glob("*/matrix.json")
    cells = json.loads(matrix.read_bytes())["cells"]
    assert [cell["summary"]["graded"] for cell in cells] == [2, 2]
    assert [cell["reason"] for cell in cells] == [f"2 tasks of the {EVERY} that the run holds", ""]
    assert stored(whole)["graded"] == EVERY
    assert "2 tasks of the 10" in capsys.readouterr().out


def test_tasks_that_other_options_of_the_dataset_leave_out_are_kept(
    run: Any, whole: RunResult, catalog: dict[str, Task]
) -> None:
    manifest = read_manifest(whole.folder)
    spec = build_spec(compose(parse(["model=any", *ORACLE, f"output_root={run.root}"])))
    config = {**spec.config, "dataset": {"name": "quickstart", "languages": ["python"]}}
    fewer, recorded = list(catalog.values())[:3], set(manifest.plan.tasks)
    made: Any = {"every": fewer, "selected": fewer, "recorded": recorded, "earlier": manifest}
    plan = held_plan(replace(spec, config=config), **made)
    assert set(plan.tasks) == recorded
    assert plan.whole == EVERY
    same = replace(spec, config={**spec.config, "dataset": manifest.config["dataset"]})
    assert len(held_plan(same, **made).tasks) == 3, "with the same options, what is not there is gone"
