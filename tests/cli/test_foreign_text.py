"""Text from outside is text: no markup, no emoji, and a name of any length has a folder."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

BASE = ("sandbox=local", "tasks=[leap]")
ODD = "[/b] [red]x[/red] :smile: x"
ANSWER = f"```python\ndef is_leap(year):\n    raise ValueError({ODD!r})\n```"


def llmbench(here: Path, *words: str, code: int = 0) -> str:
    ran = subprocess.run(
        [sys.executable, "-m", "llmbench", *words],
        cwd=here,
        env=os.environ | {"COLUMNS": "200"},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert "Traceback" not in ran.stderr, ran.stderr
    assert ran.returncode == code, ran.stdout + ran.stderr
    return ran.stdout + ran.stderr


@pytest.fixture
def answered(tmp_path: Path) -> Path:
    """A folder with a run whose model, answer and tests say odd things."""
    (tmp_path / "answers.jsonl").write_text(json.dumps({"task": "python/leap", "content": ANSWER}))
    words = ("backend=replay", "backend.path=answers.jsonl", "model=any", f"model.name='{ODD}'")
    told = llmbench(tmp_path, *words, "model.trusted=true", *BASE)
    assert ODD in told
    return tmp_path


def test_what_a_model_and_its_tests_say_is_shown_to_the_letter(answered: Path) -> None:
    assert ODD in llmbench(answered, "report")
    assert f"ValueError: {ODD}" in llmbench(answered, "show", "last", "leap")
    assert f"ValueError: {ODD}" in llmbench(answered, "show", "last", "leap", "--transcript")


@pytest.mark.parametrize("name", ["[/b]", ":smile:", "[red]x"])
def test_names_of_plugins_and_runs_are_shown_to_the_letter(tmp_path: Path, name: str) -> None:
    quoted = f"'{name}'"
    assert name in llmbench(tmp_path, "prepare", f"dataset.path={quoted}", code=2)
    assert name in llmbench(tmp_path, "doctor", f"model.name={quoted}", "agent=nop", "sandbox=local")
    told = llmbench(tmp_path, "agent=oracle", f"model.name={quoted}", f"output_root={quoted}", *BASE)
    assert f"{name} · llamacpp · oracle" in told
    assert f"{name}/quickstart/" in told
    assert name in llmbench(tmp_path, "report", name, "--root", name, code=2)
    preview = ("agent=prompt", "dry_run=true", f"agent.system={quoted}")
    assert f"\n{name}\n" in llmbench(tmp_path, *preview, *BASE)


@pytest.mark.parametrize("name", ["n" * 300, "a.b/" * 90, "я" * 300])
def test_a_long_name_of_a_model_is_cut_in_its_folder_alone(tmp_path: Path, name: str) -> None:
    words = ("agent=oracle", f"model.name={name}", *BASE)
    llmbench(tmp_path, *words)
    llmbench(tmp_path, *words, "seed=1")
    folders = list(tmp_path.glob("outputs/quickstart/*"))
    assert len({folder.name[-10:] for folder in folders}) == 2
    names = {json.loads((folder / "summary.json").read_text())["names"]["model"] for folder in folders}
    assert names == {name}
    assert "1 sample was made before" in llmbench(tmp_path, *words)


LONG = "n" * 300


@pytest.mark.parametrize(
    "words",
    [
        ("agent=oracle", f"dataset.path={LONG}"),
        ("agent=oracle", f"output_root={LONG}", *BASE),
        (f"--config-dir={LONG}",),
        ("report", LONG),
        ("show", LONG, "leap"),
        ("list", "runs", "--root", LONG),
        ("check", "tasks", LONG),
        ("new", "task", LONG),
        ("new", "model", LONG),
        ("new", "plugin", LONG),
    ],
    ids=lambda words: words[0],
)
def test_a_name_that_no_file_can_have_is_told_in_one_line(tmp_path: Path, words: tuple[str, ...]) -> None:
    told = llmbench(tmp_path, *words, code=2)
    assert told.startswith("llmbench: ")
    assert told.count("\n") == 1
    assert "no file can have so long a name" in told or "at most 100 characters" in told
    assert list(tmp_path.iterdir()) == []
