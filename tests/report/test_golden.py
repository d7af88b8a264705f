"""Whole reports of a known run. UPDATE_GOLDEN=1 writes them anew: read the difference."""

import io
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from llmbench import __version__
from llmbench.console import Console
from llmbench.report import close_run
from llmbench.testing.runs import ORDINARY_RUN

_GOLDEN = Path(__file__).with_name("golden")
_RECIPE = replace(ORDINARY_RUN, notice="trained on these very tasks: its score means nothing")


@pytest.mark.parametrize("width", [80, 140])
def test_terminal(
    make_run: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, width: int
) -> None:
    monkeypatch.chdir(tmp_path)
    screen = io.StringIO()
    close_run(make_run(_RECIPE), Console(file=screen, width=width))
    _compare(f"terminal-{width}.txt", "\n".join(line.rstrip() for line in screen.getvalue().splitlines()))


def test_markdown(make_run: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    folder = make_run(_RECIPE)
    close_run(folder, Console(file=io.StringIO()))
    _compare("REPORT.md", (folder / "REPORT.md").read_text(encoding="utf-8").rstrip("\n"))


def _compare(name: str, text: str) -> None:
    text = text.replace(__version__, "VERSION")
    path = _GOLDEN / name
    if os.environ.get("UPDATE_GOLDEN") == "1":
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"{text}\n", encoding="utf-8")
    assert text == path.read_text(encoding="utf-8").rstrip("\n")
