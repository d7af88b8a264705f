"""A report of a run and its twin says the gap in every format; one of a run alone says nothing of it."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from llmbench.api import Outcome
from llmbench.testing.runs import MadeSample, RunRecipe, write_run


def made(folder: Path, passed: int, config: Mapping[str, Any], **changes: Any) -> str:
    """Write a run of twenty tasks, with an id of its own."""
    outcomes = [Outcome.PASSED] * passed + [Outcome.FAILED] * (20 - passed)
    samples = [MadeSample(task=f"python/t{number}", outcome=each) for number, each in enumerate(outcomes)]
    write_run(folder, RunRecipe(made=samples, config=dict(config)))
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest |= {"run_id": folder.name, **changes}
    (folder / "manifest.json").write_text(json.dumps(manifest))
    return str(folder)


@pytest.fixture
def pair(here: Path) -> list[str]:
    original = made(here / "a", 18, {"dataset": {"name": "catalog", "twin": 0}})
    twin = made(here / "b", 8, {"dataset": {"name": "catalog", "twin": 1}}, dataset={"sha256": "7" * 64})
    digest = json.loads((here / "b/manifest.json").read_text())["plan"]["digests"][0]
    for name in ("manifest.json", "journal.jsonl"):
        text = (here / "b" / name).read_text()
        (here / "b" / name).write_text(text.replace(f'"{digest}"', '"another"'))
    return [original, twin]


@pytest.mark.parametrize("chosen", ["terminal", "md", "html"])
def test_the_gap_is_told(pair: list[str], run: Any, chosen: str) -> None:
    ran = run("report", *pair, "--format", chosen)
    assert ran.exit_code == 0, ran.stderr
    text = " ".join(ran.stdout.split())
    assert "originals 90.0 %, twins 40.0 %, gap +50.0 points" in text
    assert "(20 tasks in pairs)" in text
    assert "different tasks" not in text


def test_json_has_the_gap_and_the_caution(pair: list[str], run: Any) -> None:
    original, twin = json.loads(run("report", *pair, "--format", "json").stdout)
    assert original["twins"][0]["gap"] == pytest.approx(0.5)
    assert [finding["level"] for finding in original["trust"] if finding["rule"] == "twins"] == ["amber"]
    assert twin["twins"] == []
    alone = json.loads(run("report", pair[0], "--format", "json").stdout)
    assert alone["twins"] == []


def test_runs_that_are_no_pair_still_asked_different_tasks(pair: list[str], here: Path, run: Any) -> None:
    other = made(here / "c", 3, {"seed": 7}, dataset={"sha256": "8" * 64})
    assert "different tasks" in " ".join(run("report", *pair, other).stdout.split())
