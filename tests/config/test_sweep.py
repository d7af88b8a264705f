"""Sweeps through the command line, with real runs: the oracle answers, and nothing is asked."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from llmbench.config.sweep import servers_first

RUN = (sys.executable, "-m", "llmbench")
BASE = ("backend=openai", "model=mine", "dataset.path=catalog", "sandbox=local")
_METADATA = {
    "schema": "llmbench.task/1",
    "title": "Add",
    "language": "python",
    "toolchain": "python",
    "editable": ["add.py"],
    "grading": {"command": ["python3", "-m", "run_tests"], "tests": 1, "timeout_s": 20},
}
_TEST = """
import unittest
import add


class AddTest(unittest.TestCase):
    def test_add(self):
        self.assertEqual(add.add(1, 2), 3)
"""


@pytest.fixture
def here(tmp_path: Path) -> Path:
    """A folder with a task and a model profile of its own."""
    task = tmp_path / "catalog/add"
    for path, text in {
        "metadata.json": json.dumps(_METADATA),
        "instructions.md": "Add two numbers.",
        "workspace/add.py": "def add(a, b): ...\n",
        "solution/add.py": "def add(a, b): return a + b\n",
        "tests/test_add.py": _TEST,
    }.items():
        (task / path).parent.mkdir(parents=True, exist_ok=True)
        (task / path).write_text(text)
    models = tmp_path / "conf/model"
    models.mkdir(parents=True)
    (models / "mine.yaml").write_text("name: mine\ntrusted: true\nsources: {default: {repo: x}}\n")
    (models / "elsewhere.yaml").write_text("name: elsewhere\nsources: {foo: {repo: x}}\n")
    return tmp_path


def llmbench(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*RUN, *words], cwd=folder, capture_output=True, text=True, timeout=300, env=_environment()
    )


def _environment() -> dict[str, str]:
    return os.environ | {"COLUMNS": "200"}


def matrix(folder: Path) -> dict[str, str]:
    """The status of each cell by its swept values."""
    [path] = (folder / "outputs/sweeps").glob("*/matrix.json")
    assert path.with_name("MATRIX.md").is_file()
    assert path.with_name("matrix.html").is_file()
    data = json.loads(path.read_text())
    return {",".join(cell["overrides"].values()): cell["status"] for cell in data["cells"]}


@pytest.mark.parametrize("launcher", [(), ("hydra/launcher=joblib", "hydra.launcher.n_jobs=2")])
def test_each_cell_is_its_own_run_and_an_impossible_one_is_marked(
    here: Path, launcher: tuple[str, ...]
) -> None:
    ran = llmbench(here, "-m", *BASE, "agent=oracle,nop", "model=mine,elsewhere", *launcher)
    assert ran.returncode == 0, ran.stderr
    assert ran.stderr == ""
    assert "model 'elsewhere' has no source for backend 'openai'" in ran.stdout
    assert "Launching" not in ran.stdout
    assert matrix(here) == {
        "mine,oracle": "done",
        "mine,nop": "done",
        "elsewhere,oracle": "impossible",
        "elsewhere,nop": "impossible",
    }
    runs = sorted(path.name.rpartition("-")[0] for path in (here / "outputs/quickstart").iterdir())
    assert runs == ["mine-openai-nop", "mine-openai-oracle"]


def test_what_further_tries_gain_has_a_column(here: Path) -> None:
    ran = llmbench(here, "-m", *BASE, "agent=oracle,nop", "tries=1,2", "model=mine")
    assert ran.returncode == 0, ran.stderr
    head, _, *rows = ran.stdout.partition("Sweep")[2].split("\n")[2:8]
    assert head.split()[:2] == ["agent", "tries"]
    assert "all tries" in head
    found = [row.split() for row in rows if "%" in row]
    assert [row[:3] for row in found] == [[a, t, "done"] for a in ("oracle", "nop") for t in "12"]
    assert [row.count("100.0") for row in found] == [2, 2, 0, 0]


def test_a_failed_cell_is_marked_and_the_others_go_on(here: Path) -> None:
    ran = llmbench(here, "-m", *BASE, "agent=oracle", "dataset.path=nowhere,catalog")
    assert ran.returncode == 1
    assert matrix(here) == {"nowhere": "failed", "catalog": "done"}


@pytest.mark.parametrize(
    ("overrides", "expected"),
    [
        (("agent=oracle,orcale",), "no agent 'orcale'; did you mean 'oracle'?"),
        (("samples=1,many",), "samples: expected an integer ≥ 1, got 'many' (command line)"),
        (("seed=1,2", "sampels=1"), "sampels: unknown key; did you mean 'samples'?"),
        (("tasks=a,b",), "tasks=a,b: a list needs brackets: 'tasks=[a,b]'"),
        (("agent=oracle,nop", "seed=1,[2"), "can't be read"),
    ],
)
def test_a_wrong_value_ends_the_sweep_before_it_begins(
    here: Path, overrides: tuple[str, ...], expected: str
) -> None:
    ran = llmbench(here, "-m", *BASE, *overrides)
    assert ran.returncode == 2
    assert expected in ran.stderr
    assert ran.stderr.count("\n") == 1
    assert sorted(path.name for path in here.iterdir()) == ["catalog", "conf"]


def _to_the_leader(process: subprocess.Popen[str]) -> None:
    process.send_signal(signal.SIGTERM)


def _to_all(process: subprocess.Popen[str]) -> None:
    """Do what a terminal does on Ctrl-C: signal the leader and its workers."""
    os.killpg(process.pid, signal.SIGINT)


@pytest.mark.parametrize("interrupt", [_to_the_leader, _to_all])
@pytest.mark.parametrize("launcher", [(), ("hydra/launcher=joblib", "hydra.launcher.n_jobs=2")])
def test_an_interruption_ends_the_whole_sweep(
    here: Path, launcher: tuple[str, ...], interrupt: Callable[[subprocess.Popen[str]], None]
) -> None:
    metadata = here / "catalog/add/metadata.json"
    metadata.write_text(metadata.read_text().replace('"timeout_s": 20', '"timeout_s": 300'))
    (here / "catalog/add/solution/add.py").write_text("import time\ntime.sleep(100)\n")
    began = time.monotonic()
    process = subprocess.Popen(
        [*RUN, "-m", *BASE, "agent=oracle", "seed=1,2,3", *launcher],
        cwd=here,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        env=_environment(),
        start_new_session=True,
    )
    while not list((here / "outputs").glob("sweeps/*/cells/*.json")):
        assert time.monotonic() - began < 30
        time.sleep(0.05)
    time.sleep(1.0)
    interrupt(process)
    _, stderr = process.communicate(timeout=90)
    assert process.returncode == 130
    assert stderr.splitlines()[-1] == "llmbench: interrupted; run the same command again to resume"
    assert set(matrix(here).values()) == {"interrupted"}
    deadline = time.monotonic() + 10
    while _left(here):  # joblib's own helper takes a moment to notice
        assert time.monotonic() < deadline
        time.sleep(0.1)


def test_sigterm_ends_a_run_like_ctrl_c(here: Path) -> None:
    (here / "catalog/add/solution/add.py").write_text("import time\ntime.sleep(100)\n")
    process = subprocess.Popen(
        [*RUN, *BASE, "agent=oracle"], cwd=here, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )
    deadline = time.monotonic() + 30
    while not list((here / "outputs").glob("quickstart/*/.lock")):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    process.terminate()
    _, stderr = process.communicate(timeout=90)
    assert process.returncode == 130
    assert stderr == "llmbench: interrupted; run the same command again to resume\n"


def _left(folder: Path) -> list[int]:
    """Processes of the sweep that outlived it: everything it started has its folder for current folder."""
    return [
        found.pid
        for found in psutil.process_iter(["cwd"])
        if found.info["cwd"] and Path(found.info["cwd"]).is_relative_to(folder)
    ]


def test_cells_that_share_a_server_run_one_after_the_other_and_load_it_once(here: Path) -> None:
    pytest.importorskip("xllamacpp", reason="needs llmbench[embedded]")
    words = ("-m", "seed=1,2", "backend.cache_prompt=true,false", "tasks=[leap]", "sandbox=local")
    swept = llmbench(here, *words, "model=demo", "model.trusted=true")
    assert swept.returncode == 0, swept.stdout + swept.stderr
    assert swept.stdout.count("loading demo.gguf") == 2
    assert swept.stdout.count("the server is warm") == 2
    (sweep,) = (here / "outputs/sweeps").iterdir()
    assert len(list((sweep / "servers").iterdir())) == 2


def test_swept_models_and_backends_change_least_often() -> None:
    given = ["seed=1,2", "+model.x=1", "backend=a,b", "tries=2", "model=c,d"]
    assert servers_first(given, ["seed", "backend", "model"]) == [
        "backend=a,b",
        "model=c,d",
        "seed=1,2",
        "+model.x=1",
        "tries=2",
    ]


@pytest.mark.parametrize(
    ("key", "first", "second"),
    [
        ("model.name", "a=b", "c=d"),
        ("model.name", "a#1", "b#2"),
        ("model.name", "моя", "твоя"),
        ("model.name", "qwen3:8b", "x:zap:y"),
        ("model.sources.default.repo", "/m/epoch=3.gguf", "/m/epoch=4.gguf"),
        ("tasks", "[add]", "[a=b,add]"),
    ],
)
def test_odd_values_of_a_sweep_are_cells_each(here: Path, key: str, first: str, second: str) -> None:
    ran = llmbench(here, "-m", *BASE, "agent=oracle", f"{key}={first},{second}")
    assert list(matrix(here)) == [first, second]
    rows = [
        line.split() for line in ran.stdout.splitlines() if line.startswith((f" {first} ", f" {second} "))
    ]
    assert [row[0] for row in rows] == [first, second], ran.stdout


def test_values_with_markup_are_shown_as_they_were_given(here: Path) -> None:
    values = ("[red]x", "[/b]y", "a,b", ":smile:")
    given = ",".join(f"'{value}'" for value in values)
    ran = llmbench(here, "-m", *BASE, "agent=oracle", f"model.name={given}")
    assert ran.returncode == 0, ran.stderr
    assert list(matrix_of(here)) == list(values)
    assert all(f"\n {value} " in ran.stdout for value in values)
    assert all(f"model.name={value} ──" in ran.stdout for value in values)
    [written] = here.glob("outputs/sweeps/*/MATRIX.md")
    assert r"| \[/b\]y | done |" in written.read_text()


def matrix_of(here: Path) -> list[str]:
    [path] = here.glob("outputs/sweeps/*/matrix.json")
    return [cell["overrides"]["model.name"] for cell in json.loads(path.read_text())["cells"]]


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ("model.name=4.10,4.1", "model.name: two values of the sweep are the same, 4.1; a text that"),
        ("seed=1,1", "seed: two values of the sweep are the same, 1\n"),
        ("model.name=a=b,", "can't be read"),
    ],
)
def test_a_sweep_that_would_shrink_is_refused(here: Path, words: str, reason: str) -> None:
    ran = llmbench(here, "-m", *BASE, "agent=oracle", words)
    assert ran.returncode == 2
    assert reason in ran.stderr
    assert not (here / "outputs").exists()


def test_cells_that_are_one_run_say_so(here: Path) -> None:
    ran = llmbench(here, "-m", *BASE, "agent=oracle", "graders=1,2")
    assert ran.returncode == 0, ran.stderr
    assert "(1) the same run as row 1\n" in ran.stdout
