"""A team's history in a real PostgreSQL."""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

pytestmark = [pytest.mark.postgres, pytest.mark.xdist_group("postgres")]

RUNS = """
import sys
from pathlib import Path
from llmbench.history.history import History
print(len(History(Path(sys.argv[1]), sys.argv[2], warn=lambda text: print("warning:", text)).runs()))
"""


def asked(url: str, statement: str) -> list[tuple[Any, ...]]:
    import psycopg

    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
        cursor = connection.execute(statement)  # type: ignore[call-overload]
        return list(cursor.fetchall()) if cursor.description else []


def test_it_says_what_sqlite_says(root: Path, opened: Any, database: str) -> None:
    here = {row.model: row for row in opened(root).history.runs()}
    heard = opened(root, database)
    there = {row.model: row for row in heard.history.runs()}
    assert heard.warnings == []
    kept = {row.model: row for row in opened(root, database).history.runs()}
    assert kept == there  # every cell comes back as it was
    for model, row in here.items():
        assert (kept[model].pass_at_1, kept[model].low, kept[model].wall_s) == (
            row.pass_at_1,
            row.low,
            row.wall_s,
        )
        assert heard.history.tasks(kept[model]) == opened(root).history.tasks(row)
    assert heard.history.configs()[kept["tiny"].id]["seed"] == 3
    assert heard.history.solved("catalog") == opened(root).history.solved("catalog")
    one = heard.history.task("python/leap", kept.values())
    assert one.keys() == {row.id for row in kept.values()}
    assert {row.passed for row in one.values()} == {1}


def test_a_team_sees_all_folders(
    tmp_path: Path, root: Path, opened: Any, add_run: Any, database: str
) -> None:
    other = tmp_path / "other"
    add_run(other, model="theirs")
    opened(root, database).history.runs()
    opened(other, database).history.runs()
    rows = opened(root, database).history.runs()
    assert {row.model: Path(row.place.partition(":")[2]).name for row in rows} == {
        "tiny": "outputs",
        "small": "outputs",
        "large": "outputs",
        "theirs": "other",
    }
    # A folder that is out of reach is not empty.
    other.rename(tmp_path / "unmounted")
    assert {row.model for row in opened(other, database).history.runs()} == {"tiny", "small", "large"}
    (tmp_path / "unmounted").rename(other)
    assert len(opened(root, database).history.runs()) == 4
    # Each folder's own machine looks after its rows, and after no others.
    shutil.rmtree(other / "catalog")
    shutil.rmtree(next(root.glob("catalog/tiny-*")))
    assert {row.model for row in opened(root, database).history.rebuild()} == {"small", "large", "theirs"}
    assert {row.model for row in opened(other, database).history.runs()} == {"small", "large"}


def test_several_processes_write_at_once(tmp_path: Path, add_run: Any, database: str) -> None:
    root = tmp_path / "outputs"
    for number in range(60):
        add_run(root, model=f"m{number}", run_id=f"{number:010x}")
    command = [sys.executable, "-c", RUNS, str(root), database]
    for _ in range(2):
        processes = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(4)]
        assert [process.communicate(timeout=120)[0] for process in processes] == ["60\n"] * 4
        for folder in root.glob("catalog/m?-*"):
            os.utime(folder / "journal.jsonl")
    assert asked(database, "SELECT count(*) FROM runs") == [(60,)]
    assert asked(database, "SELECT count(*) FROM tasks_of_run") == [(300,)]
    assert asked(database, "SELECT version FROM history") == [(1,)]


@pytest.mark.parametrize(
    ("harm", "told"),
    [
        ("DROP TABLE runs", 1),
        ("ALTER TABLE runs DROP COLUMN wall_s", 1),
        ("DELETE FROM tasks_of_run; DELETE FROM runs", 0),
        ("UPDATE history SET version = 0", 0),
    ],
)
def test_what_is_lost_is_made_anew(root: Path, opened: Any, database: str, harm: str, told: int) -> None:
    before = opened(root, database).history.runs()
    asked(database, harm)
    heard = opened(root, database)
    assert heard.history.runs() == before
    assert len(heard.warnings) <= told, heard.warnings  # CREATE IF NOT EXISTS mends a missing table quietly
    assert opened(root, database).history.runs() == before
    assert asked(database, "SELECT count(*) FROM runs") == [(3,)]


def test_a_newer_version_is_left_alone(root: Path, opened: Any, database: str) -> None:
    before = opened(root, database).history.runs()
    asked(database, "UPDATE history SET version = 99")
    heard = opened(root, database)
    assert {row.model for row in heard.history.runs()} == {row.model for row in before}
    assert len(heard.warnings) == 1
    assert "newer llmbench" in heard.warnings[0]
    assert asked(database, "SELECT version FROM history") == [(99,)]


def test_a_server_that_is_not_there_keeps_nobody_from_the_truth(
    root: Path, opened: Any, tmp_path: Path
) -> None:
    heard = opened(root, f"postgresql+psycopg://me:hidden@/runs?host={tmp_path}")
    assert len(heard.history.runs()) == 3
    [warning] = heard.warnings
    assert "can't be used" in warning
    assert "hidden" not in warning
