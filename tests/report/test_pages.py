"""Pages stay small whatever a run holds, and what is on disk is what would be written."""

import os
import re
from base64 import b64encode
from collections.abc import Callable, Sequence
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import escape

from llmbench.api import Outcome, Verdict
from llmbench.commands.report import main
from llmbench.records.journal import Journal
from llmbench.records.masking import Mask
from llmbench.records.samples import TryFolder, sample_folder
from llmbench.records.transcript import SubmissionEvent, Transcript
from llmbench.report.excerpts import excerpt, file_excerpt
from llmbench.report.files import write_files
from llmbench.report.read import read_run
from llmbench.report.sample_bodies import Part
from llmbench.report.sample_rows import filters_of, rows_of
from llmbench.testing.runs import MadeSample, RunRecipe

MakeRun = Callable[..., Path]
_LIMIT = 2_000_000
LARGE = ('"' * 6000, '"' * 4000)
"""An answer and an output that are five times as long on a page."""
_CODE = "    if year < 400 && year > 4 {\n"


def failing(number: int) -> RunRecipe:
    made = [
        MadeSample(task=f"go/task_{n:04}", outcome=Outcome.FAILED, reason=f"TestLeap: got {n} <want> 1")
        for n in range(number)
    ]
    return RunRecipe(made=made)


def filled(
    folder: Path, answer: str, printed: str, starter: str = "", tasks: Sequence[str] | None = None
) -> Path:
    """Let samples hand in ``answer`` and print ``printed``, all or those of ``tasks``; write the reports."""
    run = read_run(folder)
    for task in tasks or run.manifest.plan.tasks:
        place = sample_folder(folder, task, 0)
        transcript = Transcript(place / "transcript.jsonl", Mask({}))
        transcript.append(SubmissionEvent.of(1, {"leap.go": answer.encode()}, (), {}))
        transcript.close()
        texts = TryFolder(place, 1, Mask({}))
        texts.patch({"leap.go": starter.encode()}, {"leap.go": answer.encode()})
        texts.verdict(Verdict(outcome=Outcome.FAILED, stdout=printed))
    write_files(run)
    return folder


def pages(folder: Path) -> dict[str, int]:
    found = [folder / "report.html", *sorted((folder / "report-samples").glob("*"))]
    return {path.name: path.stat().st_size for path in found}


def test_the_page_leads_to_all_of_its_headings_and_no_others(make_run: MakeRun) -> None:
    made = [MadeSample(task="a", outcome=Outcome.FAILED), MadeSample(task="b")]
    for name, recipe in (("a", failing(2)), ("b", RunRecipe(made=made))):
        write_files(read_run(folder := make_run(recipe, name)))
        text = (folder / "report.html").read_text(encoding="utf-8")
        links = re.findall(r'<a href="#([a-z-]+)">', text)
        assert links
        assert set(links) <= set(re.findall(r'id="([a-z-]+)"', text))
        assert ("pictures" in links) == ('<svg class="picture"' in text)


def test_164_that_all_failed_are_one_page(make_run: MakeRun) -> None:
    folder = filled(make_run(failing(164)), _CODE * 125, "FAIL: TestLeap\n" * 100)
    assert list(pages(folder)) == ["report.html"]
    assert pages(folder)["report.html"] < _LIMIT
    text = (folder / "report.html").read_text(encoding="utf-8")
    assert text.count("Answer: leap.go") == 164


def test_1640_are_pages_of_which_none_is_large(make_run: MakeRun) -> None:
    recipe = failing(1640)
    shown, others = recipe.made[-100:], recipe.made[:-100]
    folder = make_run(replace(recipe, made=shown, tasks=tuple(made.task for made in recipe.made)))
    with Journal(folder / "journal.jsonl", Mask({})) as journal:
        for made in others:
            journal.append(made.record())
    filled(folder, *LARGE, tasks=[made.task for made in shown])
    found = pages(folder)
    assert len(found) > 5
    assert max(found.values()) < _LIMIT
    main_page = (folder / "report.html").read_text(encoding="utf-8")
    last = list(found)[-1]
    assert f'href="report-samples/{last}#s1640"' in main_page
    assert 'id="s1640"' in (folder / "report-samples" / last).read_text(encoding="utf-8")


def test_the_policy_lets_nothing_in_but_our_one_script(make_run: MakeRun) -> None:
    folder = filled(make_run(failing(60)), *LARGE)
    for path in (folder / "report.html", folder / "report-samples" / "0001.html"):
        text = path.read_text(encoding="utf-8")
        scripts = re.findall(r"<script>(.*?)</script>", text, re.DOTALL)
        digests = [b64encode(sha256(script.encode()).digest()).decode() for script in scripts]
        assert len(digests) == 1
        allowed = f"style-src 'unsafe-inline'; script-src 'sha256-{digests[0]}'"
        policy = f"default-src 'none'; {allowed}; base-uri 'none'; form-action 'none'"
        assert f'http-equiv="Content-Security-Policy" content="{policy}"' in text


def test_a_line_of_five_megabytes_is_cut(make_run: MakeRun) -> None:
    folder = filled(make_run(failing(3)), "x" * 5_000_000, "<" * 5_000_000 + "the end")
    text = (folder / "report.html").read_text(encoding="utf-8")
    assert len(text) < 300_000
    assert "most of 5\u202f000\u202f007 bytes left out" in text
    assert "&lt;the end" in text


