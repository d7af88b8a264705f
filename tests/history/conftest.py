"""Folders of runs, and a PostgreSQL of our own."""

import os
import shutil
import subprocess
import tempfile
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from llmbench.history.history import History
from llmbench.testing.runs import ORDINARY_RUN, RunRecipe, write_run

_PROGRAMS = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
_LIMIT_S = 60


@dataclass
class Heard:
    """A history, and what it had to say."""

    history: History
    warnings: list[str] = field(default_factory=list)


Open = Callable[..., Heard]


Add = Callable[..., Path]


@pytest.fixture
def add_run() -> Add:
    """Write a run of the usual kind into a folder of runs; return its folder."""

    def add(root: Path, **changes: Any) -> Path:
        recipe: RunRecipe = replace(ORDINARY_RUN, **changes)
        return write_run(root / f"{recipe.dataset}/{recipe.model}-llamacpp-prompt-{recipe.run_id}", recipe)

    return add


@pytest.fixture
def root(tmp_path: Path, add_run: Add) -> Path:
    """A folder of three runs."""
    root = tmp_path / "outputs"
    for number, model in enumerate(("tiny", "small", "large")):
        add_run(root, model=model, run_id=f"{number:010x}")
    return root


@pytest.fixture
def opened() -> Open:
    """Open a history that remembers its warnings."""

    def opened(root: Path, url: str | None = None) -> Heard:
        warnings: list[str] = []
        return Heard(History(root, url, warn=warnings.append), warnings)

    return opened


@pytest.fixture(scope="session")
def cluster() -> Iterator[str]:
    """A PostgreSQL of this session, without a port: the URL of its own database."""
    if find_spec("psycopg") is None:
        pytest.skip("no psycopg: pip install '.[postgres]'")
    found = shutil.which("initdb") or next((str(path / "initdb") for path in _PROGRAMS), "")
    if not found:
        pytest.skip("no PostgreSQL: apt-get install postgresql")
    # Short, for a socket's path may have 107 characters at most.
    folder = Path(tempfile.mkdtemp(prefix="llmbench-pg-"))
    try:
        yield from _served(folder, Path(found).parent)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _served(folder: Path, programs: Path) -> Iterator[str]:
    data, log = folder / "data", folder / "log"
    # PostgreSQL does not serve root.
    owner: dict[str, Any] = (
        {"user": "postgres", "group": "postgres", "extra_groups": []} if os.getuid() == 0 else {}
    )
    if owner:
        shutil.chown(folder, "postgres", "postgres")

    def ran(*words: str | Path) -> None:
        subprocess.run(words, check=True, timeout=_LIMIT_S, stdout=subprocess.DEVNULL, cwd=folder, **owner)

    ran(programs / "initdb", "-D", data, "-A", "trust", "-U", "llmbench", "-E", "UTF8", "--no-sync")
    options = f"-c listen_addresses='' -c fsync=off -k {folder}"
    ran(programs / "pg_ctl", "-D", data, "-l", log, "-w", "-o", options, "start")
    try:
        yield f"postgresql+psycopg://llmbench@/postgres?host={folder}"
    finally:
        ran(programs / "pg_ctl", "-D", data, "-m", "immediate", "-w", "stop")


@pytest.fixture
def database(cluster: str) -> str:
    """An empty database of PostgreSQL: its URL."""
    import psycopg

    name = f"test_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(cluster.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    return cluster.replace("/postgres?", f"/{name}?")
