"""A folder of one's own: what of it is read, and what is written back, whatever stands there."""

import os
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmbench.errors import RunError, UsageError
from llmbench.records.masking import Mask
from llmbench.records.own_folder import changes, conflicts, is_protected, read_folder, write_back

MASK = Mask({"SOME_TOKEN": "s3cr3t-s3cr3t"})
NAMES = st.sampled_from(["a", "b", "d/a", "d/b"])
CONTENTS = st.binary(max_size=4)


def fill(folder: Path, *names: str) -> None:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(f"{name}\n")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "mine"
    made.mkdir()
    return made


def names(folder: Path, but: str = "outputs") -> list[str]:
    return list(read_folder(folder, folder / but, MASK).files)


def git(folder: Path, *words: str) -> None:
    subprocess.run(["git", *words], cwd=folder, check=True, capture_output=True)


def test_without_git_outputs_and_what_is_hidden_are_passed_over(folder: Path) -> None:
    fill(folder, "a.py", "src/b.py", ".gitignore", "node_modules/x.js", ".cache/y", "env/pyvenv.cfg")
    fill(folder, "env/lib.py", "outputs/solve/1/prompt.md", ".env", ".env.local", "src/.env", ".git/config")
    assert names(folder) == [".gitignore", "a.py", "src/b.py"]


def test_with_git_it_is_what_git_would_track(folder: Path) -> None:
    fill(folder, "kept.py", "gone.py", "new.py", "build/out.txt", ".github/ci.yml", ".env", "outputs/x.md")
    (folder / ".gitignore").write_text("build/\n")
    git(folder, "init", "--quiet")
    git(folder, "add", "kept.py", "gone.py")
    (folder / "gone.py").unlink()
    assert names(folder) == [".github/ci.yml", ".gitignore", "kept.py", "new.py"]


def test_a_part_of_a_repository_is_read_alone(folder: Path) -> None:
    fill(folder, "top.py", "part/a.py")
    git(folder, "init", "--quiet")
    assert names(folder / "part") == ["a.py"]


def test_a_folder_that_git_ignores_is_read_all_the_same(folder: Path) -> None:
    fill(folder, "ignored/a.py")
    (folder / ".gitignore").write_text("ignored/\n")
    git(folder, "init", "--quiet")
    assert names(folder / "ignored") == ["a.py"]


@pytest.mark.parametrize("with_git", [True, False])
def test_what_is_left_out_is_named(folder: Path, with_git: bool) -> None:
    fill(folder, "a.py")
    if with_git:
        git(folder, "init", "--quiet")
    (folder / "logo.png").write_bytes(b"\x89PNG\0")
    (folder / "latin.txt").write_bytes("é".encode("latin-1"))
    (folder / "big.csv").write_bytes(b"1," * (1 << 20) + b"\n")
    (folder / "keys.txt").write_text("token: s3cr3t-s3cr3t\n")
    (folder / "passwd").symlink_to("/etc/passwd")
    (folder / "up").symlink_to(folder.parent)
    found = read_folder(folder, folder / "outputs", MASK)
    assert list(found.files) == ["a.py"]
    told = dict(found.left_out)
    told.pop("up", None)  # a link to a folder: git names it, and walking passes it over
    assert told == {
        "big.csv": "larger than 2 MiB",
        "keys.txt": "holds a secret",
        "latin.txt": "not text",
        "logo.png": "not text",
        "passwd": "a link",
    }


def test_a_name_that_is_no_text_is_passed_over(folder: Path) -> None:
    fill(folder, "a.py")
    try:
        (folder / os.fsdecode(b"\xff.py")).write_text("x = 1\n")
    except OSError:
        pytest.skip("this file system takes no such names")
    assert names(folder) == ["a.py"]
    git(folder, "init", "--quiet")
    assert names(folder) == ["a.py"]


@pytest.mark.parametrize("much", ["files", "bytes"])
def test_too_much_is_refused(folder: Path, much: str) -> None:
    if much == "files":
        fill(folder, *(f"{number}.txt" for number in range(2001)))
    else:
        for number in range(9):
            (folder / f"{number}.txt").write_text("x" * (2 << 20))
    with pytest.raises(UsageError, match=r"more than 2000 files or 16 MiB of text"):
        read_folder(folder, folder / "outputs", MASK)


@pytest.mark.parametrize("path", [".git/config", "a/.git/hooks/x", ".GIT/config", "sub/.Git"])
def test_git_s_own_is_protected_however_it_is_spelled(folder: Path, path: str) -> None:
    assert is_protected(path)
    assert changes({}, {path: b"x", "a": b"x"}) == {"a": b"x"}
    assert conflicts(folder, {}, {path: b"x"}) == {path: "may not be written"}


@pytest.mark.parametrize("path", ["../out.txt", "/out.txt", "a/../../out.txt"])
def test_no_path_leads_out(folder: Path, path: str) -> None:
    with pytest.raises(Exception, match="not a path inside"):
        write_back(folder, {}, {path: b"x"})
    assert list(folder.parent.rglob("*.txt")) == []


def test_a_file_in_place_of_a_folder_is_a_conflict(folder: Path) -> None:
    fill(folder, "a")
    with pytest.raises(RunError, match="a/b Not a directory"):
        write_back(folder, {}, {"a/b": b"x"})


def disk(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()
    }


@given(
    before=st.dictionaries(NAMES, CONTENTS),
    after=st.dictionaries(NAMES, CONTENTS),
    meanwhile=st.dictionaries(NAMES, st.none() | CONTENTS, max_size=1),
)
def test_all_changes_are_written_or_none(
    tmp_path_factory: pytest.TempPathFactory,
    before: dict[str, bytes],
    after: dict[str, bytes],
    meanwhile: dict[str, bytes | None],
) -> None:
    folder = tmp_path_factory.mktemp("mine")
    now = {path: content for path, content in {**before, **meanwhile}.items() if content is not None}
    for path, content in now.items():
        (folder / path).parent.mkdir(exist_ok=True)
        (folder / path).write_bytes(content)
    changed = changes(before, after)
    disturbed = any(now.get(path) != before.get(path) for path in changed)
    try:
        write_back(folder, before, changed)
    except RunError:
        assert disturbed
        assert disk(folder) == now
        return
    assert not disturbed
    untouched = {path: content for path, content in now.items() if path not in changed}
    assert disk(folder) == untouched | {path: new for path, new in changed.items() if new is not None}
