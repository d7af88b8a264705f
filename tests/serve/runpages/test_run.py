"""The page of a run: trust before the number, why samples failed, all of them in pages."""

import json
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from llmbench.records.masking import Mask
from llmbench.records.process import this_process
from llmbench.records.status import Status, write_status
from llmbench.serve.app import create_app
from llmbench.serve.settings import Settings
from llmbench.testing.runs import ORDINARY_RUN, MadeSample, RunRecipe, write_run

Read = Callable[[str], Any]
TINY = "/runs/catalog/tiny-llamacpp-prompt-1a2b3c4d5e"


def _samples(page: Any) -> list[str]:
    return [href for _, href in page.links if href.startswith(f"{TINY}/samples/")]


def test_trust_stands_before_the_number_and_both_are_the_reports(read: Read) -> None:
    page = read(TINY)
    order = [page.text.index(words) for words in ("Can this number be believed?", "pass@1", "Samples 5")]
    assert order == sorted(order)
    assert "60.0 % 95 % interval" in page.text
    assert "5 of 5 samples graded" in page.text
    assert "if the 1 that a limit ended had failed/passed" in page.text


def test_a_run_leads_on(read: Read, root: Path) -> None:
    folder = root / "catalog" / "tiny-llamacpp-prompt-1a2b3c4d5e"
    (folder / "REPORT.md").write_text("# it")
    page = read(TINY)
    assert page.link("REPORT.md") == "/artifacts/catalog/tiny-llamacpp-prompt-1a2b3c4d5e/REPORT.md"
    assert page.link("Compare with …") == "/compare?a=catalog/tiny-llamacpp-prompt-1a2b3c4d5e"
    assert "llmbench model=tiny seed=3 model.reasoning.answer_tokens=800" in page.text
    assert "Completion tokens of the samples" in page.text
    assert "Q4_K_M" in page.text


def test_classes_of_failures_are_filters(read: Read) -> None:
    page = read(TINY)
    assert len(_samples(page)) == 5
    narrowed = read(page.link("ran out of tokens 1"))
    assert _samples(narrowed) == [f"{TINY}/samples/python/lru_cache?failure=ran+out+of+tokens&sample=0"]
    assert len(_samples(read(page.link("did not pass 2")))) == 2
    assert narrowed.link("ran out of tokens 1") == f"{TINY}#samples"
    assert "No sample fits" in read(f"{TINY}?q=nothing").text


def test_samples_come_in_pages_of_two_hundred(read: Read, root: Path) -> None:
    made = [MadeSample(task=f"python/t{number:03}") for number in range(250)]
    write_run(root / "many" / "run", RunRecipe(made=made, dataset="many"))
    page = read("/runs/many/run?q=python")
    assert "python/t199" in page.text
    assert "python/t200" not in page.text
    following = read(page.link("Next →"))
    assert "python/t200" in following.text
    assert 'start="201"' in following.html


def test_whether_it_is_at_work_is_told(read: Read, root: Path) -> None:
    folder = root / "catalog" / "open"
    write_run(folder, replace(ORDINARY_RUN, ended=""))
    now = datetime.now(UTC).isoformat()
    status = Status(run_id="x", state="sampling", updated=now, session=now, process=this_process())
    write_status(folder, status, Mask({}))
    page = read("/runs/catalog/open")
    assert "It is at work (sampling)" in page.text
    assert page.link("Watch it live") == "/live/catalog/open"
    assert 'method="post" action="/live/catalog/open/stop"' in page.html
    write_status(folder, replace(status, state="failed", reason="the disk\x1b is full"), Mask({}))
    page = read("/runs/catalog/open")
    assert "Its last command failed: the disk␛ is full." in page.text
    assert "Watch it live" not in page.text


def test_secrets_of_its_settings_are_not_shown(client: TestClient, root: Path) -> None:
    config = {"backend": {"url": "http://me:hunter2@host/v1?api_key=hunter2", "headers": {"X-A": "hunter2"}}}
    for name in ("c", "d"):
        recipe = replace(
            ORDINARY_RUN, config={**config, "seed": name}, overrides=("backend.api_key=hunter2",), run_id=name
        )
        write_run(root / "secret" / name, recipe)
    for path in ("/runs/secret/c", "/compare?a=secret/c&b=secret/d&every=1"):
        page = client.get(path).text
        assert "host/v1" in page
        assert "hunter2" not in page


