"""Whatever a terminal's encoding, every command says what it has to say."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from llmbench.cli import VERBS

LLMBENCH = (sys.executable, "-m", "llmbench")


def llmbench(here: Path, *words: str, **environment: str) -> subprocess.CompletedProcess[bytes]:
    ran = subprocess.run(
        [*LLMBENCH, *words], cwd=here, env=os.environ | environment, capture_output=True, timeout=120
    )
    assert b"Traceback" not in ran.stderr, ran.stderr.decode(errors="replace")
    return ran


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a run, made on a terminal that has ASCII only."""
    folder = tmp_path_factory.mktemp("ascii")
    words = ("agent=oracle", "sandbox=local", "tasks=[leap]", "model.name=моя ✓")
    ran = llmbench(folder, *words, PYTHONIOENCODING="ascii")
    assert ran.returncode == 0, ran.stderr
    told = ran.stdout.decode("ascii")
    assert "??? + - llamacpp - oracle - quickstart" in told
    assert "[2.5-100.0]" in told
    return folder


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp437"])
@pytest.mark.parametrize(
    "words",
    [
        ("report",),
        ("report", "--format", "md"),
        ("show", "last", "leap"),
        ("show", "last", "leap", "--transcript"),
        ("list", "models"),
        ("list", "runs"),
        ("doctor", "agent=nop", "sandbox=local", "--no-server"),
        ("agent=nop", "sandbox=local", "tasks=[leap]", "dry_run=true"),
        ("-m", "agent=oracle", "sandbox=local", "tasks=[leap]", "model.name=é,я"),
        ("--help",),
    ],
    ids=" ".join,
)
def test_it_is_told_in_letters_that_the_terminal_has(
    here: Path, encoding: str, words: tuple[str, ...]
) -> None:
    ran = llmbench(here, *words, PYTHONIOENCODING=encoding)
    assert ran.returncode == 0, ran.stderr.decode(errors="replace")
    assert ran.stdout.decode(encoding)


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_explains_itself_in_ascii(here: Path, verb: str) -> None:
    ran = llmbench(here, verb, "--help", PYTHONIOENCODING="ascii")
    assert ran.stdout.decode("ascii").startswith(f"usage: llmbench {verb}")


def test_errors_are_told_too(here: Path) -> None:
    ran = llmbench(here, "model=нет", PYTHONIOENCODING="ascii")
    assert ran.returncode == 2
    assert ran.stderr.startswith(b"llmbench: no model '???'; ")


def test_an_old_locale_changes_nothing(here: Path) -> None:
    words = ("agent=oracle", "sandbox=local", "tasks=[leap]", "model.name=моя", "dry_run=true")
    for utf8 in ("0", "1"):
        ran = llmbench(here, *words, LC_ALL="C", PYTHONUTF8=utf8, PYTHONCOERCECLOCALE=utf8)
        assert ran.returncode == 0, ran.stderr


def test_bytes_that_are_no_text_are_refused(here: Path) -> None:
    ran = subprocess.run([*LLMBENCH, b"model.name=\xff"], cwd=here, capture_output=True, timeout=60)
    assert ran.returncode == 2
    assert ran.stderr == b"llmbench: an argument is not UTF-8; expected text\n"
