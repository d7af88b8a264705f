"""References under race detectors: a race is found, and what is clean passes."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

RACES = Path(__file__).parents[2] / "benchmarks/races.py"
GO = """package count

import "sync"

func Up(n int) int {{
	var mu sync.Mutex
	var wg sync.WaitGroup
	total := 0
	for i := 0; i < n; i++ {{
		wg.Add(1)
		go func() {{
			defer wg.Done()
			{lock}
			total++
		}}()
	}}
	wg.Wait()
	mu.Lock()
	defer mu.Unlock()
	return total
}}
"""
LOCK = "mu.Lock(); defer mu.Unlock()"
GO_TEST = """package count

import "testing"

func TestUp(t *testing.T) {
	if Up(20) == 0 {
		t.Error("nothing counted")
	}
}
"""
CPP = """#include <thread>
int up() {{
    int total = 0;
    std::thread one([&] {{ ++total; }});
    {before}
    ++total;
    {after}
    return total;
}}
"""
CPP_TEST = """#include <catch2/catch.hpp>
int up();
TEST_CASE("counts") { CHECK(up() > 0); }
"""


def task(folder: Path, language: str, **files: str) -> Path:
    """Write a task with these files by their places (``solution_up_go``)."""
    folder.mkdir()
    (folder / "metadata.json").write_text(json.dumps({"language": language, "tags": []}))
    for part in ("workspace", "solution", "tests"):
        (folder / part).mkdir()
    for place, text in files.items():
        part, name, suffix = place.split("__")
        (folder / part / f"{name}.{suffix}").write_text(text)
    return folder


def go_task(folder: Path, lock: str) -> Path:
    return task(
        folder,
        "go",
        workspace__go__mod="module example/count\n\ngo 1.21\n",
        solution__count__go=GO.format(lock=lock),
        tests__count_test__go=GO_TEST,
    )


def cpp_task(folder: Path, before: str, after: str) -> Path:
    return task(
        folder,
        "cpp",
        solution__up__cpp=CPP.format(before=before, after=after),
        tests__up_test__cpp=CPP_TEST,
    )


def raced(*tasks: Path, path: str | None = None) -> tuple[int, list[list[str]]]:
    """Return the exit code, and the cells of the rows."""
    ran = subprocess.run(
        [sys.executable, str(RACES), *map(str, tasks), "--times", "2"],
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
        env=None if path is None else {"PATH": path},
    )
    assert not ran.stderr, ran.stderr
    rows = ran.stdout.splitlines()[2:]
    return ran.returncode, [[cell.strip() for cell in row.strip("|").split("|")] for row in rows]


@pytest.mark.slow
def test_a_race_in_go_is_found_and_what_is_clean_runs_as_often_as_was_asked(tmp_path: Path) -> None:
    code, rows = raced(go_task(tmp_path / "racy", ""), go_task(tmp_path / "clean", LOCK))
    if rows[0][3].startswith("skipped"):
        pytest.skip(rows[0][3])
    assert code == 1
    assert [row[:3] for row in rows] == [["go/racy", "-race", "1"], ["go/clean", "-race", "2"]]
    assert "DATA RACE" in rows[0][3]
    assert rows[1][3] == "clean"


@pytest.mark.slow
def test_a_race_in_cpp_is_found(tmp_path: Path) -> None:
    code, rows = raced(cpp_task(tmp_path / "racy", "", "one.join();"))
    if rows[0][3].startswith("skipped"):
        pytest.skip(rows[0][3])
    assert code == 1
    assert [row[1] for row in rows] == ["-fsanitize=thread", "-fsanitize=address,undefined"]
    assert "ThreadSanitizer: data race" in rows[0][3]
    assert rows[1][3] == "clean"


def test_what_is_not_here_is_skipped_and_why_is_said(tmp_path: Path) -> None:
    shell = shutil.which("sh")
    assert shell
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/sh").symlink_to(shell)
    code, rows = raced(go_task(tmp_path / "clean", LOCK), path=str(tmp_path / "bin"))
    assert code == 0
    assert rows[0][2] == "0"
    assert rows[0][3].startswith("skipped: not possible here")
    assert "go" in rows[0][3]