def test_a_run_that_asked_no_model_is_shown_too(read: Read, root: Path) -> None:
    for name in ("c", "d"):
        folder = write_run(root / "none" / name, replace(ORDINARY_RUN, run_id=name * 10))
        manifest = json.loads((folder / "manifest.json").read_text())
        manifest["names"] = {"agent": "oracle"}
        (folder / "manifest.json").write_text(json.dumps(manifest))
    assert read("/runs?q=none").status == 200
    assert "cccccccccc agent oracle" in read("/runs/none/c").text
    assert read("/runs/none/c/samples/python/leap").status == 200
    assert "neither leads" in read("/compare?a=none/c&b=none/d").text


def test_damaged_lines_are_told(read: Read, root: Path) -> None:
    with (root / "catalog" / "tiny-llamacpp-prompt-1a2b3c4d5e" / "journal.jsonl").open("a") as journal:
        journal.write('{"task": 1}\n{"task": 2}\n')
    assert "journal.jsonl" in read(TINY).text


def test_a_run_that_is_not_there(client: TestClient, root: Path) -> None:
    (root / "catalog" / "link").symlink_to(root / "catalog" / "tiny-llamacpp-prompt-1a2b3c4d5e")
    for path in ("/runs/catalog/none", "/runs/%2e%2e/x", "/runs/catalog/link", "/runs/catalog/a%2Fb"):
        assert client.get(path).status_code == 404


def test_no_page_needs_an_inline_style_or_script(client: TestClient) -> None:
    for path in (TINY, f"{TINY}/samples/python/leap", "/runs", "/compare"):
        html = client.get(path).text
        assert " style=" not in html
        assert "<script>" not in html
        assert "<style" not in html


def test_hostile_texts_stay_texts(read: Read, root: Path) -> None:
    evil = "<script>alert(1)</script>\x1b[31m\u202e\x07"
    made = [MadeSample(task=f"go/{evil}", reason=evil, prompt=evil, answer=evil)]
    write_run(root / "evil" / "run", RunRecipe(made=made, model=evil, notice=evil, warnings=(evil,)))
    page = read("/runs/evil/run")
    for sign in ("<script>a", "\x1b", "\u202e", "\x07"):
        assert sign not in page.html
    assert "<script>alert(1)</script>␛[31m\\u202e␇" in page.text


def test_the_list_and_the_script_are_given_the_same(client: TestClient) -> None:
    rows = client.get(f"/api{TINY}/samples?outcome=unsolved").json()["rows"]
    assert [row["task"] for row in rows] == ["python/brackets", "python/lru_cache"]


@pytest.mark.parametrize("before", ["/bench", ""], ids=["passed-on", "cut-off"])
def test_behind_a_proxy_all_addresses_begin_with_its_path(root: Path, before: str) -> None:
    app = create_app(Settings(root=root, root_path="/bench"))
    client = TestClient(app, base_url="http://127.0.0.1:7860")
    a, b = "catalog/tiny-llamacpp-prompt-1a2b3c4d5e", "catalog/large-llamacpp-prompt-2a2b3c4d5e"
    paths = ("/runs", f"/runs/{a}", f"/runs/{a}/samples/python/brackets", f"/compare?a={a}&b={b}")
    for path in (*paths, f"/compare/task?a={a}&b={b}&task=python/leap"):
        html = client.get(f"{before}{path}").text
        found = re.findall(r'(?:href|action|formaction|src|data-api|data-root)="([^"]*)"', html)
        assert len(found) > 10
        assert [href for href in found if not href.startswith(("/bench/", "#"))] == []
    answer = client.get(f"{before}/compare?run=c/d", follow_redirects=False)
    assert answer.headers["location"] == "/bench/compare?a=c%2Fd"
