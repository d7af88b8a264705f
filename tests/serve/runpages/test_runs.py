"""The list of runs: filters and order in its address, columns that are remembered, what is ticked."""

import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from llmbench.cli import main
from llmbench.records.masking import Mask
from llmbench.records.process import this_process
from llmbench.records.status import Status, write_status
from llmbench.serve.run_list import SIZE
from llmbench.testing.runs import ORDINARY_RUN, write_run

Read = Callable[[str], Any]


@pytest.mark.parametrize(
    ("query", "models"),
    [
        ("", ["large", "tiny", "tiny"]),
        ("?dataset=other", ["tiny"]),
        ("?model=lar*,x", ["large"]),
        ("?where=model.reasoning.answer_tokens>400", ["large"]),
        ("?where=model=tiny&where=dataset=catalog", ["tiny"]),
        ("?q=3A2B", ["tiny"]),
        ("?trust=green", ["tiny"]),
        ("?since=2026-03-02", []),
        ("?agent=prompt&backend=llamacpp&dataset=catalog", ["large", "tiny"]),
    ],
)
def test_filters_in_the_address(read: Read, query: str, models: list[str]) -> None:
    page = read(f"/runs{query}")
    assert page.status == 200
    if models:
        assert sorted(page.column("model")) == models
    else:
        assert "No run fits" in page.text


def test_the_same_order_as_the_command_line(
    read: Read, root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["list", "runs", "--sort", "accuracy", "--root", str(root)])
    listed = [
        line.split()[0] for line in capsys.readouterr().out.splitlines() if "llamacpp" in line or "%" in line
    ]
    assert read("/runs?sort=accuracy").column("model") == listed


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("where=seed", "where seed: expected KEY=VALUE"),
        ("where=sed=1", "where sed: no run has it; did you mean 'speed'?"),
        ("sort=colour", "sort colour: expected one of"),
        ("since=yesterday", "since yesterday: expected a date"),
    ],
)
def test_what_is_not_understood_is_told_and_can_be_mended(read: Read, query: str, told: str) -> None:
    page = read(f"/runs?{query}")
    assert page.status == 400
    assert told in page.text
    assert 'name="where"' in page.html


def test_only_settings_that_differ_are_shown(read: Read, root: Path) -> None:
    recipe = replace(ORDINARY_RUN, run_id="4a2b3c4d5e", config={"seed": 4, "model": {"reasoning": {}}})
    write_run(root / "catalog" / "tiny-llamacpp-prompt-4a2b3c4d5e", recipe)
    page = read("/runs?dataset=catalog&model=tiny")
    told = page.column("differs in")
    assert any("seed=4" in cell for cell in told)
    assert any("seed=3" in cell for cell in told)


def test_columns_are_chosen_and_remembered(client: TestClient, read: Read) -> None:
    answer = client.get("/runs?cols=model&cols=preset")
    assert "httponly" in answer.headers["set-cookie"].lower()
    assert read("/runs").column("preset") == ["none"] * 3
    with pytest.raises(StopIteration):
        read("/runs").column("trust")


def test_runs_come_in_pages(read: Read, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert SIZE == 200
    monkeypatch.setattr("llmbench.serve.run_list.SIZE", 2)
    made = write_run(root / "many" / "m-0", replace(ORDINARY_RUN, dataset="many"))
    for number in range(1, 5):
        shutil.copytree(made, root / "many" / f"m-{number}")
    page = read("/runs?dataset=many&sort=run")
    assert page.column("model") == ["tiny"] * 2
    assert "5 runs of 8" in page.text
    following = page.link("Next →")
    assert following == "/runs?dataset=many&sort=run&page=2"
    assert len(read(following).column("model")) == 2
    assert len(read("/runs?dataset=many&page=99").column("model")) == 1


def test_a_run_leads_to_its_page_and_ticks_to_comparing(client: TestClient, read: Read) -> None:
    page = read("/runs?dataset=other")
    assert read(page.link("tiny")).status == 200
    assert 'value="other/tiny-llamacpp-prompt-3a2b3c4d5e"' in page.html
    answer = client.get("/compare?run=a%26b/x&run=c/d&run=e/f")
    assert answer.status_code == 303
    assert answer.headers["location"] == "/compare?a=a%26b%2Fx&b=c%2Fd&left_out=1"


def test_a_run_at_work_leads_to_where_it_is_watched(read: Read, root: Path) -> None:
    folder = root / "other" / "tiny-llamacpp-prompt-3a2b3c4d5e"
    now = datetime.now(UTC).isoformat()
    status = Status(run_id="x", state="sampling", updated=now, session=now, process=this_process())
    write_status(folder, status, Mask({}))
    assert read("/runs").link("sampling") == "/live/other/tiny-llamacpp-prompt-3a2b3c4d5e"


def test_a_run_that_cant_be_read_is_listed_and_says_why(read: Read, root: Path) -> None:
    folder = root / "other" / "broken-00"
    folder.mkdir()
    (folder / "manifest.json").write_text("{}")
    page = read("/runs?q=broken")
    assert "can't be read" in page.text
    told = read(page.link("other/broken-00"))
    assert told.status == 400
    assert "manifest.json" in told.text


def test_without_runs_the_page_says_how_to_get_one(read: Read, root: Path) -> None:
    shutil.rmtree(root)
    page = read("/runs")
    assert "No runs yet" in page.text
    assert page.link("Launch a run") == "/launch"


def test_names_are_text_and_nothing_more(read: Read, root: Path) -> None:
    name = "<img src=x>\x1b[31m\u202e&amp;'\""
    write_run(root / name / "x-00?#", replace(ORDINARY_RUN, model=name, dataset=name))
    page = read("/runs?q=x-00")
    assert "<img" not in page.html
    assert "\x1b" not in page.html
    assert "\u202e" not in page.text
    assert page.column("model") == ["<img src=x>␛[31m\\u202e&amp;'\""]
    assert read(page.link(page.column("model")[0])).status == 200
