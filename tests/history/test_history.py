"""The history is what the folders say, whatever becomes of its database."""

import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from llmbench.api import Outcome
from llmbench.history.rows import RunRow
from llmbench.report.read import read_run
from llmbench.testing.runs import MadeSample

RUNS = """
import sys
from pathlib import Path
from llmbench.history.history import History
{before}
rows = History(Path(sys.argv[1]), warn=lambda text: print("warning:", text)).runs()
print(len(rows), sum(row.pass_at_1 is not None for row in rows))
"""

ONLY_READING = """
import os
import llmbench.history.indexing, llmbench.history.tables, sqlalchemy.dialects.sqlite
if os.getuid() == 0:  # root may write everywhere
    os.setgid(65534)
    os.setuid(65534)
"""


def figures(rows: list[RunRow]) -> list[tuple[Any, ...]]:
    return sorted((row.folder, row.pass_at_1, row.graded, row.trust, row.completion_tokens) for row in rows)


def database(root: Path) -> Path:
    return root / "history.db"


def changed(root: Path, *statements: str) -> None:
    with closing(sqlite3.connect(database(root))) as connection:
        for statement in statements:
            connection.execute(statement)
        connection.commit()


def test_a_row_says_what_the_report_says(root: Path, opened: Any) -> None:
    heard = opened(root)
    for row in heard.history.runs():
        summary = read_run(root / row.folder).summary
        assert (row.pass_at_1, row.graded, row.planned) == (summary.score.pass_at_1, 5, 5)
        assert summary.score.interval_95 is not None
        assert (row.low, row.high) == (summary.score.interval_95.low, summary.score.interval_95.high)
        assert (row.wall_s, row.prompt_tokens, row.tokens) == (65.0, 900, 1200)
        assert (row.trust, row.reasons) == ("red", "empty answers, truncated answers")
        assert (row.machine, row.server) == ("Linux 8 cores", "llama.cpp b9700")
        tasks = {task.task: (task.n, task.passed, task.passed_within) for task in heard.history.tasks(row)}
        assert tasks["python/leap"] == (1, 1, 1)
        assert tasks["python/brackets"] == (1, 0, 0)
    assert heard.warnings == []


