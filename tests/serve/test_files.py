"""Files of runs: only those that are known, and no way out."""

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmbench.serve.faults import NotFound
from llmbench.serve.files import is_known, open_file
from llmbench.serve.runs import RunName

NAME = RunName("catalog", "run")


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    top = tmp_path_factory.mktemp("top")
    (top / "secret.txt").write_text("secret")
    folder = top / "outputs" / "catalog" / "run"
    (folder / "samples" / "a").mkdir(parents=True)
    (folder / "samples" / "a" / "b.log").write_text("inside")
    (folder / "link.log").symlink_to(top / "secret.txt")
    (folder / "samples" / "away").symlink_to(top)
    (top / "outputs" / "linked").symlink_to(folder.parent)
    os.mkfifo(folder / "pipe.log")
    return top / "outputs"


@pytest.mark.parametrize(
    "path",
    [
        "journal.jsonl",
        "journal.damaged.jsonl",
        "monitors.jsonl",
        "summary.json",
        "REPORT.md",
        "report.html",
        "report-samples/0001.html",
        "samples/python/leap/0/transcript.jsonl",
        "samples/a/b/c/12/try-2/response.md",
        "samples/a/0/try-1/verdict.1.json",
        "samples/a/0/try-1/agent.stdout.log",
        "samples/../0/try-1/stdout.log",  # of a name that is looked for step by step, and not there
    ],
)
def test_known(path: str) -> None:
    assert is_known(path)


@pytest.mark.parametrize(
    "path",
    [
        "",
        "manifest.json",
        "status.json",
        ".lock",
        ".env",
        "server/server.log",
        "control.json",
        "journal.jsonl\n",
        "../run/journal.jsonl",
        "/etc/passwd",
        "samples/a/0/try-1/.env.log",
        "samples/a/0/try-1/..log",
        "samples/a/0/try-1/id_rsa",
        "samples/a/0/try-1/x/stdout.log",
        "samples/a/0/manifest.json",
    ],
)
def test_not_known(path: str) -> None:
    assert not is_known(path)


def test_inside(root: Path) -> None:
    with open_file(root, NAME, "samples/a/b.log") as file:
        assert file.read() == b"inside"


@pytest.mark.parametrize(
    ("name", "path"),
    [
        (NAME, "link.log"),
        (NAME, "samples/away/secret.txt"),
        (NAME, "../../../secret.txt"),
        (NAME, "samples/../samples/a/b.log"),
        (NAME, "/etc/passwd"),
        (NAME, "samples/a"),
        (NAME, "pipe.log"),
        (NAME, "samples/a/b.log\0"),
        (NAME, "samples//a/b.log"),
        (NAME, "x" * 300),
        (RunName("linked", "run"), "samples/a/b.log"),
        (RunName("..", "secret.txt"), ""),
        (RunName("-", ".."), "secret.txt"),
    ],
)
def test_outside(root: Path, name: RunName, path: str) -> None:
    with pytest.raises(NotFound):
        open_file(root, name, path)


_PART = st.sampled_from(["..", ".", "", "samples", "a", "b.log", "away", "secret.txt", "link.log", "catalog"])


@given(st.lists(_PART | st.text(max_size=6), max_size=9), st.sampled_from(["catalog", "-", "linked", ".."]))
def test_no_path_leads_out(root: Path, parts: list[str], dataset: str) -> None:
    try:
        file = open_file(root, RunName(dataset, "run"), "/".join(parts))
    except NotFound:
        return
    with file:
        assert file.read() == b"inside"
