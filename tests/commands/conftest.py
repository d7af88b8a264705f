"""Running verbs in a folder of their own, with a plugin that answers by rules."""

import contextlib
import io
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from llmbench.cli import main

_EXAMPLE = Path(__file__).parents[2] / "examples/llmbench-foo"
_ENTRY_POINTS = """
[llmbench.backends]
foo = llmbench_foo.backend:Foo
[llmbench.validators]
foo = llmbench_foo.validator:FooValidator
[llmbench.tools]
count_words = llmbench_foo.tool:CountWords
[llmbench.conf]
foo = llmbench_foo.conf
"""


@dataclass(frozen=True)
class Ran:
    """How a command ended."""

    exit_code: int
    stdout: str
    stderr: str


Run = Callable[..., Ran]


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty current folder."""
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)
    monkeypatch.setenv("COLUMNS", "200")
    return folder


@pytest.fixture
def foo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The example plugin, installed by its metadata; returns its folder."""
    site = tmp_path / "site"
    metadata = site / "llmbench_foo-0.1.0.dist-info"
    metadata.mkdir(parents=True)
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: llmbench-foo\nVersion: 0.1.0\n")
    (metadata / "entry_points.txt").write_text(_ENTRY_POINTS)
    for path in (site, _EXAMPLE / "src"):
        monkeypatch.syspath_prepend(path)
    return _EXAMPLE


@pytest.fixture
def run(here: Path) -> Run:
    """Run a command line in this process."""

    def run(*words: str) -> Ran:
        stdout, stderr = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(stdout), contextlib.redirect_stderr(stderr):
            try:
                code = main(words)
            except SystemExit as end:  # argparse after --help
                code = int(end.code or 0)
        return Ran(code, stdout.getvalue(), stderr.getvalue())

    assert sys.stdout is not None
    return run
