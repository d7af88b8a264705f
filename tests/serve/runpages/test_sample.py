"""The page of a sample: its texts in tabs, its tries, the samples beside it, and what can't be read."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from llmbench.api import Outcome
from llmbench.records.samples import sample_folder
from llmbench.serve.sample_view import LONGEST
from llmbench.testing.runs import MadeSample, RunRecipe, write_run

Read = Callable[[str], Any]
TINY = "/runs/catalog/tiny-llamacpp-prompt-1a2b3c4d5e"
BRACKETS = f"{TINY}/samples/python/brackets"


@pytest.fixture
def folder(root: Path) -> Path:
    """What was stored of the sample that failed."""
    return sample_folder(root / "catalog" / "tiny-llamacpp-prompt-1a2b3c4d5e", "python/brackets", 0)


def test_a_sample_tells_what_became_of_it(read: Read) -> None:
    page = read(BRACKETS)
    assert "failed wrong answer · 3 of 4 tests passed · 60 completion tokens" in page.text
    assert "test_nested: AssertionError: False is not true" in page.text
    assert "leap.py: fence at line 1: parses, defines is_leap" in page.text
    assert "llmbench show" in page.text


@pytest.mark.parametrize(
    ("anchor", "text"),
    [
        ("prompt", "Write a function."),
        ("answer", "return year % 4 == 0"),
        ("reasoning", "It told of no reasoning."),
        ("diff", "<del>-pass"),
        ("diff", "<ins>+return 1"),
        ("test-log", "1 test failed"),
        ("test-log", "Traceback"),
        ("transcript", "You write Python."),
        ("verdict", "&#34;outcome&#34;: &#34;failed&#34;"),
        ("verdict", "try-1/response.md"),
    ],
)
def test_each_tab_has_its_texts(read: Read, anchor: str, text: str) -> None:
    html = read(BRACKETS).html
    start = html.index(f'id="{anchor}"')
    assert text in html[start : html.find('<section class="pane', start)]
    assert f'href="#{anchor}"' in html


def test_the_samples_beside_it_are_those_that_were_asked_for(read: Read) -> None:
    page = read(f"{BRACKETS}?outcome=unsolved")
    assert page.link("Next →") == f"{TINY}/samples/python/lru_cache?outcome=unsolved&sample=0"
    assert "1 of 2" in page.text
    assert read(BRACKETS).link("← Previous") == f"{TINY}/samples/python/leap?sample=0"
    elsewhere = read(f"{BRACKETS}?outcome=passed")
    assert elsewhere.status == 200
    assert "Next →" not in [words for words, _ in elsewhere.links]


def test_tries_are_tabs(read: Read, root: Path) -> None:
    made = [
        MadeSample(task="go/maze", earlier=(Outcome.FAILED,), sample=number, reason="why")
        for number in (0, 1)
    ]
    write_run(root / "go" / "run", RunRecipe(made=made, samples=2, tries=2, dataset="go"))
    page = read("/runs/go/run/samples/go/maze?sample=1")
    assert "go/maze · sample 1" in page.text
    first = read(page.link("try 1: failed"))
    assert 'aria-current="true">try 1: failed' in first.html
    assert read("/runs/go/run/samples/go/maze?sample=1&try=99").status == 200


def test_samples_that_are_not_there(client: TestClient, read: Read) -> None:
    for path in (f"{TINY}/samples/python/none", f"{BRACKETS}?sample=1", "/runs/catalog/none/samples/x"):
        assert client.get(path).status_code == 404
    for query in ("sample=-1", "sample=x", "try=0", "as=html", f"q={'x' * 201}"):
        assert client.get(f"{BRACKETS}?{query}").status_code == 422


def test_a_sample_that_was_not_run(read: Read, root: Path) -> None:
    recipe = RunRecipe(made=[MadeSample(task="go/a")], tasks=("go/a", "go/b"), dataset="go")
    write_run(root / "go" / "run", recipe)
    assert "Not run yet" in read("/runs/go/run/samples/go/b").text


def test_a_long_text_is_cut_and_all_of_it_is_plain_text(client: TestClient, read: Read, folder: Path) -> None:
    (folder / "try-1" / "stdout.log").write_text("x" * 5_000_000)
    page = read(BRACKETS)
    assert len(page.html) < 3 * LONGEST
    assert "left out" in page.text
    assert page.link("Show all").endswith("/samples/python/brackets/0/try-1/stdout.log")


def test_a_long_conversation_is_cut_and_all_of_it_is_plain_text(client: TestClient, root: Path) -> None:
    said = "<b>\x1b[31m\u202e" + "word " * 1_000_000
    write_run(root / "go" / "run", RunRecipe(made=[MadeSample(task="go/a", answer=said)], dataset="go"))
    html = client.get("/runs/go/run/samples/go/a").text
    assert len(html) < 6 * LONGEST
    address = "/runs/go/run/samples/go/a?sample=0&as=text"
    assert address.replace("&", "&amp;") in html
    whole = client.get(address)
    assert whole.headers["content-type"] == "text/plain; charset=utf-8"
    assert len(whole.text) > 5_000_000
    assert "\x1b" not in whole.text
    assert "\u202e" not in whole.text


def test_what_is_missing_or_damaged_is_told_in_its_place(read: Read, folder: Path) -> None:
    (folder / "try-1" / "response.md").unlink()
    (folder / "try-1" / "stdout.log").unlink()
    (folder / "try-1" / "stderr.log").unlink()
    (folder / "try-1" / "patch.diff").write_bytes(b"\xff\xfe\x00")
    (folder / "transcript.jsonl").write_bytes(b'{"event": "completion"\n{"event": "news"}\nnothing\n')
    page = read(BRACKETS)
    assert page.status == 200
    for told in (
        "Nothing was stored of its answer.",
        "The tests printed nothing, or did not run.",
        "of a kind that this version does not know: news",
        "of transcript.jsonl can't be read",
    ):
        assert told in page.text


def test_a_folder_in_place_of_a_file_is_told(read: Read, folder: Path) -> None:
    (folder / "transcript.jsonl").unlink()
    (folder / "transcript.jsonl").mkdir()
    assert "transcript.jsonl can't be read" in read(BRACKETS).text


def test_no_link_is_followed(read: Read, root: Path, folder: Path, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("the password")
    for name in ("response.md", "stdout.log"):
        (folder / "try-1" / name).unlink()
        (folder / "try-1" / name).symlink_to(secret)
    (folder / "transcript.jsonl").unlink()
    (folder / "transcript.jsonl").symlink_to(secret)
    page = read(BRACKETS)
    assert "response.md: a link is not followed" in page.text
    assert "the password" not in page.html
    assert read(f"{BRACKETS}?as=text").status != 200


def test_a_linked_folder_is_not_followed(read: Read, folder: Path, tmp_path: Path) -> None:
    folder.parent.rename(tmp_path / "elsewhere")
    folder.parent.symlink_to(tmp_path / "elsewhere")
    page = read(BRACKETS)
    assert page.status == 200
    assert "Write a function." not in page.html


def test_odd_names_of_tasks_are_addresses(read: Read, root: Path) -> None:
    names = ("a b/ü", "q?x=1&y#z", "<i>", 'go/"quoted"')
    write_run(root / "odd" / "run", RunRecipe(made=[MadeSample(task=name) for name in names], dataset="odd"))
    page = read("/runs/odd/run")
    hrefs = [href for _, href in page.links if href.startswith("/runs/odd/run/samples/")]
    assert len(hrefs) == len(names)
    for name, href in zip(names, hrefs, strict=True):
        assert f" {name} " in read(href).text
