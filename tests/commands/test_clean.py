"""``llmbench clean`` lists first, asks, and keeps to this user's leftovers of this output root."""

import io
import json
import os
import pty
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from llmbench.cli import main
from llmbench.testing.runs import ORDINARY_RUN, write_run
from llmbench_plugins.shared.owner import owner_mark

DEAD = f"{socket.gethostname()}:999999999:1"
HERE, ELSEWHERE = "1a2b3c4d5e", "ffffffffff"


@pytest.fixture
def left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Path]:
    """Folders that runs of sandbox=local left, by their labels; the current folder holds one run."""
    write_run(tmp_path / "outputs" / "catalog" / f"demo-llamacpp-prompt-{HERE}", ORDINARY_RUN)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    scratch = tmp_path / "scratch"
    monkeypatch.setenv("TMPDIR", str(scratch))
    monkeypatch.setattr("tempfile.tempdir", None)
    folders = {}
    for name, label, owner in (
        ("here", HERE, DEAD),
        ("elsewhere", ELSEWHERE, DEAD),
        ("living", HERE, owner_mark()),
    ):
        folder = scratch / f"llmbench-{os.geteuid()}" / name
        folder.mkdir(parents=True)
        (folder / "owner.json").write_text(json.dumps({"label": label, "owner": owner}))
        folders[name] = folder
    return folders


def there(left: dict[str, Path]) -> set[str]:
    return {name for name, folder in left.items() if folder.exists()}


def test_off_a_terminal_it_lists_and_removes_nothing(
    left: dict[str, Path], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    assert main(["clean"]) == 2
    told = capsys.readouterr()
    assert told.out == f"local: {left['here']}\n"
    assert told.err == "llmbench: clean: 1 listed, none removed: without a terminal to ask on, say --yes\n"
    assert there(left) == {"here", "elsewhere", "living"}


@pytest.mark.parametrize(
    ("words", "stays"),
    [
        ([], {"elsewhere", "living"}),
        (["--all-roots"], {"living"}),
        (["--root", "nowhere"], {"here", "elsewhere", "living"}),
        (["--run", f"catalog/demo-llamacpp-prompt-{HERE}"], {"elsewhere"}),
        (["--run", ELSEWHERE], {"here", "living"}),
    ],
)
def test_it_keeps_to_this_output_root(left: dict[str, Path], words: list[str], stays: set[str]) -> None:
    assert main(["clean", "--yes", *words]) == 0
    assert there(left) == stays


def test_a_run_that_nobody_knows_is_refused(
    left: dict[str, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["clean", "--yes", "--run", "nope"]) == 2
    assert "clean: --run nope: no run in outputs and nothing left bears it" in capsys.readouterr().err
    assert there(left) == {"here", "elsewhere", "living"}


@pytest.mark.parametrize(("answer", "stays"), [("n", {"here"}), ("", {"here"}), ("y", set())])
def test_on_a_terminal_it_asks(left: dict[str, Path], answer: str, stays: set[str]) -> None:
    ours, theirs = pty.openpty()
    try:
        os.write(ours, f"{answer}\n".encode())
        ran = subprocess.run(
            [sys.executable, "-m", "llmbench", "clean"],
            stdin=theirs,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    finally:
        os.close(ours)
        os.close(theirs)
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.startswith(f"local: {left['here']}\nRemove this? [y/N] ")
    assert there(left) == {"elsewhere", "living"} | stays


_HOLDS = """
import sys
from llmbench.records.temporary import make_temporary
print(make_temporary(), flush=True)
sys.stdin.read()
"""


def test_a_temporary_folder_is_left_only_by_a_process_that_was_killed(
    left: dict[str, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", _HOLDS], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    with process:
        assert process.stdout is not None
        folder = Path(process.stdout.readline().strip())
        assert main(["clean", "--yes"]) == 0
        assert folder.is_dir()
        process.kill()
        process.wait(timeout=30)
    assert folder.is_dir()
    capsys.readouterr()
    assert main(["clean", "--yes"]) == 0
    assert f"folder: {folder}\n" in capsys.readouterr().out
    assert not folder.exists()
