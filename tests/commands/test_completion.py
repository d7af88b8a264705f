"""Completion, asked as a shell asks, and in the shells themselves."""

import os
import pty
import re
import select
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from llmbench.cli import VERBS
from llmbench.commands.completion import SHELLS

LLMBENCH = (sys.executable, "-m", "llmbench")
_ENOUGH_S = 60.0
_SHELLS = {"bash": ("bash", "--norc", "--noprofile", "-i"), "zsh": ("zsh", "-f", "-i")}


def llmbench(here: Path, *words: str) -> list[str]:
    ran = subprocess.run([*LLMBENCH, *words], cwd=here, capture_output=True, text=True, timeout=120)
    assert (ran.returncode, ran.stderr) == (0, "")
    return ran.stdout.splitlines()


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a run of two tasks, a model of its own, and ``llmbench`` on a path to it."""
    folder = tmp_path_factory.mktemp("completed")
    (folder / "conf/model").mkdir(parents=True)
    (folder / "conf/model/zebra.yaml").write_text("name: zebra\nsources: {default: {}}\n")
    (folder / "bin").mkdir()
    command = folder / "bin/llmbench"
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m llmbench "$@"\n')
    command.chmod(0o755)
    llmbench(folder, "agent=oracle", "sandbox=local", "tasks=[leap,caesar]")
    return folder


def told(here: Path, *words: str) -> list[str]:
    return llmbench(here, "completion", "words", "--", *words)


def run_id(here: Path) -> str:
    (folder,) = (here / "outputs/quickstart").iterdir()
    return folder.name.rpartition("-")[2]


def test_the_first_word_is_a_verb_or_a_key(here: Path) -> None:
    assert {*VERBS, "help", "model=", "backend=", "samples=", "dry_run="} <= set(told(here, ""))
    assert told(here, "lea") == ["leaderboard"]
    assert "--config-dir" in told(here, "--c")
    assert told(here, "model=demo", "retr") == ["retry_budget="]


@pytest.mark.parametrize(
    ("words", "found"),
    [
        (("model=zeb",), ["model=zebra"]),
        (("-m", "model=demo,zeb"), ["model=demo,zebra"]),
        (("samples=2", "sandbox=bub"), ["sandbox=bubblewrap"]),
        (("doctor", "backend=oll"), ["backend=ollama"]),
        (("dry_run=",), ["dry_run=false", "dry_run=true"]),
        (("help", "prep"), ["prepare"]),
        (("list", "mod"), ["models"]),
        (("server", "sta"), ["start", "status"]),
        (("completion", ""), sorted(SHELLS)),
        (("export", "last", "--form"), ["--format"]),
        (("show", "last", "--format", ""), ["json", "markdown", "text"]),
        (("report", "--output", ""), []),
        (("show", "last", ""), ["python/caesar", "python/leap"]),
        (("show", "nothing", ""), []),
        (("report", "--root", "elsewhere", ""), []),
        (("model=./wei",), []),
    ],
    ids=" ".join,
)
def test_what_follows(here: Path, words: tuple[str, ...], found: list[str]) -> None:
    assert told(here, *words) == found


def test_runs_are_offered_by_id_and_by_name(here: Path) -> None:
    run = run_id(here)
    for verb in ("compare", "diff", "export", "grade", "report", "rm", "show"):
        assert run in told(here, verb, run[:4])
        assert told(here, verb, "quick") == [f"quickstart/demo-llamacpp-oracle-{run}"]
    assert told(here, "report", "la") == ["last"]


def test_an_answer_is_quick(here: Path) -> None:
    """The least of a few, in the time of a processor: other work on this machine is not ours."""

    def used_s() -> float:
        before = os.times()
        told(here, "model=de")
        after = os.times()
        return after.children_user - before.children_user + after.children_system - before.children_system

    assert min(used_s() for _ in range(5)) < 0.3


@pytest.mark.parametrize("shell", _SHELLS)
@pytest.mark.parametrize(
    ("typed", "line"),
    [
        ("llmbench leader\t", "llmbench leaderboard"),
        ("llmbench samples=2 model=zeb\t", "llmbench samples=2 model=zebra"),
        ("llmbench -m model=demo,zeb\t", "llmbench -m model=demo,zebra"),
        ("llmbench show last python/l\t", "llmbench show last python/leap"),
        ("llmbench samples\t3", "llmbench samples=3"),
        ("llmbench report --output conf/mod\t", "llmbench report --output conf/model"),
    ],
)
def test_tab_in_a_shell(here: Path, shell: str, typed: str, line: str) -> None:
    if shutil.which(shell) is None:
        pytest.skip(f"no {shell} on this machine")
    # zsh takes the slash that it set itself back where the word goes no further.
    assert typing(here, shell, typed).rstrip("/") == line


def typing(here: Path, shell: str, typed: str) -> str:
    """Type into an interactive shell; return the line as it stands then, which ``echo`` shows."""
    script = here / f"script.{shell}"
    script.write_text("\n".join(llmbench(here, "completion", shell)) + "\n")
    process, ours = pty.fork()
    if process == 0:
        os.chdir(here)
        path = f"{here / 'bin'}:{os.environ['PATH']}"
        environment = {"PATH": path, "HOME": str(here), "TERM": "dumb", "PS1": "> ", "ZDOTDIR": str(here)}
        os.execvpe(  # noqa: S606 - the child of a fork becomes the shell
            _SHELLS[shell][0], _SHELLS[shell], os.environ | environment
        )
    try:
        answered(ours, f"source {script}; echo rea''dy\n", "ready")
        answered(ours, typed, "")
        shown = answered(ours, "\x01echo 'is:' \x05; echo do''ne\n", "\ndone")
    finally:
        os.write(ours, b"\x03exit\n")
        os.close(ours)
        os.waitpid(process, 0)
    (line,) = re.findall(r"^is: (.*)$", shown.replace("\r", ""), re.MULTILINE)
    return str(line).strip()


def answered(terminal: int, typed: str, until: str) -> str:
    """Write, and read on until ``until`` comes, or, where that is empty, nothing more for two seconds."""
    os.write(terminal, typed.encode())
    shown, ends = "", time.monotonic() + _ENOUGH_S
    while time.monotonic() < ends:
        ready, _, _ = select.select([terminal], [], [], 2.0)
        if not ready and not until:
            return shown
        if ready:
            shown += os.read(terminal, 4096).decode(errors="replace")
        if until and until in shown.replace("\r", ""):
            return shown
    raise AssertionError(f"no '{until}' in: {shown}")


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("llmbench leader", ["leaderboard"]),
        ("llmbench model=zeb", ["model=zebra"]),
        ("llmbench show last python/", ["python/caesar", "python/leap"]),
        ("llmbench server ", ["start", "status", "stop"]),
        ("llmbench report --output conf/m", ["conf/model/"]),
    ],
)
def test_tab_in_fish(here: Path, typed: str, found: list[str]) -> None:
    if shutil.which("fish") is None:
        pytest.skip("no fish on this machine")
    asked = f'llmbench completion fish | source; complete --do-complete "{typed}"'
    environment = os.environ | {"PATH": f"{here / 'bin'}:{os.environ['PATH']}", "HOME": str(here)}
    ran = subprocess.run(
        ["fish", "--no-config", "-c", asked],
        cwd=here,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert [line.split("\t")[0] for line in ran.stdout.splitlines()] == found, ran.stderr
