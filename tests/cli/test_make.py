"""``make setup`` and ``make demo`` say what they are doing; a stand-in for Python installs nothing."""

import shutil
import subprocess
from pathlib import Path

import pytest

from .terminal import on_terminal, plain_lines

_MAKEFILE = Path(__file__).parents[2] / "Makefile"
_PYTHON = """#!/bin/sh
case "$1 $2" in
    "-m venv") mkdir -p "$3/bin" && cp "$0" "$3/bin/python" && cp "$0" "$3/bin/llmbench" ;;
    "-m pip")
        case "$*" in
            *--quiet*) ;;
            *) echo "Collecting something with a name that is too long for a line of eighty columns" ;;
        esac
        case "$*" in *--editable*) exit "${CODE:-0}" ;; esac ;;
esac
"""


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with our Makefile; ``make test`` that runs this test leaves nothing to it."""
    for name in ("MAKEFLAGS", "MAKELEVEL", "MFLAGS"):
        monkeypatch.delenv(name, raising=False)
    shutil.copy(_MAKEFILE, tmp_path)
    (tmp_path / "pyproject.toml").touch()
    (tmp_path / "fake").write_text(_PYTHON)
    (tmp_path / "fake").chmod(0o755)
    return tmp_path


def make(target: str) -> list[str]:
    return ["make", target, "PYTHON=./fake"]


def test_a_pipe_gets_the_steps_with_their_seconds(here: Path) -> None:
    ran = subprocess.run(make("setup"), cwd=here, capture_output=True, text=True, timeout=60)
    assert (ran.returncode, ran.stderr) == (0, "")
    steps = [line.rpartition(": done in")[0] or line for line in ran.stdout.splitlines()]
    assert [step.partition(":")[0] for step in steps] == ["== setup 1 of 2"] * 2 + ["== setup 2 of 2"] * 2 + [
        "ready"
    ]
    again = subprocess.run(make("setup"), cwd=here, capture_output=True, text=True, timeout=60)
    assert again.stdout == "ready: .venv/bin/llmbench\n"


def test_a_terminal_sees_pip_in_one_line_that_fits(here: Path) -> None:
    code, told = on_terminal(make("setup"), here)
    assert code == 0
    assert "\r\x1b[K   Collecting something" in told
    assert max(len(line) for line in plain_lines(told) if "Collecting" in line) < 80


@pytest.mark.parametrize("terminal", ["xterm", "dumb"])
def test_a_failure_ends_it_and_is_told(here: Path, terminal: str) -> None:
    code, told = on_terminal(make("demo"), here, TERM=terminal, CODE="3")
    assert code == 2
    assert ": failed" in told
    assert "demo 1 of 2" not in told
    assert not (here / ".venv/.embedded").exists()


def test_the_demo_says_which_of_its_two_runs_is_under_way(here: Path) -> None:
    ran = subprocess.run(make("demo"), cwd=here, capture_output=True, text=True, timeout=60)
    assert ran.returncode == 0
    assert [line[:14] for line in ran.stdout.splitlines()[-4:]] == ["== demo 1 of 2"] * 2 + [
        "== demo 2 of 2"
    ] * 2
