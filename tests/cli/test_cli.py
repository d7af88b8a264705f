"""The command line as people meet it: words, exit codes, one line for what went wrong."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from llmbench import __version__

_DOCKER = {"docker", "requests", "urllib3"}


def llmbench(folder: Path, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "llmbench", *words],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=180,
        env=os.environ | environment,
    )


def imported(folder: Path, *words: str) -> set[str]:
    """The modules that a command imports."""
    code = f"import sys; from llmbench.cli import main; main({list(words)!r}); print(*sys.modules, sep='\\n')"
    ran = subprocess.run(
        [sys.executable, "-c", code], cwd=folder, capture_output=True, text=True, timeout=180
    )
    assert ran.returncode == 0, ran.stderr
    return set(ran.stdout.splitlines())


def test_version(tmp_path: Path) -> None:
    ran = llmbench(tmp_path, "--version")
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, f"llmbench {__version__}\n", "")


@pytest.mark.parametrize("words", [["--help"], ["-h"], ["help"], ["model=demo", "--help"]])
def test_help_lists_commands_and_groups(tmp_path: Path, words: list[str]) -> None:
    ran = llmbench(tmp_path, *words)
    assert ran.returncode == 0
    assert "\n  doctor [key=value" in ran.stdout
    assert "\n  sampling=            greedy, recommended\n" in ran.stdout
    assert "tasks=[leap,bob]" in ran.stdout


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (
            ["lst"],
            "no command 'lst'; did you mean 'list'? commands: check, clean, compare, completion, diff,",
        ),
        (["zzz", "a=1"], "no command 'zzz'; commands: "),
        (["model=nope"], "no model 'nope'; available: "),
        (["help", "zzz"], "no command 'zzz'; commands: "),
        (["help", "report", "zzz"], "help report takes no more words, got 'zzz'"),
        (["--version", "zzz"], "--version takes no more words, got 'zzz'"),
        (["server", "status", "zzz"], "server status: does not take 'zzz'; see llmbench server --help"),
        (["server", "start", "--all"], "server start: does not take '--all'; see llmbench server --help"),
        (["server", "stop", "--json"], "server stop: does not take '--json'; see llmbench server --help"),
        (["--zzzzz"], "unknown flag '--zzzzz'; see llmbench --help"),
        (["--cfg"], "--cfg: a value is missing; see llmbench --help"),
        (["limit=0", "-m"], "limit: expected an integer ≥ 1, got 0 (command line)"),
        (["--cfg", "job", "model=nope"], "no model 'nope'; available: "),
        (
            ["model.name=gpt-5"],
            "model.name: no model was chosen, and demo, which stands there by default, has",
        ),
        (
            ["backend.server=embedded", "model=any", "backend.url=http://h"],
            "backend.url: read only with backend",
        ),
        (
            ["--cfg", "hydra", "-p", "run"],
            "--cfg hydra -p run: package 'run' not found in config; see all of it",
        ),
        (
            ["preset=evalplus-compat", "dataset=exercism"],
            "preset=evalplus-compat does not fit dataset=exercism, which has no option dataset.prompt; the",
        ),
        (
            ["preset=evalplus-compat", "dataset=mbppplus", "agent=tools"],
            "preset=evalplus-compat does not fit agent=tools, which has no option agent.extraction;",
        ),
        (
            ["preset=evalplus-compat", "dataset=mbppplus", "dataset.zzz=1"],
            "dataset.zzz: unknown option; known: ",
        ),
        (["--cfg", "nothing"], "--cfg: expected one of job, hydra, all, got 'nothing'"),
    ],
)
def test_a_wrong_request_is_one_line_and_exit_code_2(tmp_path: Path, words: list[str], expected: str) -> None:
    ran = llmbench(tmp_path, *words)
    assert ran.returncode == 2
    assert ran.stderr.startswith(f"llmbench: {expected}")
    assert ran.stderr.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["LLMBENCH_TRACEBACK", "HYDRA_FULL_ERROR"])
def test_tracebacks_on_request(tmp_path: Path, name: str) -> None:
    ran = llmbench(tmp_path, "limit=0", **{name: "1"})
    assert ran.returncode == 1
    assert "Traceback" in ran.stderr
    assert "UsageError: limit: expected an integer" in ran.stderr


def test_the_composed_configuration_can_be_shown(tmp_path: Path) -> None:
    ran = llmbench(tmp_path, "--cfg", "job", "limit=3", "agent=nop")
    assert ran.returncode == 0, ran.stderr
    assert "\nlimit: 3\n" in ran.stdout
    assert "agent:\n  name: nop\n" in ran.stdout
    assert list(tmp_path.iterdir()) == []


def test_the_search_path_can_be_shown(tmp_path: Path) -> None:
    (tmp_path / "conf").mkdir()
    ran = llmbench(tmp_path, "--info", "searchpath")
    assert ran.returncode == 0, ran.stderr
    assert f"file://{tmp_path}/conf" in ran.stdout


def test_shell_completion_knows_the_groups(tmp_path: Path) -> None:
    ran = llmbench(tmp_path, "-sc", "query=bash", COMP_LINE="llmbench sampling=gr", COMP_POINT="20")
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.strip() == "sampling=greedy"


_HTTP = ("aiohttp", "httpx", "httpx_aiohttp")


@pytest.mark.parametrize("words", [["--version"], ["list"], ["list", "--json"], ["list", "backend"]])
def test_quick_commands_import_nothing_heavy(tmp_path: Path, words: list[str]) -> None:
    heavy = {"hydra", "omegaconf", "stevedore", "jsonschema", "llmbench_plugins", "msgspec", *_HTTP, *_DOCKER}
    assert imported(tmp_path, *words) & heavy == set()


def test_report_imports_no_hydra(tmp_path: Path) -> None:
    heavy = {"hydra", "omegaconf", "stevedore", "llmbench_plugins", "llmbench.runner", *_HTTP, *_DOCKER}
    assert imported(tmp_path, "report") & heavy == set()


@pytest.mark.bubblewrap
@pytest.mark.parametrize("sandbox", ["bubblewrap", "auto"])
def test_a_run_without_an_engine_does_without_its_sdk(
    tmp_path: Path, sandbox: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/none.sock")
    words = ["agent=oracle", f"sandbox={sandbox}", "tasks=[leap]", "limit=1"]
    assert imported(tmp_path, *words) & _DOCKER == set()


def test_help_and_version_need_no_rich(tmp_path: Path) -> None:
    assert "rich" not in imported(tmp_path, "--version")


def test_a_run_goes_on_when_its_reader_has_gone(tmp_path: Path) -> None:
    words = ["agent=oracle", "sandbox=local", "limit=3"]
    with subprocess.Popen(
        [sys.executable, "-m", "llmbench", *words],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as running:
        assert running.stdout is not None
        assert running.stderr is not None
        running.stdout.close()
        complaints = running.stderr.read()
        assert running.wait(timeout=180) == 0, complaints
    assert complaints == ""
    [journal] = tmp_path.glob("outputs/quickstart/*/journal.jsonl")
    assert journal.read_bytes().count(b"\n") == 3


def test_a_second_command_says_that_nothing_is_asked(tmp_path: Path) -> None:
    words = ["agent=oracle", "sandbox=local", "limit=1"]
    llmbench(tmp_path, *words)
    assert "1 sample was made before: nothing is asked" in llmbench(tmp_path, *words).stdout
    assert "resuming: 1 of 2 samples were made before" in llmbench(tmp_path, *words[:2], "limit=2").stdout


def test_a_place_that_can_not_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file")
    ran = llmbench(tmp_path, "agent=oracle", "sandbox=local", "limit=1", "output_root=taken")
    assert ran.returncode == 1
    assert ran.stderr.startswith("llmbench: taken/quickstart/")
    assert "choose another place: output_root=DIR" in ran.stderr
    assert "Traceback" not in ran.stderr