def test_only_what_has_changed_is_read(root: Path, opened: Any) -> None:
    before = figures(opened(root).history.runs())
    journal = next(root.glob("catalog/tiny-*/journal.jsonl"))
    status, content = journal.stat(), journal.read_bytes()
    journal.write_bytes(b"x" * len(content))
    os.utime(journal, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert figures(opened(root).history.runs()) == before  # it looked the same, so it was not opened
    os.utime(journal, ns=(status.st_atime_ns, status.st_mtime_ns + 1))
    rows = {row.model: row for row in opened(root).history.runs()}
    assert (rows["tiny"].graded, rows["small"].graded) == (0, 5)


def test_runs_come_and_go(root: Path, opened: Any, add_run: Any) -> None:
    opened(root).history.runs()
    shutil.rmtree(next(root.glob("catalog/tiny-*")))
    add_run(root, model="new", dataset="humanevalplus")
    assert {row.model for row in opened(root).history.runs()} == {"small", "large", "new"}
    with closing(sqlite3.connect(database(root))) as connection:
        assert connection.execute("SELECT count(DISTINCT run) FROM tasks_of_run").fetchone() == (3,)


def test_a_folder_that_holds_no_run_gets_no_database(tmp_path: Path, opened: Any) -> None:
    assert opened(tmp_path).history.runs() == []
    assert opened(tmp_path / "missing").history.rebuild() == []
    assert list(tmp_path.iterdir()) == []


def test_a_run_that_cannot_be_read_keeps_its_reason(root: Path, opened: Any) -> None:
    folder = next(root.glob("catalog/tiny-*"))
    (folder / "manifest.json").write_text("{")
    [row] = [row for row in opened(root).history.runs() if row.problem]
    assert folder.name in row.problem
    assert (row.pass_at_1, row.model) == (None, "")


def delete(root: Path) -> None:
    database(root).unlink()


def scribble(root: Path) -> None:
    database(root).write_bytes(os.urandom(20_000))


def cut(root: Path) -> None:
    with database(root).open("r+b") as file:
        file.truncate(database(root).stat().st_size // 2)


def empty(root: Path) -> None:
    database(root).write_bytes(b"")


def lose_a_table(root: Path) -> None:
    changed(root, "DROP TABLE runs")


def lose_a_column(root: Path) -> None:
    changed(root, "ALTER TABLE runs DROP COLUMN wall_s")


def lose_a_row(root: Path) -> None:
    changed(root, "DELETE FROM runs WHERE model = 'tiny'")


def grow_old(root: Path) -> None:
    changed(root, "UPDATE history SET version = 0")


@pytest.mark.parametrize(
    ("harm", "told"),
    [
        (delete, 0),
        (scribble, 1),
        (cut, 1),
        (empty, 1),
        (lose_a_table, 1),
        (lose_a_column, 1),
        (lose_a_row, 0),
        (grow_old, 0),
    ],
)
def test_what_is_lost_is_made_anew_from_the_folders(
    root: Path, opened: Any, harm: Callable[[Path], None], told: int
) -> None:
    before = figures(opened(root).history.runs())
    harm(root)
    heard = opened(root)
    assert figures(heard.history.runs()) == before
    assert len(heard.warnings) == told, heard.warnings
    assert (root / "history.damaged.db").exists() == bool(told)
    again = opened(root)
    assert figures(again.history.runs()) == before
    assert again.warnings == []
    with closing(sqlite3.connect(database(root))) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert connection.execute("SELECT count(*) FROM runs").fetchone() == (3,)
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def test_the_database_of_a_newer_llmbench_is_left_alone(root: Path, opened: Any, add_run: Any) -> None:
    before = figures(opened(root).history.runs())
    changed(root, "UPDATE history SET version = 99")
    add_run(root, model="new")
    content = database(root).read_bytes()
    heard = opened(root)
    rows = heard.history.runs()
    assert set(before) < set(figures(rows))
    assert len(rows) == 4
    [warning] = heard.warnings
    assert "newer llmbench" in warning
    assert database(root).read_bytes() == content
    assert heard.history.tasks(rows[0])[0].n == 1  # read from the folder
    assert heard.history.configs()[rows[0].id]["seed"] == 3


def test_a_rebuild_believes_nothing(root: Path, opened: Any) -> None:
    before = figures(opened(root).history.runs())
    changed(root, "UPDATE runs SET pass_at_1 = 1.0, model = 'forged'")
    heard = opened(root)
    assert {row.model for row in heard.history.runs()} == {"forged"}
    assert figures(heard.history.rebuild()) == before
    assert figures(opened(root).history.runs()) == before


def test_a_writer_waits_for_another(root: Path, opened: Any, add_run: Any) -> None:
    opened(root).history.runs()
    add_run(root, model="new")
    other = sqlite3.connect(database(root), isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")

    def release() -> None:
        time.sleep(0.5)
        other.execute("COMMIT")
        other.close()

    thread = threading.Thread(target=release)
    thread.start()
    heard = opened(root)
    assert len(heard.history.runs()) == 4
    thread.join()
    assert heard.warnings == []
    with closing(sqlite3.connect(database(root))) as connection:
        assert connection.execute("SELECT count(*) FROM runs").fetchone() == (4,)


@pytest.mark.slow
def test_a_database_that_stays_locked_keeps_nobody_from_the_truth(
    root: Path, opened: Any, add_run: Any
) -> None:
    opened(root).history.runs()
    add_run(root, model="new")
    with closing(sqlite3.connect(database(root), isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        heard = opened(root)
        assert len(heard.history.runs()) == 4
        [warning] = heard.warnings
        assert "database is locked" in warning


def test_several_processes_write_at_once(tmp_path: Path, opened: Any, add_run: Any) -> None:
    root = tmp_path / "outputs"
    for number in range(60):
        add_run(root, model=f"m{number}", run_id=f"{number:010x}", made=[MadeSample(task="python/leap")])
    for _ in range(2):  # first all of them make the database, then all of them bring it up to date
        command = [sys.executable, "-c", RUNS.format(before=""), str(root)]
        processes = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(4)]
        told = [process.communicate(timeout=120)[0] for process in processes]
        assert told == ["60 60\n"] * 4
        for folder in root.glob("catalog/m?-*"):
            os.utime(folder / "journal.jsonl")
    with closing(sqlite3.connect(database(root))) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert connection.execute("SELECT count(*) FROM runs").fetchone() == (60,)
        assert connection.execute("SELECT count(*) FROM tasks_of_run").fetchone() == (60,)
    left = {path.name for path in root.iterdir()}
    assert left <= {"catalog", "history.db", "history.db-wal", "history.db-shm"}


@pytest.fixture
def passable() -> Iterator[Path]:
    """A folder that everybody may look into, unlike pytest's own."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        yield Path(folder) / "outputs"
        (Path(folder) / "outputs").chmod(0o755)


@pytest.mark.parametrize("is_known", [True, False])
def test_a_folder_that_may_not_be_written_is_read(
    passable: Path, opened: Any, add_run: Any, is_known: bool
) -> None:
    add_run(passable, model="old")
    opened(passable).history.runs()
    if not is_known:
        add_run(passable, model="new")
    passable.chmod(0o555)
    command = [sys.executable, "-c", RUNS.format(before=ONLY_READING), str(passable)]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=60)
    *warnings, rows = ran.stdout.splitlines() or [ran.stderr]
    assert rows == ("1 1" if is_known else "2 2")
    assert [("can't be used" in text) for text in warnings] == ([] if is_known else [True])


def test_odd_names_and_texts_harm_nothing(root: Path, opened: Any, add_run: Any) -> None:
    add_run(root, model="odd", notice="a \0 in it", made=[MadeSample(task="t\0", outcome=Outcome.FAILED)])
    folder = add_run(root, model="bytes")
    folder.rename(os.fsdecode(os.fsencode(folder.parent) + b"/\xff-0123456789"))
    for _ in range(2):
        heard = opened(root)
        rows = heard.history.runs()
        assert {row.model for row in rows} == {"tiny", "small", "large", "odd", "bytes"}
        odd = next(row for row in rows if row.model == "odd")
        assert heard.history.tasks(odd)[0].task == "t\0"
        assert heard.history.task("t\0", [odd])[odd.id].n == 1
        assert heard.warnings == []


def test_how_one_task_went_in_all_runs(root: Path, opened: Any) -> None:
    history = opened(root).history
    listed = history.runs()
    rows = {row.id: row.model for row in listed}
    found = history.task("python/brackets", listed)
    assert {rows[number]: (row.n, row.passed) for number, row in found.items()} == {
        "tiny": (1, 0),
        "small": (1, 0),
        "large": (1, 0),
    }
    assert history.task("python/no_such", listed) == {}
    assert list(history.task("python/leap", listed[:1])) == [listed[0].id]
    solved = history.solved("catalog")
    assert (solved["python/leap"].n, solved["python/leap"].passed, len(solved)) == (3, 3, 5)
    assert history.solved("other") == {}
