"""Finding runs: two folders deep, the newest first, without reading them."""

import os
from pathlib import Path

from llmbench.records.runs import find_runs


def test_runs_are_found_two_folders_deep_the_newest_first(tmp_path: Path) -> None:
    for number, name in enumerate(("b/run-1", "a/run-2", "run-0", "a/b/run-3", ".hidden/run-4", "a/.run-5")):
        manifest = tmp_path / name / "manifest.json"
        manifest.parent.mkdir(parents=True)
        manifest.write_text("not read")
        os.utime(manifest, (1000 + number, 1000 + number))
    (tmp_path / "a" / "no-run").mkdir()
    (tmp_path / "a" / "file").write_text("")
    found = find_runs(tmp_path)
    assert [run.folder.relative_to(tmp_path).as_posix() for run in found] == ["run-0", "a/run-2", "b/run-1"]
    assert found[1].run_id == "2"


def test_a_run_inside_a_run_is_none(tmp_path: Path) -> None:
    for name in ("run-1", "run-1/inner"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "manifest.json").write_text("")
    assert [run.folder.name for run in find_runs(tmp_path)] == ["run-1"]


def test_no_folder_holds_no_run(tmp_path: Path) -> None:
    assert find_runs(tmp_path / "missing") == []