def test_pages_that_are_no_more_needed_go(make_run: MakeRun) -> None:
    folder = filled(make_run(failing(60)), *LARGE)
    assert len(pages(folder)) > 2
    (folder / "report-samples" / "mine.txt").write_text("kept", encoding="utf-8")
    for log in folder.glob("samples/**/*.log"):
        log.unlink()
    for transcript in folder.glob("samples/**/transcript.jsonl"):
        transcript.unlink()
    for patch in folder.glob("samples/**/patch.diff"):
        patch.unlink()
    (folder / "report.html").unlink()
    write_files(read_run(folder))
    assert list(pages(folder)) == ["report.html", "mine.txt"]


@pytest.mark.parametrize("gone", ["0001.html", "0002.html"])
def test_a_page_that_is_missing_is_written_again(make_run: MakeRun, gone: str) -> None:
    folder = filled(make_run(failing(60)), *LARGE)
    written = (folder / "report-samples" / gone).read_bytes()
    (folder / "report-samples" / gone).unlink()
    write_files(read_run(folder))
    assert (folder / "report-samples" / gone).read_bytes() == written


def test_what_stands_is_not_written_again_until_the_journal_grows(make_run: MakeRun) -> None:
    folder = filled(make_run(failing(60)), *LARGE)
    page = folder / "report-samples" / "0002.html"
    before = page.stat().st_mtime_ns
    write_files(read_run(folder))
    assert page.stat().st_mtime_ns == before
    later = before + 10_000_000_000
    os.utime(folder / "journal.jsonl", ns=(later, later))
    write_files(read_run(folder))
    assert page.stat().st_mtime_ns != before


def test_one_file_holds_everything_where_one_is_asked_for(make_run: MakeRun, tmp_path: Path) -> None:
    folder = filled(make_run(failing(60)), *LARGE)
    main([str(folder), "--output", str(tmp_path / "all.html")])
    text = (tmp_path / "all.html").read_text(encoding="utf-8")
    assert text.count("Answer: leap.go") == 60
    assert "report-samples/" not in text


def test_the_diff_is_left_out_where_there_was_no_starter(make_run: MakeRun) -> None:
    new = filled(make_run(failing(1), "new-1"), _CODE, "F")
    assert "Changes to the starter files" not in (new / "report.html").read_text(encoding="utf-8")
    changed = filled(make_run(failing(1), "changed-1"), _CODE, "F", starter="a\n--- b\n")
    text = (changed / "report.html").read_text(encoding="utf-8")
    assert "--- a/leap.go\n+++ b/leap.go\n@@ -1,2 +1 @@\n<del>-a" in text
    assert f"<ins>+{escape(_CODE.rstrip())}</ins>" in text


def test_without_files_what_the_model_said_is_shown(make_run: MakeRun) -> None:
    folder = make_run(RunRecipe(made=[MadeSample(task="a", outcome=Outcome.FAILED, answer="I can't")]))
    for transcript in folder.glob("samples/**/transcript.jsonl"):
        transcript.write_bytes(b'{"event":"submission","number":"torn\n')
    write_files(read_run(folder))
    text = (folder / "report.html").read_text(encoding="utf-8")
    assert "<summary>What the model said</summary>\n<pre>I can&#39;t</pre>" in text


def test_facets_are_what_rows_differ_in(make_run: MakeRun) -> None:
    made = [
        MadeSample(task="go/a"),
        MadeSample(task="go/b", outcome=Outcome.FAILED, reason="AssertionError"),
        MadeSample(task="go/c", outcome=Outcome.INFRA_ERROR, reason="died"),
    ]
    rows = rows_of(read_run(make_run(RunRecipe(made=made, tasks=("go/a", "go/b", "go/c", "go/d")))))
    found = filters_of(rows)
    shown = {facet.name: [(one.value, one.count) for one in facet.choices] for facet in found.facets}
    assert shown == {
        "outcome": [("passed", 1), ("failed", 1), ("infra_error", 1), ("not run", 1)],
        "failure": [("wrong answer", 1)],
    }
    assert [found.marks(row) for row in rows] == ["o1", "o2 f1", "o3", "o4"]
    assert [row.has_body for row in rows] == [False, True, True, False]
    assert found.narrowed(rows[1:2]).facets == ()


@given(st.text(), st.integers(30, 200))
def test_an_excerpt_is_no_longer_than_it_may_be(text: str, longest: int) -> None:
    shown = excerpt(text, longest)
    assert bool(shown.note) == (len(text) > longest)
    assert len(shown.text) <= 6 * longest + 80


@given(st.text(min_size=1, max_size=400), st.integers(30, 200))
def test_a_file_is_cut_like_a_text(tmp_path_factory: pytest.TempPathFactory, text: str, longest: int) -> None:
    path = tmp_path_factory.mktemp("excerpt") / "text"
    path.write_bytes(text.encode(errors="replace"))
    shown = file_excerpt(path, longest)
    if len(text.encode(errors="replace")) < 4 * longest:
        assert shown == excerpt(text.encode(errors="replace").decode(), longest)
    assert len(shown.text) <= 6 * longest + 80


def test_a_file_that_is_not_there_is_empty(tmp_path: Path) -> None:
    assert file_excerpt(tmp_path / "none", 100).text == ""
    assert file_excerpt(tmp_path, 100).text == ""


@given(st.lists(st.sampled_from(["+a\n", "-b\n", " c\n", "\n", "@@ -1 +1 @@\n", "+++ x\n", "--- y\n", "e"])))
def test_a_diff_in_pieces_is_the_whole(lines: list[str]) -> None:
    text = "".join(lines)
    assert "".join(piece for _, piece in Part("", text, is_diff=True).runs) == text
