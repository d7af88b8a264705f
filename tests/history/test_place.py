"""Where the history may be."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from llmbench.errors import UsageError
from llmbench.history.place import VARIABLE, find_place, network_kind, password_in

MOUNTS = {"/": "ext4", "/home": "nfs4", "/home/me/disk": "xfs", "/scratch": "lustre", "/tmp": "tmpfs"}


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/data/outputs", ""),
        ("/home/me/outputs/history.db", "nfs4"),
        ("/homely", ""),
        ("/home/me/disk/outputs", ""),
        ("/scratch", "lustre"),
        ("/tmp/x", ""),
    ],
)
def test_network_file_systems_are_seen(path: str, kind: str) -> None:
    assert network_kind(Path(path), MOUNTS) == kind


def test_this_machines_own_mounts_can_be_read(tmp_path: Path) -> None:
    assert network_kind(tmp_path) == ""


def test_a_url_of_sqlite_names_a_file(
    root: Path, tmp_path: Path, opened: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "elsewhere/all.db"
    monkeypatch.setenv(VARIABLE, f"sqlite:///{file}")
    assert len(opened(root).history.runs()) == 3
    assert not (root / "history.db").exists()
    with closing(sqlite3.connect(file)) as connection:
        [(place,)] = connection.execute("SELECT DISTINCT place FROM runs").fetchall()
    assert place.endswith(f":{root}")


@pytest.mark.parametrize("url", ["mysql://me:hidden@host/db", "history.db", "postgres://me:hidden@host/db"])
def test_other_urls_are_refused(url: str) -> None:
    with pytest.raises(UsageError, match="expected sqlite:///FILE or postgresql\\+psycopg") as raised:
        find_place(Path(), url)
    assert "hidden" not in str(raised.value)


@pytest.mark.parametrize(
    ("url", "holds"),
    [
        ("postgresql+psycopg://me:secret@host/runs", True),
        ("postgresql+psycopg://me@host:5432/runs", False),
        ("postgresql+psycopg://host:5432/runs", False),
        ("sqlite:////a:b/c.db", False),
    ],
)
def test_passwords_are_seen(url: str, holds: bool) -> None:
    assert password_in(url) is holds


def test_the_url_may_stand_in_the_env_file(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".env").write_text(f"no line\n{VARIABLE}=sqlite:///{tmp_path}/file.db\n")
    assert find_place(root).file == tmp_path / "file.db"
    monkeypatch.setenv(VARIABLE, f"sqlite:///{tmp_path}/shell.db")
    assert find_place(root).file == tmp_path / "shell.db"
