"""A benchmark over two checkouts in turns: their own source, their own script, medians side by side."""

import shutil
import subprocess
import sys
from pathlib import Path

AGAINST = Path(__file__).parents[2] / "benchmarks/against.py"
SCRIPT = """
import sys
from importlib.metadata import entry_points

from against import compare_if_asked

if __name__ == "__main__":
    compare_if_asked(__file__)
    import thing
    [entry] = entry_points(group="llmbench.things")
    print("| way | ms | ms | limit |")
    print("|---|---|---|---|")
    print(f"| {entry.name} | {thing.SPEED} | {len(sys.argv)} | 5 |")
"""


def checkout(folder: Path, speed: float) -> Path:
    """Write a checkout whose package says how quick it is."""
    (folder / "benchmarks").mkdir(parents=True)
    shutil.copy(AGAINST, folder / "benchmarks")
    (folder / "benchmarks/quick.py").write_text(SCRIPT)
    (folder / "thing.py").write_text(f"SPEED = {speed}\n")
    (folder / "pyproject.toml").write_text('[project.entry-points."llmbench.things"]\nall = "thing:SPEED"\n')
    return folder


def compared(here: Path, other: Path) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, str(here / "benchmarks/quick.py"), "--against", str(other), "--turns", "2"]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, cwd=here)


def test_each_runs_its_own_source_and_what_differs_is_told(tmp_path: Path) -> None:
    ran = compared(checkout(tmp_path / "after", 3.0), checkout(tmp_path / "before", 2.0))
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.splitlines()[2:] == ["| all | way: ms | 2 | 3 | 1.50 |"]
    assert [line.split()[-1] for line in ran.stderr.splitlines()] == ["before", "after", "after", "before"]


def test_what_is_no_checkout_is_named(tmp_path: Path) -> None:
    ran = compared(checkout(tmp_path / "after", 3.0), tmp_path)
    assert ran.returncode == 1
    assert "expected a checkout with benchmarks/quick.py" in ran.stderr
